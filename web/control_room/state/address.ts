/** What the address asks for: `#/map`, `#/administration/cameras`, `#/only/queue`, `#/screen/ID`. */

import { effect, signal } from "@preact/signals";
import { only, stage, type Stage } from "./store.ts";

const STAGES: readonly Stage[] = ["wall", "map", "board", "playback", "administration"];

/** The part of the address after `#/`, in pieces. */
export const address = signal<readonly string[]>([]);
export const section = signal<string>("cameras");

/** The token of a link that is good once, `/#link=TOKEN`; it never travels in a request's path. */
export function linkToken(): string | null {
  const [first = ""] = address.value;
  return first.startsWith("link=") ? decodeURIComponent(first.slice(5)) || null : null;
}

export function followAddress(): void {
  const read = (): void => {
    address.value = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean);
    const [first = "", second] = address.value;
    only.value = first === "only" ? ((second ?? null) as typeof only.value) : null;
    const named = (first === "only" ? address.value[2] : first) as Stage;
    if (STAGES.includes(named)) stage.value = named;
    if (named === "administration" && second && first !== "only") section.value = second;
  };
  read();
  addEventListener("hashchange", read);
  effect(() => {
    const now = stage.value === "administration" ? `administration/${section.value}` : stage.value;
    // A link's token, a lone region and a wall computer stay in the address as they were given.
    if (linkToken() || only.value || address.value[0] === "screen") return;
    if (location.hash !== `#/${now}`) history.replaceState(null, "", `#/${now}`);
  });
}
