/** Where a time of day lies in a recorded stream: its pieces, and the holes between. Pure.
 *
 * HLS joins pieces without a hole in media time; PROGRAM-DATE-TIME says what time of day each is of.
 */

/** One unbroken piece. `from` and `to` in ms of the day, `start` in seconds of the media. */
export interface Piece {
  from: number;
  to: number;
  start: number;
}

/** What is needed of an HLS fragment; hls.js gives these, and corrects `start` as it loads. */
export interface Fragment {
  programDateTime: number | null;
  start: number;
  duration: number;
}

/** What a person does not see as a hole: the last picture stays. */
const BRIDGED_MS = 2_000;
/** Times of fragments that follow each other differ by a rounding. */
const ROUNDING_MS = 120;
/** Back from a hole, or from the end: so much before it, to be sure of a picture. */
const END_MS = 300;

/** `damaged`: the times of fragments that the disk does not give; there is no picture of them. */
export function piecesOf(
  fragments: readonly Fragment[],
  damaged: ReadonlySet<number> = new Set(),
): Piece[] {
  const pieces: Piece[] = [];
  for (const { programDateTime: from, start, duration } of fragments) {
    if (from === null || damaged.has(from)) continue;
    const to = from + duration * 1000;
    const last = pieces.at(-1);
    const joins =
      last !== undefined &&
      Math.abs(from - last.to) <= ROUNDING_MS &&
      Math.abs(from - last.from - (start - last.start) * 1000) <= ROUNDING_MS;
    if (joins) last.to = Math.max(last.to, to);
    else pieces.push({ from, to, start });
  }
  return pieces;
}

/** The second of the media that shows `at`; null when nothing was recorded then. */
export function mediaTimeAt(pieces: readonly Piece[], at: number): number | null {
  const piece = pieces.findLast(({ from }) => from <= at);
  if (!piece) return null;
  if (at < piece.to) return piece.start + (at - piece.from) / 1000;
  const next = pieces[pieces.indexOf(piece) + 1];
  const hole_ms = (next?.from ?? at) - piece.to;
  return hole_ms <= BRIDGED_MS ? lastPictureOf(piece) : null;
}

/** The time of day of a second of the media. */
export function timeOfMedia(pieces: readonly Piece[], media_s: number): number | null {
  const piece = pieces.findLast(({ start }) => start <= media_s + 0.001) ?? pieces[0];
  return piece ? piece.from + (media_s - piece.start) * 1000 : null;
}

/** The nearest recorded time after `at`, or before it; `at` itself when it is recorded. */
export function nearestRecorded(pieces: readonly Piece[], at: number, way: 1 | -1): number | null {
  const beyond =
    way === 1 ? pieces.find(({ from }) => from > at) : pieces.findLast(({ to }) => to <= at);
  if (mediaTimeAt(pieces, at) !== null && (way === 1 || beyond !== pieces.at(-1))) return at;
  if (!beyond) return null;
  return way === 1 ? beyond.from : Math.max(beyond.from, beyond.to - END_MS);
}

function lastPictureOf(piece: Piece): number {
  return piece.start + Math.max(0, piece.to - piece.from - ROUNDING_MS / 2) / 1000;
}
