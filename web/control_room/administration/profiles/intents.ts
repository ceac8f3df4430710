/** The legal profiles that there are, and the one that a commune is under. */

import type { EventKind, Id, Instant, Permission } from "../../../shared/types.ts";
import { api } from "../../intents/api.ts";
import { readRights } from "../../intents/session.ts";
import { authorisations, communes, type Commune } from "../collection.ts";

export type ProfileName = "france" | "closed-site" | "demonstration";

export interface LegalProfile {
  name: ProfileName;
  version: number;
  dated: string;
  basis: string;
  /** What an act states beside purpose, cameras, kinds and dates. */
  states: ("law" | "act_reference" | "act_date" | "authority" | "place" | "assessment")[];
  kinds: EventKind[];
  place_kinds: ("public-road" | "closed-to-public")[];
  is_fictional: boolean;
  /** What acts rest on in a commune under it. */
  acts: ProfileName[];
  /** Null: no commune is under it. */
  chosen_for_commune: Permission | null;
  chosen_for_act: Permission;
}

/** Under which a commune was from then on; the first has no reason. */
export interface ProfileSince {
  profile: ProfileName;
  since: Instant;
  reason: string;
}

export const legalProfiles = (): Promise<LegalProfile[]> => api.get("/profiles");

export const profilesOf = (commune: Id): Promise<ProfileSince[]> => api.get(`/communes/${commune}/profile`);

/** What the problem `acts-would-end` says of the acts that a profile refuses: the first, and how many. */
export interface Ending {
  acts: readonly Id[];
  count: number;
  /** Stands for all of them. */
  ending: string;
}

/** `ending`: of the acts that the profile refuses; empty for none. */
export async function putProfile(
  commune: Id,
  said: { profile: ProfileName; reason: string; ending: string },
): Promise<void> {
  communes.put(await api.put<Commune>(`/communes/${commune}/profile`, said));
  // What may be done follows from it, and acts have ended.
  await Promise.all([readRights(), authorisations.load()]);
}
