// The phone's service worker, by hand: the shell is kept, the API never is; push rings.
//
// The build writes this file to /patrol/sw.js with SHELL filled in from Vite's manifest
// (patrol/build_worker.ts), so that another build is another worker.

const SHELL = "__SHELL__"; // { version, files }
const CACHE = `ilotier-patrol-${SHELL.version}`;
const PAGE = "/patrol/";
const API = "/api/v1/mobile";

self.addEventListener("install", (event) => {
  // It then waits until the page says that nothing is under way.
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      cache.addAll(SHELL.files.map((url) => new Request(url, { cache: "reload" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("ilotier-patrol-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", ({ data }) => {
  if (data?.type === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const name = url.pathname === PAGE ? PAGE : SHELL.files.find((file) => file === url.pathname);
  if (!name) return; // the API, tiles and the console go their own way, uncached
  event.respondWith(fromShell(name, request));
});

async function fromShell(name, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(name)) ?? fetch(request);
}

// {"kind": "alert" | "guidance" | "test", "id": …, "at": …}: nothing about anybody.
self.addEventListener("push", (event) => {
  event.waitUntil(ring(read(event.data)));
});

function read(data) {
  try {
    return { kind: "alert", id: "", ...data?.json() };
  } catch {
    return { kind: "alert", id: "" }; // a message nobody can read still rings
  }
}

async function ring({ kind, id }) {
  const { title, body } = await wordsFor(kind);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  await self.registration.showNotification(title, {
    body,
    tag: id || kind, // the same alert rings again, and stays one notification
    renotify: true,
    requireInteraction: kind !== "test",
    vibrate: kind === "alert" ? [300, 120, 300, 120, 600] : [250],
    icon: "/patrol/icons/icon-192.png",
    badge: "/patrol/icons/badge-96.png",
    data: { kind, id },
  });
  for (const page of pages) page.postMessage({ type: "pushed", kind, id });
  await sayArrival(kind, id).catch(() => {}); // the page says it too, once it opens
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { kind, id } = event.notification.data ?? {};
  const url = id && kind !== "test" ? `${PAGE}#/${kind}/${id}` : PAGE;
  event.waitUntil(open(url));
});

async function open(url) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find((client) => new URL(client.url).pathname === PAGE);
  if (!page) return self.clients.openWindow(url);
  page.postMessage({ type: "open", url });
  return page.focus();
}

/** 'Arrived on the phone', said even while the page is closed. */
async function sayArrival(kind, id) {
  const token = (await kept("credentials"))?.token;
  if (!token || !id || kind === "test") return;
  const path = kind === "alert" ? "alerts" : "guidance";
  const headers = { Authorization: `Bearer ${token}` };
  await fetch(`${API}/${path}/${id}/arrival`, { method: "POST", headers });
}

async function wordsFor(kind) {
  const isEnglish = (await kept("locale")) === "en";
  const words = {
    alert: ["Nouvelle alerte", "Touchez pour répondre", "New alert", "Touch to answer"],
    guidance: ["Message du poste", "Touchez pour lire", "Message from the post", "Touch to read"],
    test: ["Essai", "Les notifications fonctionnent", "Test", "Notifications work"],
  };
  const said = words[kind] ?? words.alert;
  const [title, body] = isEnglish ? said.slice(2) : said;
  return { title, body };
}

/** What the page keeps under this name (patrol/state/database.ts). */
function kept(name) {
  return new Promise((resolve) => {
    const request = indexedDB.open("ilotier-patrol");
    request.onupgradeneeded = () => request.transaction.abort(); // no page was here yet
    request.onerror = () => resolve(null);
    request.onsuccess = () => {
      const read = request.result.transaction("kept").objectStore("kept").get(name);
      read.onsuccess = () => resolve(read.result ?? null);
      read.onerror = () => resolve(null);
      read.transaction.oncomplete = () => request.result.close();
    };
  });
}
