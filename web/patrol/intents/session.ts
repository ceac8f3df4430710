/** Who this phone is: its secrets, the live socket, and the kept copy a dead network leaves. */

import { effect } from "@preact/signals";
import { locale, setLocale } from "../../shared/i18n/index.ts";
import { LiveSocket } from "../../shared/live.ts";
import { Problem } from "../../shared/problem.ts";
import { keep } from "../../shared/store.ts";
import { setServerTime } from "../../shared/time.ts";
import type { DeviceMessage, DeviceSnapshot, Enrolled, MobileMe } from "../../shared/types.ts";
import { answered, EMPTY_DUTY, reduce } from "../state/duty.ts";
import { inOrder, waitingOf } from "../state/presses.ts";
import {
  credentials,
  duty,
  fixesWaiting,
  link,
  phase,
  presses,
  setUp,
  type Credentials,
} from "../state/store.ts";
import { api } from "./api.ts";
import { openDatabase } from "./keeping.ts";
import { goHome } from "./navigation.ts";
import { sendNow } from "./outbox.ts";
import { onRefusal } from "./refusal.ts";

const ASK_EVERY_MS = 30_000;

type KeptDuty = Pick<DeviceSnapshot, "me" | "alerts" | "intervention" | "guidance">;

let socket: LiveSocket<DeviceMessage> | null = null;
let looking = false;

/** Open what this phone keeps, and go on from there. */
export async function begin(): Promise<void> {
  onRefusal(() => void look());
  try {
    const database = await openDatabase();
    presses.value = inOrder(await database.presses());
    fixesWaiting.value = await database.countFixes();
    const known = await database.kept<Credentials>("credentials");
    const copy = await database.kept<KeptDuty>("duty");
    if (!known) {
      phase.value = { phase: "new" };
      return;
    }
    credentials.value = known;
    if (copy) duty.value = reduce(duty.value, { type: "snapshot", seq: 0, now: "", ...copy });
  } catch {
    phase.value = { phase: "no-storage" };
    return;
  }
  phase.value = { phase: "enrolled" };
  connect();
  void look();
}

/** Enrol with a one-time code; throws `Problem`. */
export async function enrol(code: string, pin: string): Promise<void> {
  const { token, osmand, ...me } = await api.post<Enrolled>("/mobile/enrolment", { code, pin });
  const mine: Credentials = { token, osmand, device_id: me.device.id };
  const database = await openDatabase();
  await database.clear();
  // Kept before anything else: the server shows it this once.
  await database.keep("credentials", mine);
  presses.value = [];
  fixesWaiting.value = 0;
  duty.value = answered(EMPTY_DUTY, { me });
  credentials.value = mine;
  setLocale(me.person.locale);
  setUp.value = false;
  keep("patrol.setUp", false);
  phase.value = { phase: "enrolled" };
  // The code is used up: it must not stay in the address.
  goHome();
  connect();
}

/** Keep the last known state, so that a page opened in a tunnel is not empty. */
export function keepDuty(): void {
  effect(() => {
    // For the service worker, which has no page to ask.
    const now = locale.value;
    void openDatabase().then((database) => database.keep("locale", now)).catch(() => {});
  });
  let timer = 0;
  effect(() => {
    const { known, me, alerts, intervention, guidance } = duty.value;
    if (!known || !me || phase.value.phase !== "enrolled") return;
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const copy: KeptDuty = {
        me,
        alerts: [...alerts.values()],
        intervention,
        guidance: [...guidance.values()],
      };
      void openDatabase().then((database) => database.keep("duty", copy)).catch(() => {});
    }, 500);
  });
}

/** Ask who this phone is; a refusal decides what the page shows. */
export async function look(): Promise<void> {
  if (looking || !credentials.value) return;
  looking = true;
  try {
    const me = await api.get<MobileMe>("/mobile/me");
    duty.value = answered(duty.value, { me });
    if (phase.value.phase !== "enrolled") {
      phase.value = { phase: "enrolled" };
      connect();
    }
  } catch (error) {
    const problem = Problem.of(error);
    if (problem.status === 401) await forget();
    else if (problem.status === 403) {
      phase.value = { phase: "not-allowed", problem };
      socket?.close();
      setTimeout(() => void look(), ASK_EVERY_MS);
    }
  } finally {
    looking = false;
  }
}

/** The phone is not enrolled any more: nothing of the service may stay on it. */
async function forget(): Promise<void> {
  const lost = waitingOf(presses.value, credentials.value?.device_id ?? null).length;
  socket?.close();
  credentials.value = null;
  presses.value = [];
  fixesWaiting.value = 0;
  duty.value = EMPTY_DUTY;
  phase.value = { phase: "revoked", lost };
  const database = await openDatabase();
  await database.clear();
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

/** A push message says that there is something new: the socket may not have noticed its own end. */
export function refresh(): void {
  socket?.refresh();
}

function connect(): void {
  socket?.close();
  socket = new LiveSocket<DeviceMessage>({
    protocols: () => ["ilotier.v1", `bearer.${credentials.value?.token ?? ""}`],
    onState: (state) => {
      link.value = state;
      if (state.phase === "open") sendNow();
      if (state.phase === "ended") void look();
    },
    onMessage: (message) => {
      if (message.type === "snapshot") setServerTime(message.now);
      duty.value = reduce(duty.value, message);
    },
  });
  socket.open();
}
