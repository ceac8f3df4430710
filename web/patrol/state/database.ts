/** What this phone keeps over a closed page: its secrets, its unsent presses and fixes (IndexedDB).
 *
 * Presses and fixes are written before anything is sent, and go away once the server has them.
 */

import { MOST_KEPT, type Fix } from "./fixes.ts";
import type { Press } from "./presses.ts";

const NAME = "ilotier-patrol"; // the service worker reads `kept` of it
const VERSION = 1;

type StoreName = "kept" | "presses" | "fixes";

export class Database {
  readonly #db: IDBDatabase;

  private constructor(db: IDBDatabase) {
    this.#db = db;
  }

  /** Throws `DOMException` where the browser keeps nothing (a private window may refuse). */
  static async open(): Promise<Database> {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = (): void => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("presses", { keyPath: "id" });
      const fixes = request.result.createObjectStore("fixes", { keyPath: "id" });
      fixes.createIndex("by_time", "fixed_at");
    };
    const db = await answerOf(request);
    // A newer page in another window may change the schema: it must not wait for this one.
    db.onversionchange = (): void => db.close();
    return new Database(db);
  }

  async kept<T>(name: string): Promise<T | null> {
    return ((await answerOf(this.#read("kept").get(name))) as T | undefined) ?? null;
  }

  async keep(name: string, value: unknown): Promise<void> {
    const [store, done] = this.#write("kept");
    store.put(value, name);
    await done;
  }

  presses(): Promise<Press[]> {
    return answerOf(this.#read("presses").getAll() as IDBRequest<Press[]>);
  }

  /** The presses as they are now; what is no longer in the list goes away. */
  async keepPresses(presses: readonly Press[]): Promise<void> {
    const [store, done] = this.#write("presses");
    store.clear();
    for (const press of presses) store.put(press);
    await done;
  }

  /** Keep a fix; the oldest go when there are more than a phone needs to keep. */
  async addFix(fix: Fix): Promise<number> {
    const [store, done] = this.#write("fixes");
    store.put(fix);
    const count = await answerOf(store.count());
    if (count > MOST_KEPT) {
      const oldest = await answerOf(store.index("by_time").openKeyCursor());
      if (oldest) store.delete(oldest.primaryKey);
    }
    await done;
    return Math.min(count, MOST_KEPT);
  }

  oldestFixes(limit: number): Promise<Fix[]> {
    const index = this.#read("fixes").index("by_time");
    return answerOf(index.getAll(undefined, limit) as IDBRequest<Fix[]>);
  }

  async removeFixes(ids: readonly string[]): Promise<number> {
    const [store, done] = this.#write("fixes");
    for (const id of ids) store.delete(id);
    const left = await answerOf(store.count());
    await done;
    return left;
  }

  countFixes(): Promise<number> {
    return answerOf(this.#read("fixes").count());
  }

  /** Forget everything: the phone is no longer enrolled. */
  async clear(): Promise<void> {
    for (const name of ["kept", "presses", "fixes"] as const) {
      const [store, done] = this.#write(name);
      store.clear();
      await done;
    }
  }

  #read(name: StoreName): IDBObjectStore {
    return this.#db.transaction(name, "readonly").objectStore(name);
  }

  #write(name: StoreName): [IDBObjectStore, Promise<void>] {
    const transaction = this.#db.transaction(name, "readwrite");
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = (): void => resolve();
      transaction.onabort = (): void => reject(transaction.error ?? new Error("not kept"));
    });
    return [transaction.objectStore(name), done];
  }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = (): void => resolve(request.result);
    request.onerror = (): void => reject(request.error ?? new Error("not read"));
  });
}
