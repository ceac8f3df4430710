/** The live socket: a snapshot, then what changes. After any gap it asks for a snapshot anew. */

import type { ClosingReason } from "./types.ts";

/** The control room hears of health every 10 s; a socket silent for longer is asked to speak. */
const SILENT_AFTER_MS = 25_000;
const ANSWER_WITHIN_MS = 5_000;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 5_000;

export type LinkState =
  | { phase: "connecting" | "open" }
  | { phase: "lost"; since: number }
  | { phase: "ended"; reason: ClosingReason };

export interface LiveOptions<Message extends { type: string }> {
  onMessage: (message: Message) => void;
  onState: (state: LinkState) => void;
  /** Devices give `["ilotier.v1", "bearer.<token>"]`; pages have their cookie. */
  protocols?: () => string[];
  path?: string;
}

export class LiveSocket<Message extends { type: string }> {
  readonly #options: LiveOptions<Message>;
  #socket: WebSocket | null = null;
  #retry = 0;
  #silence = 0;
  #attempts = 0;
  #lostAt: number | null = null;
  #stopped = false;

  constructor(options: LiveOptions<Message>) {
    this.#options = options;
  }

  /** Connect, and again after each loss, until `close`. */
  open(): void {
    this.#stopped = false;
    addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#now);
    this.#connect();
  }

  close(): void {
    this.#stopped = true;
    removeEventListener("online", this.#now);
    document.removeEventListener("visibilitychange", this.#now);
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#socket?.close();
    this.#socket = null;
  }

  /** Ask for a fresh snapshot. */
  refresh(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: "snapshot" }));
    }
  }

  #connect(): void {
    clearTimeout(this.#retry);
    if (this.#lostAt === null) this.#options.onState({ phase: "connecting" });
    const url = new URL(this.#options.path ?? "/api/v1/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, this.#options.protocols?.() ?? []);
    this.#socket = socket;
    this.#listenFor(ANSWER_WITHIN_MS);
    socket.onmessage = (event: MessageEvent<string>): void => this.#onMessage(socket, event.data);
    socket.onclose = (): void => this.#onClose(socket);
  }

  #onMessage(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    const message = JSON.parse(text) as Message & { reason?: ClosingReason };
    this.#listenFor(SILENT_AFTER_MS);
    if (message.type === "snapshot") {
      this.#attempts = 0;
      this.#lostAt = null;
      this.#options.onState({ phase: "open" });
    }
    if (message.type === "closing" && ["revoked", "expired"].includes(message.reason ?? "")) {
      this.close();
      this.#options.onState({ phase: "ended", reason: message.reason as ClosingReason });
      return;
    }
    this.#options.onMessage(message);
  }

  #onClose(socket: WebSocket): void {
    if (socket !== this.#socket || this.#stopped) return;
    this.#socket = null;
    clearTimeout(this.#silence);
    this.#lostAt ??= Date.now();
    this.#options.onState({ phase: "lost", since: this.#lostAt });
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    // Jitter, so that a restarted server is not met by every page in the same instant.
    this.#retry = window.setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2));
  }

  /** A socket may be dead without saying so: ask, and if nothing comes, take another. */
  #listenFor(silence_ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      const socket = this.#socket;
      if (!socket) return;
      if (socket.readyState === WebSocket.OPEN && silence_ms !== ANSWER_WITHIN_MS) {
        this.refresh();
        this.#listenFor(ANSWER_WITHIN_MS);
        return;
      }
      this.#onClose(socket);
      socket.onclose = null;
      socket.close();
    }, silence_ms);
  }

  readonly #now = (): void => {
    if (document.visibilityState === "hidden" || this.#stopped) return;
    if (this.#socket === null) this.#connect();
    else this.refresh();
  };
}
