// Keeps one page for times without a connection: it holds no number, so that none can look live when it is not.
"use strict";
const SHELF = "tablo-offline", PAGE = "/me/offline", FILES = [PAGE, "/me/files/offline.js"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => { event.waitUntil(self.clients.claim()); });

// The page in the reader's present language, whenever the server is there anyway.
function renew() {
  return caches.open(SHELF).then((shelf) => shelf.add(PAGE)).catch(() => undefined);
}

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).then((answer) => {
      event.waitUntil(renew());
      return answer;
    }).catch(() => caches.match(PAGE)));
  } else if (path === "/me/files/offline.js") {
    event.respondWith(fetch(event.request).catch(() => caches.match(path)));
  }
});
