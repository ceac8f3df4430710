/** Who is signed in, what he may, and the communes he works for. */

import type { Id, Instant, Locale, Named, Point } from "./basics.ts";

export const ROLES = [
  "agent",
  "responder",
  "operator",
  "dispatcher",
  "supervisor",
  "auditor",
  "administrator",
] as const;

export type Role = (typeof ROLES)[number];

export type Permission =
  | "view-cameras"
  | "view-patrol-streams"
  | "see-alerts"
  | "raise-alerts"
  | "decide-alerts"
  | "send-alerts"
  | "see-units"
  | "guide-units"
  | "manage-interventions"
  | "patrol"
  | "see-on-patrol"
  | "read-setup"
  | "manage-cameras"
  | "manage-zones"
  | "move-cameras"
  | "speak-through-cameras"
  | "manage-announcements"
  | "manage-masks"
  | "manage-devices"
  | "manage-units"
  | "manage-people"
  | "manage-commune"
  | "record-authorisations"
  | "lift-suspensions"
  | "read-register"
  | "view-recordings"
  | "hold-recordings"
  | "export-recordings";

export interface MyCommune extends Named {
  centre: Point;
  profile: string;
  timezone: string;
  permissions: Permission[];
}

export interface Me {
  person: { id: Id; name: string; sign_in: string; locale: Locale };
  roles: { commune: Named; role: Role; ends_at: Instant | null }[];
  communes: MyCommune[];
  csrf_token: string;
  expires_at: Instant;
}
