// The stripboard: strips dragged by pointer or moved by keys; each move is the board's own form, sent by htmx, and what
// comes back is the board as the server reckoned it, with costs and red flags. Without this file the form's buttons do.

const live = document.getElementById("plan-live");
const phone = matchMedia("(max-width: 48rem)");
const closed = new Set();
let focused = null;
let before = null;

const board = () => document.getElementById("plan-board");
const field = (name) => board().querySelector(`input[type="hidden"][name="${name}"]`);
const days = () => [...board().querySelectorAll(".plan-day")];

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
if (phone.matches && board()) {
  let first = true;
  for (const day of days()) {
    if (first && day.querySelector(".strip")) first = false;
    else closed.add(day.id);
  }
  fold();
}

function fold() {
  for (const day of days()) day.open = !closed.has(day.id);
}

document.addEventListener("toggle", (event) => {
  const day = event.target;
  if (!day.classList?.contains("plan-day")) return;
  if (day.open) closed.delete(day.id);
  else closed.add(day.id);
}, true);

function send(strips, onto, next) {
  const form = board();
  if (form.classList.contains("htmx-request")) return;
  field("onto").value = onto;
  field("before").value = next ?? "";
  // several ids: one field each, as the form would send them
  form.querySelectorAll("[data-extra]").forEach((each) => each.remove());
  field("dragged").value = strips[0];
  for (const id of strips.slice(1)) {
    const extra = document.createElement("input");
    Object.assign(extra, { type: "hidden", name: "dragged", value: id });
    extra.dataset.extra = "";
    form.append(extra);
  }
  focused = strips[0];
  form.querySelector("[data-drop]").click(); // htmx knows a pressed button by its click
}

function press(value) {
  const form = board();
  const button = [...form.querySelectorAll("button[name=do]")].find((each) => each.value === value && !each.disabled);
  if (!button || form.classList.contains("htmx-request")) return;
  focused ??= document.activeElement.closest?.(".strip")?.dataset.strip; // a key pressed on a strip stays with it
  button.click();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "plan-board") {
    before = { flags: Number(board().dataset.flagged), total: board().dataset.total };
    const columns = board().querySelector(".plan-columns");
    before.left = columns.scrollLeft;
    before.pressed = document.activeElement.closest?.("#plan-board button[name=do]")?.value;
  }
});
document.addEventListener("htmx:afterSwap", () => {
  const form = board();
  if (!form || !before) return;
  form.querySelector(".plan-columns").scrollLeft = before.left;
  for (const day of days()) if (closed.has(day.id)) day.open = false;
  const strip = focused && document.getElementById(`strip-${focused}`);
  strip?.querySelector("[data-grip]")?.focus({ preventScroll: true });
  // the button that was pressed is a new one now; undone to the end it can be pressed no more, its neighbour can
  if (!strip && before.pressed) {
    const press = [...form.querySelectorAll("button[name=do]")].find((each) => each.value === before.pressed);
    (press?.disabled ? press.parentElement.querySelector("button:enabled") : press)?.focus({ preventScroll: true });
  }
  const flags = Number(form.dataset.flagged);
  const where = strip?.closest(".plan-day")?.dataset.name;
  const flag = strip?.querySelector(".strip-flag")?.textContent.trim();
  const refused = form.querySelector(".alert.bad")?.textContent.trim();
  say(refused || [where && `${form.dataset.moved} ${where}`, form.dataset.total, flags && `${flags} ${form.dataset.flags}`, flag].filter(Boolean).join(" · "), refused || flags > before.flags);
  focused = before = null;
});

// a solve that is over brings the board along
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target?.id === "plan-board" && phone.matches) fold();
});

function say(text, bad) {
  live.className = `plan-live no-print${bad ? " bad" : ""}`;
  live.textContent = text;
}

const chosen = (strip) => {
  const ticked = [...board().querySelectorAll("input[name=strip]:checked")].map((each) => each.value);
  return ticked.includes(strip.dataset.strip) ? ticked : [strip.dataset.strip];
};

