/** The part of the address after '#': which page is open, or what a push message leads to. */

export type Page =
  | { page: "home" }
  | { page: "enrol"; code: string }
  | { page: "alert"; id: string }
  | { page: "guidance"; id: string }
  | { page: "film" | "cameras" | "more" | "limits" | "checks" };

const PAGES = ["film", "cameras", "more", "limits", "checks"] as const;

/** Both `#/enrol/CODE` and `#code=CODE` carry an enrolment code; unknown addresses lead home. */
export function pageOf(hash: string): Page {
  const code = /^#code=(.+)$/.exec(hash)?.[1];
  if (code) return { page: "enrol", code: decode(code) };
  const [page = "", id = ""] = hash.replace(/^#\/?/, "").split("/");
  if (page === "enrol") return { page: "enrol", code: decode(id) };
  if ((page === "alert" || page === "guidance") && id) return { page, id };
  const known = PAGES.find((name) => name === page);
  return known ? { page: known } : { page: "home" };
}

export function addressOf(page: Page): string {
  if (page.page === "home") return "#/";
  if (page.page === "enrol") return `#/enrol/${page.code}`;
  return "id" in page ? `#/${page.page}/${page.id}` : `#/${page.page}`;
}

/** As it is printed: groups of capitals, with what people type in between left out. */
export function tidyCode(text: string): string {
  return text.trim().toUpperCase().replace(/[\s_–—]+/g, "-");
}

function decode(text: string): string {
  try {
    return tidyCode(decodeURIComponent(text));
  } catch {
    return ""; // not something this installation printed
  }
}
