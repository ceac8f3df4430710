/** What went wrong with a request: an RFC 9457 problem, or that no answer came. */

import type { ProblemBody } from "./types.ts";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.title);
    this.body = body;
  }

  /** The stable part of the type: `alert-already-decided`. `offline` when no answer came. */
  get code(): string {
    return this.body.type.replace(/^.*\//, "");
  }

  get status(): number {
    return this.body.status;
  }

  get title(): string {
    return this.body.title;
  }

  get detail(): string {
    return this.body.detail ?? "";
  }

  get errors(): { where: string; what: string }[] {
    return this.body.errors ?? [];
  }

  /** Whether asking again later may work: no answer, or the server is not able just now. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static offline(detail = ""): Problem {
    return new Problem({ type: "/problems/offline", title: "offline", status: 0, detail });
  }

  static timeout(): Problem {
    return new Problem({ type: "/problems/timeout", title: "timeout", status: 0 });
  }

  static async from(response: Response): Promise<Problem> {
    const fallback: ProblemBody = {
      type: "/problems/unexpected",
      title: response.statusText,
      status: response.status,
    };
    try {
      const body: unknown = await response.json();
      return new Problem({ ...fallback, ...(body as Partial<ProblemBody>) });
    } catch {
      return new Problem(fallback);
    }
  }

  /** Whatever was thrown, as a problem; a programming error keeps its text for the console. */
  static of(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const detail = error instanceof Error ? error.message : String(error);
    return new Problem({ type: "/problems/unexpected", title: "", status: -1, detail });
  }
}
