/** A film that is brought to a trial: sent piece by piece, with what has gone so far. */

import { Problem } from "../../../../shared/problem.ts";
import type { Id } from "../../../../shared/types.ts";
import { api } from "../../../intents/api.ts";
import type { Trial } from "./api.ts";
import { words } from "./words.ts";

/** Of the file, 0 to 1; null: all of it has gone, and the server reads it. */
export type Sent = number | null;

/**
 * Sends the film of a trial, which begins then. Throws the problem that ended it, and nothing but
 * `signal`'s own reason when that was aborted. No fetch tells how much has gone.
 */
export function bringFilm(
  cameraId: Id,
  id: Id,
  film: File,
  onSent: (sent: Sent) => void,
  signal: AbortSignal,
): Promise<Trial> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const path = `/cameras/${cameraId}/trials/${id}/film`;
    request.open("PUT", api.base + path);
    for (const [name, value] of api.headers("PUT")) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded < total ? loaded / total : null);
    request.upload.onload = () => onSent(null);
    request.onload = () => {
      const said: unknown = request.response;
      if (request.status === 200) resolve(said as Trial);
      else reject(problemOf(request.status, request.statusText, said));
    };
    request.onerror = () => reject(Problem.offline());
    request.onabort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(film);
  });
}

function problemOf(status: number, title: string, said: unknown): Problem {
  const unexpected = { type: "/problems/unexpected", title, status };
  return inWords(new Problem({ ...unexpected, ...(said as Partial<Problem["body"]> | null) }));
}

const OURS = [
  "not-a-film",
  "no-pictures",
  "wrong-codec",
  "film-too-large",
  "your-trial-runs",
] as const;

/** What only this panel is told; the page's first load does without its words. */
export function inWords(problem: Problem): Problem {
  const code = OURS.find((one) => one === problem.code);
  return code ? new Problem({ ...problem.body, title: words(code) }) : problem;
}
