// What makes the console quicker to work in; every page works without it.
"use strict";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A chart is drawn from the table below it; what draws it is fetched once the page stands, in the room kept for it.
const rowsOf = (figure) => [...figure.querySelectorAll("tbody tr")].map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent)]);

function makeRoom(figure) {
  const plot = figure.querySelector("[data-plot]");
  if (!plot) return;
  figure.querySelector("[data-folds]").open = false;
  plot.append(document.createElement("div"));
  plot.firstChild.style.height = figure.dataset.chart === "across" ? `${Math.max(5, rowsOf(figure).length * 1.9 + 0.6)}rem` : "15rem";
}

function draw(figure) {
  const plot = figure.querySelector("[data-plot]");
  if (!plot) return;
  const rows = rowsOf(figure);
  const across = figure.dataset.chart === "across";
  const wide = (text) => [...text].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 255 ? 12.5 : 7.4), 16);
  const beside = Math.min(150, Math.max(...rows.map((row) => wide(row[0]))));
  const chart = window.echarts.init(plot.firstChild, null, { renderer: "svg" });
  const names = { type: "category", data: rows.map((row) => row[0]), axisTick: { show: false }, axisLine: { lineStyle: { color: colour("line") } }, axisLabel: { color: colour("soft"), fontSize: 12, hideOverlap: true, width: across ? beside - 8 : undefined, overflow: "truncate" }, inverse: across };
  const counts = { type: "value", minInterval: 1, splitNumber: 3, splitLine: { show: !across, lineStyle: { color: colour("line") } }, axisLabel: { show: !across, color: colour("soft"), fontSize: 12 } };
  chart.setOption({
    animation: false,
    // It goes into an attribute as it is: with double quotes the drawing is no XML, and no picture.
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily.replaceAll('"', "'") },
    grid: across ? { left: beside, right: 44, top: 6, bottom: 4 } : { left: 38, right: 8, top: 18, bottom: 24 },
    xAxis: across ? counts : names,
    yAxis: across ? { ...names, axisLine: { show: false } } : counts,
    series: [{
      type: "bar",
      data: rows.map((row) => row[1]),
      barMaxWidth: across ? 18 : 28,
      itemStyle: { color: colour("pine"), borderRadius: across ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      emphasis: { itemStyle: { color: colour("seal") }, label: { show: true } },
      label: { show: across || rows.length <= 14, position: across ? "right" : "top", color: colour("ink"), fontSize: 12 },
    }],
  });
  new ResizeObserver(() => chart.resize()).observe(plot);
  const take = figure.querySelector("[data-take]");
  take.hidden = false;
  take.addEventListener("click", (event) => {
    const form = event.target.dataset.as;
    if (form) save(chart.getDataURL({ type: "svg", backgroundColor: colour("sheet") }), figure.dataset.name, form, chart);
  });
}

// A picture for a report: the drawing itself, or a bitmap of it at twice its size.
function save(address, name, form, chart) {
  const link = document.createElement("a");
  link.download = `${name}.${form}`;
  if (form === "svg") {
    link.href = address;
    link.click();
    return;
  }
  const picture = new Image();
  picture.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = chart.getWidth() * 2;
    canvas.height = chart.getHeight() * 2;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    link.href = canvas.toDataURL("image/png");
    link.click();
  };
  picture.src = address;
}

const figures = document.querySelectorAll("[data-chart]");
figures.forEach(makeRoom);
if (figures.length) {
  const script = document.createElement("script");
  script.src = document.querySelector("[data-charts]").dataset.charts;
  script.addEventListener("load", () => figures.forEach(draw));
  // Two frames on, what there is to read has been painted.
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => document.head.append(script))));
}

// On a telephone the menu is a strip: where one is, is seen.
document.querySelector(".desk__nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A clause beside a question is taken into the answer with its source.
document.querySelectorAll("[data-take-into]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.takeInto);
    field.value = `${field.value}${field.value ? "\n" : ""}${button.dataset.words}`;
    field.focus();
  });
});

