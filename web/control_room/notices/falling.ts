/** Cameras that lose their picture one after the other are said together, and sound once. Pure. */

const TOGETHER_MS = 10_000;

export class Falling {
  private fallen: string[] = [];
  private lastAt = -Infinity;

  /** All that have fallen with this one, itself the last. */
  add(id: string, atMs: number): readonly string[] {
    if (atMs - this.lastAt > TOGETHER_MS) this.fallen = [];
    this.lastAt = atMs;
    this.fallen = [...this.fallen.filter((one) => one !== id), id];
    return this.fallen;
  }
}
