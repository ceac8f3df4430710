/** The service worker: its start, its updates, what it says; and the offer to install the page. */

import { effect, signal } from "@preact/signals";
import { film } from "./film.ts";
import { refresh } from "./session.ts";
import { call, page, updateWaiting } from "../state/store.ts";
import { pageOf } from "../state/address.ts";

interface InstallPrompt extends Event {
  prompt: () => Promise<void>;
  userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

/** What the browser lets us ask, once it finds the page worth installing. */
export const installPrompt = signal<InstallPrompt | null>(null);
export const installed = signal(
  typeof matchMedia !== "undefined" && matchMedia("(display-mode: standalone)").matches,
);

const LOOK_EVERY_MS = 30 * 60_000;
let waitingWorker: ServiceWorker | null = null;

export function rememberInstallPrompt(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // asked at the right moment, by our own button
    installPrompt.value = event as InstallPrompt;
  });
  addEventListener("appinstalled", () => {
    installed.value = true;
    installPrompt.value = null;
  });
}

export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  navigator.serviceWorker.addEventListener("message", hear);
  try {
    const worker = await navigator.serviceWorker.register("/patrol/sw.js", { scope: "/patrol/" });
    watchFor(worker);
    setInterval(() => void worker.update().catch(() => {}), LOOK_EVERY_MS);
  } catch {
    // Without it the page works while there is a network; the checks page says that push is off.
  }
}

/** Take the new version: the page loads again with it. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  waitingWorker?.postMessage({ type: "take-over" });
}

/** Whether nothing is under way that a new version could disturb. */
export function mayUpdate(): boolean {
  return call.value === null && film.value === null;
}

function watchFor(registration: ServiceWorkerRegistration): void {
  const ready = signal<ServiceWorker | null>(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    next?.addEventListener("statechange", () => {
      // The first one of all has nothing to replace.
      if (next.state === "installed" && navigator.serviceWorker.controller) ready.value = next;
    });
  });
  effect(() => {
    waitingWorker = ready.value;
    updateWaiting.value = ready.value !== null && mayUpdate();
  });
}

function hear({ data }: MessageEvent<{ type?: string; url?: string }>): void {
  refresh();
  if (data.type !== "open" || !data.url) return;
  const { hash } = new URL(data.url, location.href);
  location.hash = hash;
  page.value = pageOf(hash);
}