// An invitation's code comes behind the # of its link, which no server on the way sees or logs.
const invited = document.querySelector("[data-from-address]");
if (invited && location.hash.length > 1) {
  invited.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

// What can't be undone asks once more.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sure]");
  if (button && !window.confirm(button.dataset.sure)) event.preventDefault();
});

// Before a session ends one is told, and may stay: by whatever page of the console was used last.
const stay = document.querySelector("[data-stay]");
if (stay) {
  const [early, opened, button] = [5 * 60_000, Date.now(), stay.querySelector("button")];
  let seen = opened;
  const lastSeen = () => { try { return Math.max(seen, Number(localStorage.getItem("desk-seen"))); } catch { return seen; } };
  const note = () => { seen = Date.now(); try { localStorage.setItem("desk-seen", seen); } catch { /* storage is off: this page alone counts */ } };
  const look = () => {
    const [idle, last] = [lastSeen() + stay.dataset.idle * 1000, opened + stay.dataset.left * 1000];
    const left = Math.min(idle, last) - Date.now();
    const state = left <= 0 ? "over" : left > early ? "" : last <= idle ? "last" : "soon";
    for (const name of ["soon", "last", "over"]) stay.querySelector(`[data-${name}]`).hidden = name !== state;
    button.hidden = state !== "soon";
    stay.hidden = !state;
  };
  button.addEventListener("click", async () => {
    const answer = await fetch(stay.dataset.stay, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) note();
    else if (answer) seen = opened - stay.dataset.idle * 1000;
    look();
  });
  note();
  setInterval(look, 10_000);
}

// A reading that goes on tells when it is done.
document.querySelectorAll("[data-watch]").forEach((place) => {
  const source = new EventSource(place.dataset.watch);
  source.addEventListener("state", (event) => {
    if (event.data !== "reading") {
      source.close();
      location.reload();
    }
  });
});

// Files dropped anywhere on the form are chosen and sent.
document.querySelectorAll("[data-drop]").forEach((form) => {
  const over = (is) => (event) => {
    event.preventDefault();
    form.classList.toggle("drop--over", is);
  };
  form.addEventListener("dragover", over(true));
  form.addEventListener("dragleave", over(false));
  form.addEventListener("drop", (event) => {
    over(false)(event);
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    form.requestSubmit();
  });
});

// A correction's button shows once there is something to correct.
document.querySelectorAll("[data-when-changed]").forEach((button) => {
  button.hidden = true;
  button.form.addEventListener("input", () => { button.hidden = false; });
});

// A clause that is looked at shows its page.
document.querySelectorAll("[data-page]").forEach((clause) => {
  clause.addEventListener("mouseenter", () => {
    document.querySelectorAll(".page--now").forEach((page) => page.classList.remove("page--now"));
    document.getElementById(`page-${clause.dataset.page}`)?.classList.add("page--now");
  });
});

// The calendar: hours are drawn with the mouse, bookings dragged to another time.
const clockOf = (grid, y) => {
  const box = grid.getBoundingClientRect();
  const quarter = Math.max(0, Math.min(Number(grid.dataset.rows), Math.round(((y - box.top) / box.height) * Number(grid.dataset.rows))));
  const minutes = Number(grid.dataset.top.slice(0, 2)) * 60 + quarter * 15;
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};

