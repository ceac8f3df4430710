/** The one database of this page, opened at its start. */

import { Database } from "../state/database.ts";

let opened: Database | null = null;

export async function openDatabase(): Promise<Database> {
  opened ??= await Database.open();
  return opened;
}

/** Throws when asked for before `openDatabase` has answered. */
export function database(): Database {
  if (!opened) throw new Error("the database is not open yet");
  return opened;
}
