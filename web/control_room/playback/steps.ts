/** Steps that are asked for while a picture is on its way: made one after the other. Pure. */

/** A key that is let go stops soon, however slow the pictures come. */
const MOST_WAITING = 4;

export class Steps {
  readonly #step: (way: 1 | -1) => Promise<boolean>;
  /** How many, on or back. */
  #waiting = 0;
  #isOnItsWay = false;

  /** `step` shows the picture beside; false when there is none, or nobody wants it any more. */
  constructor(step: (way: 1 | -1) => Promise<boolean>) {
    this.#step = step;
  }

  ask(way: 1 | -1): void {
    const waiting = this.#waiting + way;
    this.#waiting = Math.max(-MOST_WAITING, Math.min(MOST_WAITING, waiting));
    if (!this.#isOnItsWay) void this.#run();
  }

  forget(): void {
    this.#waiting = 0;
  }

  async #run(): Promise<void> {
    this.#isOnItsWay = true;
    try {
      while (this.#waiting !== 0) {
        const way = this.#waiting > 0 ? 1 : -1;
        this.#waiting -= way;
        if (!(await this.#step(way))) this.forget();
      }
    } finally {
      this.#isOnItsWay = false;
    }
  }
}