document.querySelectorAll("[data-calendar]").forEach((calendar) => {
  const days = document.getElementById("days");
  document.querySelector("[data-hint]").hidden = false;
  let drawing = null;
  let held = 0;
  calendar.addEventListener("pointerdown", (event) => {
    const grid = event.target.closest(".day__grid");
    if (!grid || event.target.closest("a") || event.pointerType === "touch") return;
    drawing = { grid, from: event.clientY, mark: document.createElement("span") };
    drawing.mark.className = "block block--drawn";
    grid.append(drawing.mark);
    event.preventDefault();
  });
  calendar.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const box = drawing.grid.getBoundingClientRect();
    const [top, bottom] = [drawing.from, event.clientY].sort((a, b) => a - b);
    drawing.mark.style.top = `${Math.max(0, top - box.top)}px`;
    drawing.mark.style.height = `${Math.min(box.bottom, bottom) - Math.max(box.top, top)}px`;
  });
  window.addEventListener("pointerup", (event) => {
    if (!drawing) return;
    const { grid, from, mark } = drawing;
    drawing = null;
    mark.remove();
    const [top, bottom] = [from, event.clientY].sort((a, b) => a - b);
    if (bottom - top < 8) return;
    days.elements.first.value = days.elements.last.value = grid.dataset.day;
    days.elements.starts.value = clockOf(grid, top);
    days.elements.ends.value = clockOf(grid, bottom);
    days.scrollIntoView({ block: "center" });
    days.elements.kind.focus();
  });
  calendar.addEventListener("dragstart", (event) => {
    const booking = event.target.closest("[data-booking]");
    if (!booking) return;
    event.dataTransfer.setData("text/plain", booking.dataset.booking);
    // Wherever it is held, its beginning is what moves.
    held = event.clientY - booking.getBoundingClientRect().top;
  });
  calendar.addEventListener("dragover", (event) => {
    if (event.target.closest(".day__grid")) event.preventDefault();
  });
  calendar.addEventListener("drop", (event) => {
    const grid = event.target.closest(".day__grid");
    const number = event.dataTransfer.getData("text/plain");
    if (!grid || !/^B[0-9A-Z]{5}$/.test(number)) return;
    event.preventDefault();
    const form = document.getElementById("move");
    form.action = `/console/slots/bookings/${number}/move`;
    form.elements.day.value = grid.dataset.day;
    form.elements.clock.value = clockOf(grid, event.clientY - held);
    if (window.confirm(`${number} → ${form.elements.day.value} ${form.elements.clock.value}`)) form.submit();
  });
});

// What recipients will get, and how many they are, while it is being written: the last state counts, an earlier
// answer never comes over a later one, and people are counted anew only when the filters changed.
document.querySelectorAll("[data-compose]").forEach((form) => {
  const place = form.querySelector("[data-preview]");
  form.querySelector("[data-preview-button]").hidden = true;
  const filters = () => JSON.stringify([...form.querySelectorAll("select[data-counts], [data-counts] input")].filter((one) => one.type !== "checkbox" || one.checked).map((one) => [one.name, one.value]));
  let counted = place.querySelector("[data-reach]") ? filters() : null;
  let waiting;
  let asking = new AbortController();
  const look = async () => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const asked = filters();
    const body = new FormData(form);
    // Its name is enough to show: a file goes up once, when the draft is kept.
    const file = body.get("file");
    body.delete("file");
    if (file && file.name) body.set("file-name", file.name);
    const headers = { "X-Part": "preview", ...(asked === counted ? { "X-Count": "no" } : {}) };
    try {
      const answer = await fetch(form.dataset.compose, { method: "POST", body, headers, signal });
      const words = await answer.text();
      if (!answer.ok) return;
      const reach = place.querySelector("[data-reach]");
      place.innerHTML = words;
      if (place.querySelector("[data-reach]")) counted = asked;
      else if (asked === counted && reach) place.prepend(reach);
      else counted = null;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 350);
  });
});

// An announcement that goes out tells how far it is.
document.querySelectorAll("[data-progress]").forEach((card) => {
  const source = new EventSource(card.dataset.progress);
  const began = document.querySelector("[data-state]").textContent;
  let before = null;
  source.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    card.querySelector("progress").max = now.people || 1;
    card.querySelector("progress").value = now.people - now.left;
    card.querySelectorAll("[data-count]").forEach((count) => { count.textContent = now[count.dataset.count]; });
    // What may be done changes with its state: the page is drawn anew.
    if (before !== null && before !== now.state) location.reload();
    before = now.state;
  });
  source.addEventListener("error", () => { if (began && source.readyState === EventSource.CLOSED) location.reload(); });
});
