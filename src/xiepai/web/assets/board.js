// The board: lays the bars out in time, and lets them be moved and stretched by pointer or keyboard.
// A clash shows while dragging; the server decides. Without this file the board is a list.

const board = document.getElementById("board");
if (board && !matchMedia("(max-width: 40rem)").matches) lay(board);
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

function lay(board) {
  const from = Number(board.dataset.start);
  const until = Number(board.dataset.end);
  const live = document.getElementById("board-live");
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  let hour = Number(board.dataset.hour);
  const hours = (until - from) / 3600;
  hour = Math.max(hour, (board.clientWidth - 210) / hours);
  board.style.setProperty("--hour", `${hour}px`);
  board.style.setProperty("--wide", `${hour * hours}px`);
  const x = (second) => ((Math.min(Math.max(second, from), until) - from) / 3600) * hour;

  const place = (bar, start, end) => {
    const left = x(start);
    bar.style.left = `${left}px`;
    bar.style.width = `${Math.max(3, x(end) - left - 1)}px`;
  };
  const settle = (bar) => place(bar, Number(bar.dataset.s), Number(bar.dataset.e));
  for (const bar of board.querySelectorAll(".bar")) {
    settle(bar);
    bar.title = bar.textContent;
    bar.draggable = false;
  }
  board.classList.add("laid");
  const now = Number(board.dataset.now);
  if (now > from && now < until) {
    for (const lane of board.querySelectorAll(".board-row:first-of-type .lane")) {
      const line = document.createElement("li");
      line.className = "now";
      line.setAttribute("role", "presentation");
      line.style.left = `${x(now)}px`;
      lane.append(line);
    }
  }

  const say = (text, tone = "") => {
    live.className = `board-live ${tone}`;
    live.textContent = text;
  };

  // What a bar would be, while it is being moved.
  let wish = null;

  const begin = (bar, how, grabbed = 0) => {
    wish = {
      bar, how, grabbed,
      row: bar.closest(".board-row"),
      home: bar.closest(".board-row"),
      start: Number(bar.dataset.s),
      end: Number(bar.dataset.e),
    };
    wish.first = { start: wish.start, end: wish.end };
    bar.classList.add("moving");
  };

  const show = () => {
    const { bar, row, start, end } = wish;
    place(bar, start, end);
    const lane = row.querySelector(".lane");
    const shift = lane.getBoundingClientRect().top - wish.home.querySelector(".lane").getBoundingClientRect().top;
    bar.style.transform = shift ? `translateY(${shift}px)` : "";
    board.querySelector(".over")?.classList.remove("over");
    if (row !== wish.home) row.classList.add("over");
    const clash = [...lane.querySelectorAll(".bar")].some(
      (other) => other !== bar && Number(other.dataset.s) < end && start < Number(other.dataset.e),
    );
    bar.classList.toggle("clash", clash);
    const name = row.querySelector("h3 a").textContent;
    say(`${name} ${clock(start)} – ${clock(end)} ${clash ? board.dataset.clash : board.dataset.free}`, clash ? "bad" : "");
  };

  const drop = () => {
    const { bar } = wish;
    bar.classList.remove("moving", "clash");
    bar.style.transform = "";
    board.querySelector(".over")?.classList.remove("over");
    wish = null;
    settle(bar);
  };

  const send = async () => {
    const { bar, row, home, start, end, first } = wish;
    if (row === home && start === first.start && end === first.end) return drop();
    drop();
    bar.classList.add("waiting");
    try {
      const answer = await fetch(bar.dataset.move, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ place: Number(row.dataset.place), start, end, version: Number(bar.dataset.v) }),
      });
      const data = await answer.json();
      if (!answer.ok) return say(board.dataset.refused + data.message, "bad");
      bar.dataset.s = data.start;
      bar.dataset.e = data.end;
      bar.dataset.v = data.version;
      bar.classList.remove("held", "requested", "confirmed");
      bar.classList.add(data.state);
      bar.firstElementChild.textContent = data.words;
      bar.title = data.words;
      if (row !== home) row.querySelector(".lane").append(bar.parentElement);
      settle(bar);
      say(data.message, "ok");
    } catch {
      say(board.dataset.lost, "bad");
    } finally {
      bar.classList.remove("waiting");
      bar.focus({ preventScroll: true });
    }
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
    const how = inside < edge ? "start" : inside > box.width - edge ? "end" : "move";
    const pressed = { x: event.clientX, y: event.clientY };
    bar.setPointerCapture(event.pointerId);
    const moved = (next) => {
      if (!wish) {
        if (Math.abs(next.clientX - pressed.x) + Math.abs(next.clientY - pressed.y) < 4) return;
        begin(bar, how);
      }
      follow(next, pressed);
    };
    const done = (last) => {
      bar.removeEventListener("pointermove", moved);
      bar.removeEventListener("pointerup", done);
      bar.removeEventListener("pointercancel", done);
      if (!wish) return;
      bar.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
      if (last.type === "pointerup") send();
      else drop();
    };
    bar.addEventListener("pointermove", moved);
    bar.addEventListener("pointerup", done);
    bar.addEventListener("pointercancel", done);
  });

  const follow = (event, pressed) => {
    const by = ((event.clientX - pressed.x) / hour) * 3600;
    const { how, first } = wish;
    if (how === "move") {
      const under = document.elementsFromPoint(event.clientX, event.clientY).find((each) => each.closest(".board-row"));
      wish.row = under?.closest(".board-row") ?? wish.row;
      wish.start = snap(first.start + by, wish.row);
      wish.end = wish.start + (first.end - first.start);
    } else if (how === "start") {
      wish.start = Math.min(snap(first.start + by, wish.row), first.end - 1800);
    } else {
      wish.end = Math.max(snap(first.end + by, wish.row), first.start + 1800);
    }
    show();
  };

  // ---- keyboard
  board.addEventListener("keydown", (event) => {
    const bar = event.target.closest(".bar.movable");
    if (!bar) return;
    if (wish && event.key === "Enter") { event.preventDefault(); send(); return; }
    if (wish && event.key === "Escape") { event.preventDefault(); drop(); say(""); return; }
    const turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!turn) return;
    event.preventDefault();
    if (!wish) begin(bar, "move");
    const step = Number(wish.row.dataset.step) * 60 * turn[0];
    if (turn[1]) {
      const rows = [...board.querySelectorAll(".board-row")];
      wish.row = rows[Math.min(Math.max(rows.indexOf(wish.row) + turn[1], 0), rows.length - 1)];
    } else if (event.shiftKey) {
      wish.end = Math.max(wish.end + step, wish.start + 1800);
    } else {
      wish.start += step;
      wish.end += step;
    }
    show();
  });
  board.addEventListener("focusout", () => { if (wish && wish.how === "move" && !wish.bar.matches(":active, :focus")) { drop(); say(""); } });
}

function clock(second) {
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(new Date(second * 1000));
}
