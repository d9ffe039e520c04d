// Beside the pages: says so when the server is out of reach, and brings what was asked to be told.
// No page and no document is ever kept; the set of static files has a name of its own.

const SET = "{{ set }}";
const STATIC = "{{ static_url }}";
const KEPT = ["{% url 'offline' %}"{% for name in kept %}, "{{ name }}"{% endfor %}];
const [OFFLINE] = KEPT;

self.addEventListener("install", (event) => {
  const kept = caches.open(SET).then((cache) => cache.addAll(KEPT));
  event.waitUntil(kept.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(begin());
});

async function begin() {
  for (const name of await caches.keys()) {
    if (name !== SET) await caches.delete(name);
  }
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (request.mode === "navigate") {
    event.respondWith(fromServer(event));
  } else if (origin === location.origin && pathname.startsWith(STATIC)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

async function fromServer(event) {
  // A request begun beforehand may have been cut off: what is asked anew tells whether it was that.
  const early = await event.preloadResponse?.catch(() => undefined);
  try {
    return early ?? (await fetch(event.request));
  } catch {
    return caches.match(OFFLINE);
  }
}

// What is pushed says that something has come, and where; never what.
self.addEventListener("push", (event) => {
  const { title, words, url } = event.data.json();
  const icon = `${STATIC}ui/mark-192.png`;
  event.waitUntil(
    self.registration.showNotification(title, { body: words, tag: url, icon, data: { url } }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(go(event.notification.data.url));
});

async function go(url) {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) return self.clients.openWindow(url);
  await open.focus();
  return open.navigate(url);
}
