// What the chat page does on top of what it can without: answers come in as they are ready, nothing is reloaded.
(() => {
  "use strict";
  const talk = document.getElementById("talk");
  const working = document.getElementById("working");
  const said = document.getElementById("said");
  const form = document.getElementById("say");
  const box = document.getElementById("text");
  const chosen = document.getElementById("chosen");
  const picker = form.elements.file;
  const AGAIN_MS = 4000;
  const LARGEST = 20_000_000; // bytes, as the server has it
  let stream = null;
  let last = Number(talk.dataset.last);

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function listen() {
    if (stream) return;
    stream = new EventSource(`/chat/events?after=${last}`);
    stream.addEventListener("line", (event) => show(event.data, event.lastEventId));
    stream.addEventListener("working", () => { working.hidden = false; });
    stream.addEventListener("cleared", () => { talk.replaceChildren(); said.textContent = ""; });
    stream.addEventListener("gone", (event) => {
      document.getElementById(`line-${JSON.parse(event.data)}`)?.remove();
    });
    stream.addEventListener("error", () => {
      // The browser tries again by itself unless the server said no for good.
      if (stream.readyState !== EventSource.CLOSED) return;
      stream = null;
      window.setTimeout(async () => {
        if (document.hidden || stream) return;
        await catchUp();
        if (talk.dataset.stream) listen();
      }, AGAIN_MS);
    });
  }

  // Where no news is told, because too many pages are open here or the conversation ended, the page itself tells it.
  async function catchUp() {
    const answer = await fetch("/", { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("talk");
    if (!fresh) return;
    talk.dataset.stream = fresh.dataset.stream;
    if (Number(fresh.dataset.last) === last) return;
    last = Number(fresh.dataset.last);
    document.querySelector(".welcome")?.remove();
    talk.replaceChildren(...fresh.children);
    const newest = talk.lastElementChild;
    working.hidden = !newest?.classList.contains("turn--mine");
    newest?.scrollIntoView({ block: "start" });
  }

  function show(html, number) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const turn = template.content.querySelector(".turn");
    if (!turn) return;
    last = Math.max(last, Number(number) || 0);
    const before = document.getElementById(turn.id);
    if (before) {
      const kept = document.activeElement?.value;
      before.replaceWith(turn);
      // Whoever ticks boxes by keyboard stays where they were.
      if (kept) turn.querySelector(`button[value="${CSS.escape(kept)}"]`)?.focus();
      return;
    }
    const focused = document.activeElement;
    document.querySelector(".welcome")?.remove();
    document.getElementById("manage")?.removeAttribute("hidden");
    const mine = turn.classList.contains("turn--mine");
    if (mine) passed();
    turn.classList.add("turn--new");
    talk.append(turn);
    working.hidden = !mine;
    if (!mine) {
      const words = turn.querySelector(".turn__body").cloneNode(true);
      words.querySelectorAll(".choices, .take-along, .quote__foot").forEach((part) => part.remove());
      said.textContent = words.textContent.replace(/\s+/g, " ").trim();
    }
    // Whoever pressed by keyboard goes on from what came of it: the button pressed is gone.
    if (!focused?.isConnected || focused.classList.contains("turn--mine")) {
      turn.tabIndex = -1;
      turn.focus({ preventScroll: true });
    }
    turn.scrollIntoView({ block: mine || turn.offsetHeight < window.innerHeight * 0.6 ? "end" : "start" });
  }

  // Buttons of older replies no longer mean anything, but for those that show the rest of an answer.
  function passed() {
    for (const button of talk.querySelectorAll(".choice")) {
      if (!/^go:(more|calendar)/.test(button.value)) button.remove();
    }
    for (const part of talk.querySelectorAll(".choices__row, .choices")) {
      if (!part.querySelector("button")) part.remove();
    }
  }

  async function post(target, body) {
    const answer = await fetch(target, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) { talk.dataset.stream = "open"; listen(); return null; }
    const told = await answer.json().catch(() => null);
    // Whoever stands before us may refuse by a page of its own.
    const words = told?.error?.message || (answer.status === 413 ? talk.dataset.large : talk.dataset.failed);
    return { words, file: answer.status === 409 || answer.status === 413 };
  }

  function tell(words) {
    working.hidden = true;
    document.querySelector(".notice--told")?.remove();
    if (!words) return;
    const notice = document.createElement("div");
    notice.className = "notice notice--care notice--told";
    notice.setAttribute("role", "alert");
    notice.textContent = words;
    talk.after(notice);
    notice.scrollIntoView({ block: "end" });
  }

  async function send(target, body, givenBack) {
    tell("");
    working.hidden = false;
    let problem;
    try {
      problem = await post(target, body);
    } catch {
      problem = { words: talk.dataset.away, file: false };
    }
    if (problem) { tell(problem.words); givenBack?.(problem.file); }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.value.trim() && !picker.files.length) { box.focus(); return; }
    if (picker.files[0]?.size > LARGEST) { tell(talk.dataset.large); return; }
    const body = new FormData(form);
    const words = box.value;
    const key = form.elements.update.value;
    const files = new DataTransfer();
    for (const file of picker.files) files.items.add(file);
    // At once: whoever types on while this is under way must not find their next words gone.
    box.value = "";
    form.elements.update.value = newKey();
    picker.value = "";
    chosen.textContent = "";
    send(form.action, body, (withoutFile) => {
      // Words that could not be sent come back, under the same key: what did arrive is not said twice.
      box.value = box.value ? `${words}\n${box.value}` : words;
      form.elements.update.value = key;
      // A file that is not wanted must not hold up the words as well.
      if (!withoutFile) picker.files = files.files;
      chosen.textContent = picker.files[0]?.name || "";
    });
  });

  document.addEventListener("submit", (event) => {
    const pressed = event.target;
    if (pressed === form || !pressed.action.includes("/chat/")) return;
    if (!pressed.matches("[data-press]") && !pressed.matches(".often")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(pressed));
    body.set(event.submitter.name, event.submitter.value);
    if (body.has("update")) body.set("update", newKey());
    send(pressed.action, body);
  });

  box.addEventListener("keydown", (event) => {
    // On a telephone the key makes a new line, and a word that is still being composed is not sent.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  picker.addEventListener("change", () => { chosen.textContent = picker.files[0]?.name || ""; });

  // A browser opens six connections to a site: tabs that nobody looks at must not hold them.
  document.addEventListener("visibilitychange", () => {
    if (!talk.dataset.stream) return;
    if (document.hidden) { stream?.close(); stream = null; } else { listen(); }
  });
  window.addEventListener("pagehide", () => { stream?.close(); stream = null; });
  window.addEventListener("pageshow", (event) => { if (event.persisted && talk.dataset.stream) listen(); });

  if (talk.dataset.stream) listen();
  if (!location.hash && talk.lastElementChild) talk.lastElementChild.scrollIntoView({ block: "start" });
  if ("serviceWorker" in navigator && isSecureContext && window === window.top) navigator.serviceWorker.register("/worker.js").catch(() => {});
})();
