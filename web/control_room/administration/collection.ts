/** Things an administrator keeps: loaded once a section is opened, changed by what answers bring. */

import { signal, type Signal } from "@preact/signals";
import { Problem } from "../../shared/problem.ts";
import type { Id, Instant, Point, Polygon, Role, Permission, EventKind, Unit } from "../../shared/types.ts";
import { api } from "../intents/api.ts";
import type { Announcement } from "../talk/announcements.ts";

export type Loaded<T> =
  | { phase: "unasked" | "loading" }
  | { phase: "here"; things: readonly T[] }
  | { phase: "failed"; problem: Problem };

export class Collection<T extends { id: Id }> {
  readonly state: Signal<Loaded<T>> = signal<Loaded<T>>({ phase: "unasked" });
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  get things(): readonly T[] {
    return this.state.value.phase === "here" ? this.state.value.things : [];
  }

  find(id: Id | null): T | undefined {
    return this.things.find((one) => one.id === id);
  }

  /** What is shown stays while it is asked for anew. */
  async load(): Promise<void> {
    if (this.state.peek().phase !== "here") this.state.value = { phase: "loading" };
    try {
      this.state.value = { phase: "here", things: await api.get<T[]>(this.#path) };
    } catch (error) {
      this.state.value = { phase: "failed", problem: Problem.of(error) };
    }
  }

  async add(body: object): Promise<T> {
    return this.put(await api.post<T>(this.#path, body));
  }

  async change(id: Id, body: object): Promise<T> {
    return this.put(await api.patch<T>(`${this.#path}/${id}`, body));
  }

  put(thing: T): T {
    const others = this.things.filter(({ id }) => id !== thing.id);
    const at = this.things.findIndex(({ id }) => id === thing.id);
    const things = at === -1 ? [...others, thing] : this.things.with(at, thing);
    this.state.value = { phase: "here", things };
    return thing;
  }
}

export interface Order {
  id: Id;
  commune_id: Id;
  number: string;
  starts_at: Instant;
  ends_at: Instant;
  perimeter: Polygon | null;
  fictive: boolean;
  ending: boolean;
}

export interface Device {
  id: Id;
  commune_id: Id;
  name: string;
  kind: "phone" | "body-camera";
  person_id: Id;
  enrolled_at: Instant | null;
  revoked_at: Instant | null;
  seen_at: Instant | null;
  push: "web-push" | "firebase" | null;
}

export interface Habilitation {
  id: Id;
  commune_id: Id;
  role: Role;
  act_reference: string;
  starts_at: Instant;
  ends_at: Instant | null;
  revoked_at: Instant | null;
}

export interface Person {
  id: Id;
  name: string;
  sign_in: string;
  locale: "fr" | "en";
  disabled_at: Instant | null;
  habilitations: Habilitation[];
}

export interface Commune {
  id: Id;
  name: string;
  centre: Point;
  profile: string;
  timezone: string;
  false_alerts_per_day: number;
}

export interface Convention {
  id: Id;
  owner_id: Id;
  guest_id: Id;
  permissions: Permission[];
  act_reference: string;
  starts_at: Instant;
  ends_at: Instant;
}

export interface Authorisation {
  id: Id;
  commune_id: Id;
  profile: "france" | "closed-site" | "demonstration";
  law: string;
  authority: string;
  act_reference: string;
  act_date: string | null;
  purpose: string;
  place: string;
  assessment: string;
  kinds: EventKind[];
  camera_ids: Id[];
  sensor_ids: Id[];
  starts_at: Instant;
  ends_at: Instant;
  daily_from: string | null;
  daily_until: string | null;
  recorded_at: Instant;
  recorded_by: { id: Id; name: string } | null;
  revoked_at: Instant | null;
  in_force: boolean;
}

export const announcements = new Collection<Announcement>("/announcements");
export const orders = new Collection<Order>("/orders");
export const devices = new Collection<Device>("/devices");
export const people = new Collection<Person>("/people");
export const keptUnits = new Collection<Unit>("/units");
export const communes = new Collection<Commune>("/communes");
export const authorisations = new Collection<Authorisation>("/authorisations");
