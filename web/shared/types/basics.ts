/** What everything else is made of: identifiers, instants, places, names. */

export type Id = string;

/** RFC 3339, UTC. */
export type Instant = string;

export interface Point {
  type: "Point";
  /** Longitude and latitude, WGS 84 degrees. */
  coordinates: [number, number];
}

export interface Polygon {
  type: "Polygon";
  coordinates: [number, number][][];
}

export type Locale = "fr" | "en";

export interface Named {
  id: Id;
  name: string;
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  request_id?: string;
  errors?: { where: string; what: string }[];
  [extra: string]: unknown;
}
