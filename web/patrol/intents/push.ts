/** Web Push: the address where this phone rings while the page is closed. */

import { Problem } from "../../shared/problem.ts";
import { credentials, duty } from "../state/store.ts";
import { api } from "./api.ts";

const ANSWER_WITHIN_MS = 10_000;

export type PushState =
  | "on"
  /** The server has the channel switched off; `reason` is its own. */
  | "server-off"
  /** This browser has none: iOS before it is on the home screen, or a private window. */
  | "browser-without"
  | "denied"
  | "not-asked"
  /** The browser's push service did not answer. */
  | "failed";

/** Subscribe, after the agent has allowed notifications. Throws `Problem` of the server. */
export async function subscribe(): Promise<PushState> {
  const key = duty.value.me?.vapid_public_key;
  if (!key || duty.value.me?.channels.web_push.on === false) return "server-off";
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return "browser-without";
  if (Notification.permission === "denied") return "denied";
  if (Notification.permission !== "granted") return "not-asked";
  let subscription: PushSubscription;
  try {
    const registration = await inTime(navigator.serviceWorker.ready);
    subscription = await inTime(subscribed(registration, bytesOf(key)));
  } catch {
    return "failed";
  }
  const { endpoint, keys } = subscription.toJSON();
  await api.put("/mobile/push-subscription", { channel: "web-push", endpoint, keys });
  return "on";
}

/** The address may have changed, or the server's key: say it again at each start. */
export async function renew(): Promise<void> {
  if (!credentials.value || !("Notification" in window)) return;
  if (Notification.permission !== "granted") return;
  await subscribe().catch((error) => {
    if (!Problem.of(error).isPassing) throw error;
  });
}

/** Have the server send one now; true when the service worker has shown it in time. */
export async function test(within_ms: number): Promise<boolean> {
  const heard = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => done(false), within_ms);
    const listener = ({ data }: MessageEvent<{ type?: string; kind?: string }>): void => {
      if (data.type === "pushed" && data.kind === "test") done(true);
    };
    const done = (came: boolean): void => {
      clearTimeout(timer);
      navigator.serviceWorker.removeEventListener("message", listener);
      resolve(came);
    };
    navigator.serviceWorker.addEventListener("message", listener);
  });
  await api.post("/mobile/push-subscription/test");
  return heard;
}

/** A browser without a push service may never answer. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const limit = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("no answer")), ANSWER_WITHIN_MS);
  });
  return await Promise.race([answer, limit]);
}

async function subscribed(
  registration: ServiceWorkerRegistration,
  key: Uint8Array<ArrayBuffer>,
): Promise<PushSubscription> {
  const known = await registration.pushManager.getSubscription();
  if (known && sameBytes(known.options.applicationServerKey, key)) return known;
  await known?.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  return await registration.pushManager.subscribe(options);
}

/** base64url, without padding, into bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function sameBytes(a: ArrayBuffer | null, b: Uint8Array): boolean {
  if (!a || a.byteLength !== b.byteLength) return false;
  return new Uint8Array(a).every((byte, i) => byte === b[i]);
}
