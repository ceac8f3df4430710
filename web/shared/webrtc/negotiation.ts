/** What WHIP (RFC 9725) and WHEP have in common: an offer by POST, candidates by PATCH, DELETE. */

import type { Fetch } from "../api.ts";
import { Problem } from "../problem.ts";

/** Host candidates are there within milliseconds; the others follow by PATCH. */
const FIRST_CANDIDATES_WITHIN_MS = 200;
const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";

/** Servers named by `Link: …; rel="ice-server"`, kept for all connections; null: not asked yet. */
let iceServers: RTCIceServer[] | null = null;

export function newConnection(): RTCPeerConnection {
  return new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: iceServers ?? [] });
}

/** A browser gathers before it offers: the first connection of a page asks for servers first. */
async function learnIceServers(connection: RTCPeerConnection, options: Negotiation): Promise<void> {
  if (iceServers !== null) return;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(3_000)]);
  try {
    const response = await options.fetch(options.path, { method: "OPTIONS", signal });
    if (!response.ok) return; // Whoever may not be told is told why by the offer's answer.
    iceServers = iceServersOf(response.headers.get("Link")) ?? [];
  } catch {
    options.signal.throwIfAborted();
    return; // The offer says what is wrong, or works without.
  }
  connection.setConfiguration({ ...connection.getConfiguration(), iceServers });
}

/** One session at the server. It is made by `negotiate` and ended by `end`. */
export class Session {
  readonly location: string;
  readonly #fetch: Fetch;
  readonly #etag: string | null;
  readonly #over = new AbortController();

  constructor(fetch: Fetch, location: string, etag: string | null) {
    this.#fetch = fetch;
    this.location = location;
    this.#etag = etag;
  }

  /** The last part of the location: the identifier of the viewing or of the stream. */
  get id(): string {
    return this.location.split("?")[0]?.split("/").pop() ?? "";
  }

  /** Send a candidate that was found after the offer. A lost one costs a path, not the session. */
  async trickle(local: RTCSessionDescription, candidates: RTCIceCandidate[]): Promise<void> {
    const body = sdpFragment(local.sdp, candidates);
    if (body === null || this.#over.signal.aborted) return;
    const headers: Record<string, string> = { "Content-Type": FRAGMENT };
    if (this.#etag) headers["If-Match"] = this.#etag;
    try {
      const { signal } = this.#over;
      await this.#fetch(this.location, { method: "PATCH", headers, body, signal });
    } catch {
      // The connection's own state tells whether what was lost was needed.
    }
  }

  async end(): Promise<void> {
    this.#over.abort(); // a candidate for what is over would only be refused
    try {
      await this.#fetch(this.location, { method: "DELETE", keepalive: true });
    } catch {
      // The server notices by itself when consent is no longer renewed (RFC 7675).
    }
  }
}

export interface Negotiation {
  readonly fetch: Fetch;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Offer what `connection` has, take the answer, and go on sending candidates. */
export async function negotiate(
  connection: RTCPeerConnection,
  options: Negotiation,
): Promise<Session> {
  await learnIceServers(connection, options);
  const late: RTCIceCandidate[] = [];
  let session: Session | null = null;
  connection.onicecandidate = ({ candidate }): void => {
    if (!candidate?.candidate) return;
    const local = connection.localDescription;
    if (session && local) void session.trickle(local, [candidate]);
    else late.push(candidate);
  };
  await connection.setLocalDescription();
  await gathered(connection, FIRST_CANDIDATES_WITHIN_MS);
  const offered = connection.localDescription?.sdp ?? "";
  const response = await options.fetch(options.path, {
    method: "POST",
    headers: { "Content-Type": SDP, Accept: SDP },
    body: offered,
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(10_000)]),
  });
  if (response.status !== 201) throw await Problem.from(response);
  iceServers = iceServersOf(response.headers.get("Link")) ?? iceServers;
  session = new Session(
    options.fetch,
    pathHere(response.headers.get("Location") ?? "", location.origin),
    response.headers.get("ETag"),
  );
  try {
    const answer = await response.text();
    options.signal.throwIfAborted();
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
  } catch (error) {
    await session.end();
    throw error;
  }
  const missed = late.filter(({ candidate }) => !offered.includes(candidate));
  if (missed.length > 0 && connection.localDescription) {
    void session.trickle(connection.localDescription, missed);
  }
  return session;
}

/**
 * The path of an address on this page's own server. An answer that came from a media process of
 * another host (after a 307) leads back here by its whole address.
 */
export function pathHere(address: string, origin: string): string {
  return address.startsWith(`${origin}/`) ? address.slice(origin.length) : address;
}

/** The body of a PATCH (RFC 8840, section 9); null when the description names no ICE user. */
export function sdpFragment(
  sdp: string,
  candidates: Pick<RTCIceCandidate, "candidate" | "sdpMid">[],
): string | null {
  const line = (start: string): string | undefined =>
    sdp.split(/\r?\n/).find((text) => text.startsWith(start));
  const user = line("a=ice-ufrag:");
  const password = line("a=ice-pwd:");
  if (!user || !password) return null;
  const media = line("m=") ?? "m=video 9 UDP/TLS/RTP/SAVPF 0";
  const mid = candidates[0]?.sdpMid ?? "0";
  const found = candidates.map(({ candidate }) => `a=${candidate.replace(/^a=/, "")}`);
  return `${[user, password, media, `a=mid:${mid}`, ...found].join("\r\n")}\r\n`;
}

/** Read `Link` headers of the kind RFC 9725 (section 4.6) describes; null when there are none. */
export function iceServersOf(link: string | null): RTCIceServer[] | null {
  if (!link) return null;
  const servers = [...link.matchAll(/<([^>]+)>((?:\s*;\s*[\w-]+="[^"]*")*)/g)]
    .filter(([, , parameters]) => parameters?.includes('rel="ice-server"'))
    .map(([, url, parameters = ""]): RTCIceServer => {
      const read = (name: string): string | undefined =>
        new RegExp(`${name}="([^"]*)"`).exec(parameters)?.[1];
      const username = read("username");
      const credential = read("credential");
      return { urls: url as string, ...(username && credential ? { username, credential } : {}) };
    });
  return servers.length > 0 ? servers : null;
}

async function gathered(connection: RTCPeerConnection, limit_ms: number): Promise<void> {
  if (connection.iceGatheringState === "complete") return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, limit_ms);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Wait `ms`, or less when `signal` is aborted or `sooner` is called. */
export class Pause {
  #wake: (() => void) | null = null;

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", this.#wake, { once: true });
    });
    this.#wake = null;
  }

  sooner(): void {
    this.#wake?.();
  }
}

const LONGEST_RETRY_MS = 8_000;

/** How long to wait before the `attempt`th try (0 is the first), with jitter. */
export function retryAfterMs(attempt: number): number {
  return Math.min(LONGEST_RETRY_MS, 500 * 2 ** attempt) * (0.75 + Math.random() / 4);
}
