// Keeps the page for bad connections and the looks of all pages; what people say is never kept here.
"use strict";
const KEPT = "laoxiang-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.add(new Request("/offline", { cache: "reload" }))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
  );
});

// Of each file the newest version alone.
async function keep(request, answer) {
  const cache = await caches.open(KEPT);
  const path = new URL(request.url).pathname;
  for (const known of await cache.keys()) {
    if (new URL(known.url).pathname === path && known.url !== request.url) await cache.delete(known);
  }
  await cache.put(request, answer);
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method === "GET" && request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/offline")));
  } else if (request.method === "GET" && new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(
      caches.match(request).then((kept) => kept || fetch(request).then((answer) => {
        if (answer.ok) event.waitUntil(keep(request, answer.clone()));
        return answer;
      }))
    );
  }
});
