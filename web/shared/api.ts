/** The one way to the server: `/api/v1`, with the page's CSRF token or the device's bearer. */

import { Problem } from "./problem.ts";

const ANSWER_WITHIN_MS = 15_000;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export interface Credentials {
  /** A page's session is a cookie; unsafe methods then carry this token. */
  csrf?: () => string | null;
  /** A device's token. */
  bearer?: () => string | null;
}

/** Sends a request and gives the answer whatever its status; throws `Problem` when none came. */
export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

export class Api {
  readonly base: string;
  readonly #credentials: Credentials;
  readonly #onUnauthenticated: () => void;

  constructor(options: Credentials & { base?: string; onUnauthenticated?: () => void }) {
    this.base = options.base ?? "/api/v1";
    this.#credentials = options;
    this.#onUnauthenticated = options.onUnauthenticated ?? ((): void => {});
  }

  readonly fetch: Fetch = async (path, init = {}) => {
    const headers = this.headers(init.method ?? "GET", init.headers);
    const signal = init.signal ?? AbortSignal.timeout(ANSWER_WITHIN_MS);
    const url = path.startsWith("/api/") ? path : this.base + path;
    try {
      return await fetch(url, { ...init, headers, signal, credentials: "same-origin" });
    } catch (error) {
      if (error instanceof DOMException && error.name === "TimeoutError") throw Problem.timeout();
      throw Problem.offline(String(error));
    }
  };

  /** With who asks; for what no `fetch` can do. */
  headers(method: string, more?: HeadersInit): Headers {
    const headers = new Headers(more);
    const csrf = this.#credentials.csrf?.();
    const bearer = this.#credentials.bearer?.();
    if (csrf && !SAFE.has(method)) headers.set("X-CSRF-Token", csrf);
    if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
    return headers;
  }

  get = <T>(path: string, init?: RequestInit): Promise<T> => this.#json<T>("GET", path, init);
  post = <T>(path: string, body?: unknown): Promise<T> => this.#json<T>("POST", path, {}, body);
  put = <T>(path: string, body?: unknown): Promise<T> => this.#json<T>("PUT", path, {}, body);
  patch = <T>(path: string, body?: unknown): Promise<T> => this.#json<T>("PATCH", path, {}, body);
  delete = <T>(path: string): Promise<T> => this.#json<T>("DELETE", path);

  async #json<T>(method: string, path: string, init?: RequestInit, body?: unknown): Promise<T> {
    const response = await this.fetch(path, {
      ...init,
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
    if (!response.ok) {
      const problem = await Problem.from(response);
      if (problem.status === 401 && problem.code !== "wrong-sign-in") this.#onUnauthenticated();
      throw problem;
    }
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}

/** `?a=1&b=2` of what is given; empty when nothing is. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}
