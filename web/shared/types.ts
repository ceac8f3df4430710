/** What the API says: the objects of `/api/v1` as they travel, in the trade's words. */

export * from "./types/basics.ts";
export * from "./types/people.ts";
export * from "./types/alerts.ts";
export * from "./types/units.ts";
export * from "./types/pictures.ts";
export * from "./types/mobile.ts";
export * from "./types/recordings.ts";
export * from "./types/live.ts";
