/** Coming in, staying, leaving: sign-in, links that are good once, the live socket. */

import { effect } from "@preact/signals";
import { setLocale } from "../../shared/i18n/index.ts";
import { LiveSocket } from "../../shared/live.ts";
import { Problem } from "../../shared/problem.ts";
import { serverNow } from "../../shared/time.ts";
import type { LiveMessage, Locale, Me, Point } from "../../shared/types.ts";
import { apply, endedBecause, forgetRoom, link, me } from "../state/store.ts";
import { api } from "./api.ts";

export interface LinkInfo {
  purpose: "first-administrator" | "password";
  name?: string | null;
  expires_at: string;
}

/** Ask who is signed in; no answer at all is tried again, since the server may be starting. */
export async function whoAmI(): Promise<void> {
  try {
    enter(await api.get<Me>("/me"));
  } catch (error) {
    const problem = Problem.of(error);
    if (problem.status === 401 || problem.status === 403) {
      me.value = null;
      return;
    }
    link.value = { phase: "lost", since: Date.now() };
    setTimeout(() => void whoAmI(), 2_000);
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await api.post<Me>("/sign-in", { sign_in: name, password, kind: "page" }));
}

export async function signOut(): Promise<void> {
  // Whoever leaves sees nothing more; but a session that goes on must not be called ended.
  const heard = await api.post("/sign-out").then(
    () => true,
    (error: unknown) => Problem.of(error).status === 401,
  );
  endedBecause.value = heard ? "left" : "unheard";
  me.value = null;
}

export const readLink = (token: string): Promise<LinkInfo> =>
  api.get<LinkInfo>(`/links/${encodeURIComponent(token)}`);

export async function useLink(
  token: string,
  answer: {
    password: string;
    sign_in?: string;
    name?: string;
    commune?: { name: string; centre: Point };
  },
): Promise<void> {
  const person = await api.post<Me>(`/links/${encodeURIComponent(token)}`, answer);
  location.hash = "";
  enter(person);
}

export const changePassword = (current: string, next: string): Promise<void> =>
  api.put<void>("/me/password", { current, new: next });

export function chooseLocale(locale: Locale): void {
  setLocale(locale);
  if (me.peek()) void api.put("/me/locale", { locale }).catch(() => undefined);
}

/** Ask again what this person may do: what it follows from has changed. */
export async function readRights(): Promise<void> {
  enter(await api.get<Me>("/me"));
}

function enter(person: Me): void {
  setLocale(person.person.locale);
  endedBecause.value = null;
  me.value = person;
}

/** Whether this person has anything to do in the control room at all. */
export function belongsHere(person: Me): boolean {
  return person.communes.some(({ permissions }) => permissions.some((one) => one !== "patrol"));
}

/** Follow the room while somebody is signed in; nothing of it stays when he leaves. */
export function followLive(): () => void {
  let socket: LiveSocket<LiveMessage> | null = null;
  let whose: string | null = null;
  return effect(() => {
    const person = me.value;
    const id = person && belongsHere(person) ? person.person.id : null;
    if (id === whose) return;
    whose = id;
    socket?.close();
    socket = null;
    if (id === null) {
      forgetRoom();
      return;
    }
    socket = new LiveSocket<LiveMessage>({
      onMessage: apply,
      onState: (state) => {
        link.value = state;
        if (state.phase === "ended") {
          endedBecause.value = state.reason === "revoked" ? "revoked" : "expired";
          me.value = null;
        }
        // A refused socket closes without a word: ask whether the session still stands.
        if (state.phase === "lost") void confirmSession();
      },
    });
    socket.open();
  });
}

let asked = 0;

async function confirmSession(): Promise<void> {
  if (Date.now() - asked < 5_000) return;
  asked = Date.now();
  await api.get("/me").catch(() => undefined); // a 401 leads to the sign-in page by itself
}

/** End the page's session when its time is over, not at the next refused press. */
export function watchExpiry(): () => void {
  const timer = setInterval(() => {
    const person = me.peek();
    if (person && Date.parse(person.expires_at) <= serverNow()) void whoAmI();
  }, 5_000);
  return () => clearInterval(timer);
}