// ---- pointer
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  const strip = grip.closest(".strip");
  const from = { x: event.clientX, y: event.clientY };
  let target = null;
  let last = event;
  let scrolling = 0;
  grip.setPointerCapture(event.pointerId);

  const clear = () => board().querySelectorAll(".landing, .over").forEach((each) => each.classList.remove("landing", "over"));
  const scroll = () => {
    scrolling = 0;
    if (!strip.classList.contains("moving")) return;
    const columns = board().querySelector(".plan-columns");
    const rim = columns.getBoundingClientRect();
    const by = last.clientX < rim.left + 40 ? -14 : last.clientX > rim.right - 40 ? 14 : 0;
    const down = last.clientY < 60 ? -14 : last.clientY > innerHeight - 60 ? 14 : 0;
    if (!by && !down) return;
    columns.scrollBy(by, 0);
    scrollBy(0, down);
    scrolling = requestAnimationFrame(scroll);
  };
  const move = (next) => {
    last = next;
    if (!strip.classList.contains("moving")) {
      if (Math.abs(next.clientX - from.x) + Math.abs(next.clientY - from.y) < 5) return;
      strip.classList.add("moving");
    }
    strip.style.transform = `translate(${next.clientX - from.x}px, ${next.clientY - from.y}px)`;
    clear();
    const under = document.elementFromPoint(next.clientX, next.clientY);
    const day = under?.closest(".plan-day");
    target = null;
    if (!day) return;
    const list = day.querySelector("[data-list]");
    const after = [...list.children].find((each) => each !== strip && next.clientY < each.getBoundingClientRect().top + each.offsetHeight / 2);
    (after ?? list).classList.add("landing");
    day.classList.add("over");
    target = { onto: day.dataset.day, next: after?.dataset.strip };
    scrolling ||= requestAnimationFrame(scroll);
  };
  const done = (end) => {
    cancelAnimationFrame(scrolling);
    for (const [name, heard] of heards) grip.removeEventListener(name, heard);
    const moved = strip.classList.contains("moving");
    strip.classList.remove("moving");
    strip.style.transform = "";
    clear();
    if (moved && target && end.type === "pointerup") send(chosen(strip), target.onto, target.next);
  };
  const heards = [["pointermove", move], ["pointerup", done], ["pointercancel", done]];
  for (const [name, heard] of heards) grip.addEventListener(name, heard);
});

// ---- keyboard
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && board() && !event.target.matches("input:not([type=checkbox]), textarea, select")) {
    event.preventDefault();
    press(event.shiftKey ? "redo" : "undo");
    return;
  }
  const grip = event.target.closest?.("[data-grip]");
  if (!grip) return;
  const strip = grip.closest(".strip");
  const day = strip.closest(".plan-day");
  const all = days();
  const list = [...strip.parentElement.children];
  const at = list.indexOf(strip);
  const go = {
    ArrowUp: () => at > 0 && send([strip.dataset.strip], day.dataset.day, list[at - 1].dataset.strip),
    ArrowDown: () => at < list.length - 1 && send([strip.dataset.strip], day.dataset.day, list[at + 2]?.dataset.strip),
    ArrowLeft: () => aside(-1),
    ArrowRight: () => aside(1),
    Delete: () => day.dataset.day && send(chosen(strip), "", null),
    " ": () => tick(),
    l: () => lock(),
  };
  const aside = (by) => {
    const next = all[all.indexOf(day) + by];
    if (!next) return;
    closed.delete(next.id);
    const line = [...next.querySelector("[data-list]").children];
    send(chosen(strip), next.dataset.day, line[at]?.dataset.strip);
  };
  const tick = () => {
    const box = strip.querySelector("input[name=strip]");
    if (box) box.checked = !box.checked;
  };
  const lock = () => {
    const box = strip.querySelector("input[name=strip]");
    if (!box) return;
    for (const each of board().querySelectorAll("input[name=strip]")) each.checked = each === box;
    focused = strip.dataset.strip;
    press(strip.classList.contains("locked") ? "unlock" : "lock");
  };
  const deed = go[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});
