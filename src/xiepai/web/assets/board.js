// The board: lays the bars out in time, and lets them be moved and stretched by pointer or keyboard.
// A clash shows while dragging, and a moment later the server's own answer (price, or why not); what is dropped
// is decided by the server again. Without this file, and on a phone, the board is a list.

const STEP_BACK = 1800; // a booking is never drawn shorter than half an hour
const ASK_AFTER = 180; // ms without a movement before the server is asked
const EDGE = 48; // px from the rim at which the board scrolls along

const board = document.getElementById("board");
const phone = matchMedia("(max-width: 40rem)");
if (phone.matches) document.querySelector(".board-filters").open = false;
if (board && !phone.matches) lay(board);
else if (board) phone.addEventListener("change", () => lay(board), { once: true });
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

function lay(board) {
  const from = Number(board.dataset.start);
  const until = Number(board.dataset.end);
  const live = document.getElementById("board-live");
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const share = (second) => (100 * (Math.min(Math.max(second, from), until) - from)) / (until - from);
  const lane = (row) => row.querySelector(".lane");
  const perHour = () => board.querySelector(".lane").clientWidth / ((until - from) / 3600);

  // Shares of the window, not pixels: zooming, another width and print need no second layout.
  const place = (bar, start, end) => {
    const left = share(start);
    bar.style.left = `${left}%`;
    bar.style.width = `${share(end) - left}%`;
  };
  const settle = (bar) => place(bar, Number(bar.dataset.s), Number(bar.dataset.e));
  for (const bar of board.getElementsByClassName("bar")) settle(bar);
  board.classList.add("laid");
  const now = Number(board.dataset.now);
  if (now > from && now < until) {
    board.classList.add("has-now");
    board.style.setProperty("--now", `${share(now) / 100}`);
    board.scrollLeft = Math.max(0, ((now - from) / 3600 - 3) * perHour());
  }
  // What does not fit is read in the tip; the words are in the page once.
  board.addEventListener("pointerover", (event) => {
    const bar = event.target.closest(".bar");
    if (bar && !bar.title) bar.title = bar.textContent;
  });
  board.addEventListener("dragstart", (event) => event.preventDefault());

  const say = (text, tone = "") => {
    live.className = `board-live no-print ${tone}`;
    live.textContent = text;
  };

  // What a bar would be, while it is being moved.
  let wish = null;
  let asking = 0;

  const begin = (bar, how) => {
    const row = bar.closest(".board-row");
    const first = { start: Number(bar.dataset.s), end: Number(bar.dataset.e) };
    wish = { bar, how, row, home: row, first, ...first };
    bar.classList.add("moving");
  };

  const show = () => {
    const { bar, row, home, start, end } = wish;
    place(bar, start, end);
    const shift = row === home ? 0 : lane(row).getBoundingClientRect().top - lane(home).getBoundingClientRect().top;
    bar.style.transform = shift ? `translateY(${shift}px)` : "";
    board.querySelector(".over")?.classList.remove("over");
    if (row !== home) row.classList.add("over");
    const clash = [...row.getElementsByClassName("bar")].find(
      (other) => other !== bar && Number(other.dataset.s) < end && start < Number(other.dataset.e),
    );
    bar.classList.toggle("clash", Boolean(clash));
    say(`${what()} ${clash ? board.dataset.clash + clash.textContent : board.dataset.free}`, clash ? "bad" : "");
    clearTimeout(asking);
    if (!clash) asking = setTimeout(ask, ASK_AFTER);
  };

  const what = () => `${wish.row.querySelector("h3 a").textContent} ${clock(wish.start)} – ${clock(wish.end)}`;

  // The server tries the very move, keeps nothing, and says what it would cost or why it cannot be.
  const ask = async () => {
    const asked = wish && { ...wish };
    if (!asked || unmoved(asked)) return;
    const answer = await post(asked, true).catch(() => null);
    if (!answer || !wish || wish.bar !== asked.bar || wish.start !== asked.start || wish.end !== asked.end || wish.row !== asked.row) return;
    wish.bar.classList.toggle("clash", !answer.ok);
    say(`${what()} ${answer.ok ? "" : board.dataset.refused}${answer.data.message}`, answer.ok ? "ok" : "bad");
  };

  const unmoved = ({ row, home, start, end, first }) => row === home && start === first.start && end === first.end;

  const post = async ({ bar, row, start, end }, only) => {
    const answer = await fetch(`${board.dataset.move}${bar.dataset.id}/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ place: Number(row.dataset.place), start, end, version: Number(bar.dataset.v), try: only }),
    });
    return { ok: answer.ok, data: await answer.json() };
  };

  const drop = () => {
    const { bar } = wish;
    clearTimeout(asking);
    bar.classList.remove("moving", "clash");
    bar.style.transform = "";
    board.querySelector(".over")?.classList.remove("over");
    wish = null;
    settle(bar);
  };

  const send = async () => {
    const sent = { ...wish };
    const { bar } = sent;
    drop();
    if (unmoved(sent)) return say("");
    bar.classList.add("waiting");
    try {
      const { ok, data } = await post(sent, false);
      if (!ok) return say(board.dataset.refused + data.message, "bad");
      take(sent, data);
      say(data.message, "ok");
    } catch {
      say(board.dataset.lost, "bad");
    } finally {
      bar.classList.remove("waiting");
      bar.focus({ preventScroll: true });
    }
  };

  const take = ({ bar, row, home }, data) => {
    Object.assign(bar.dataset, { s: data.start, e: data.end, v: data.version });
    bar.classList.remove("held", "requested", "confirmed");
    bar.classList.add(data.state);
    bar.firstElementChild.textContent = data.words;
    bar.title = data.words;
    if (row !== home) lane(row).append(bar.parentElement);
    settle(bar);
  };

  const snap = (second, row) => {
    const step = Number(row.dataset.step) * 60;
    return from + Math.round((second - from) / step) * step;
  };

  // ---- pointer
  board.addEventListener("pointerdown", (event) => {
    const bar = event.target.closest(".bar.movable");
    if (!bar || event.button !== 0) return;
    const box = bar.getBoundingClientRect();
    const edge = box.width > 18 ? 6 : 0;
    const inside = event.clientX - box.left;
    const tail = bar.classList.contains("tail") || inside > box.width - edge;
    const pressed = { x: event.clientX + board.scrollLeft, y: event.clientY, how: tail ? "end" : inside < edge ? "start" : "move", hour: perHour() };
    bar.setPointerCapture(event.pointerId);
    let last = event;
    let scrolling = 0;
    const scroll = () => {
      scrolling = 0;
      const rim = board.getBoundingClientRect();
      const by = along(last.clientX, rim.left + 208, rim.right);
      const down = along(last.clientY, rim.top + 64, rim.bottom);
      if (!wish || (!by && !down)) return;
      board.scrollBy(by, down);
      follow(last, pressed);
      scrolling = requestAnimationFrame(scroll);
    };
    const moved = (next) => {
      last = next;
      if (!wish) {
        if (Math.abs(next.clientX + board.scrollLeft - pressed.x) + Math.abs(next.clientY - pressed.y) < 4) return;
        begin(bar, pressed.how);
      }
      follow(next, pressed);
      scrolling ||= requestAnimationFrame(scroll);
    };
    const done = (end) => {
      cancelAnimationFrame(scrolling);
      for (const [name, heard] of heards) bar.removeEventListener(name, heard);
      if (!wish) return;
      bar.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
      if (end.type === "pointerup") send();
      else drop();
    };
    const heards = [["pointermove", moved], ["pointerup", done], ["pointercancel", done]];
    for (const [name, heard] of heards) bar.addEventListener(name, heard);
  });

  const along = (at, low, high) => (at < low + EDGE ? -12 : at > high - EDGE ? 12 : 0);

  const follow = (event, pressed) => {
    const by = ((event.clientX + board.scrollLeft - pressed.x) / pressed.hour) * 3600;
    const { how, first } = wish;
    if (how === "move") {
      const under = document.elementsFromPoint(event.clientX, event.clientY).find((each) => each !== wish.bar && each.closest(".board-row"));
      wish.row = under?.closest(".board-row") ?? wish.row;
      wish.start = snap(first.start + by, wish.row);
      wish.end = wish.start + (first.end - first.start);
    } else if (how === "start") {
      wish.start = Math.min(snap(first.start + by, wish.row), first.end - STEP_BACK);
    } else {
      wish.end = Math.max(snap(first.end + by, wish.row), first.start + STEP_BACK);
    }
    show();
  };

  // ---- keyboard
  board.addEventListener("keydown", (event) => {
    const bar = event.target.closest(".bar");
    if (!bar) return;
    const key = event.key;
    if (wish && key === "Enter") { event.preventDefault(); send(); return; }
    if (wish && key === "Escape") { event.preventDefault(); drop(); say(""); return; }
    if (!wish && (key === "PageDown" || key === "PageUp")) { event.preventDefault(); leap(bar, key === "PageDown"); return; }
    const turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (!turn || !bar.classList.contains("movable")) return;
    const stretches = event.shiftKey || bar.classList.contains("tail");
    event.preventDefault();
    if (turn[1] && stretches) return;
    if (!wish) begin(bar, "move");
    const step = (event.ctrlKey || event.metaKey ? 86400 : Number(wish.row.dataset.step) * 60) * turn[0];
    if (turn[1]) {
      const rows = [...board.getElementsByClassName("board-row")];
      wish.row = rows[Math.min(Math.max(rows.indexOf(wish.row) + turn[1], 0), rows.length - 1)];
    } else if (stretches) {
      wish.end = Math.max(wish.end + step, wish.start + STEP_BACK);
    } else {
      wish.start += step;
      wish.end += step;
    }
    show();
    (turn[1] ? wish.row : bar).scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const leap = (bar, down) => {
    const rows = [...board.getElementsByClassName("board-row")].filter((row) => row.querySelector("a.bar"));
    const next = rows[rows.indexOf(bar.closest(".board-row")) + (down ? 1 : -1)];
    next?.querySelector("a.bar").focus();
  };

  board.addEventListener("focusout", () => {
    if (wish && !wish.bar.matches(":active, :focus")) { drop(); say(""); }
  });
}

function clock(second) {
  return format.format(new Date(second * 1000));
}
