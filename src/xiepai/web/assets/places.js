// A place's page: pictures large, by keyboard too; a press on a free stretch proposes the hour under the pointer.
// Without this file pictures are links to pictures, and a stretch proposes its first hours.

const gallery = document.querySelector("[data-gallery]");
if (gallery && typeof HTMLDialogElement !== "undefined") enlarge(gallery);

function enlarge(gallery) {
  const links = [...gallery.querySelectorAll("a")];
  const said = gallery.dataset;
  const dialog = make("dialog", "lightbox");
  const picture = make("img", "");
  const caption = make("p", "");
  const button = (words, className, deed) => {
    const made = make("button", className);
    made.type = "button";
    made.setAttribute("aria-label", words);
    made.textContent = { previous: "‹", next: "›", close: "×" }[className];
    made.addEventListener("click", deed);
    return made;
  };
  let at = 0;
  const show = (number) => {
    at = (number + links.length) % links.length;
    const image = links[at].querySelector("img");
    picture.src = links[at].href;
    picture.alt = image.alt;
    caption.textContent = `${at + 1} / ${links.length} · ${image.alt}`;
  };
  dialog.setAttribute("aria-label", gallery.getAttribute("aria-label"));
  caption.setAttribute("aria-live", "polite");
  dialog.append(picture, caption);
  if (links.length > 1) {
    dialog.append(button(said.saidPrevious, "previous", () => show(at - 1)), button(said.saidNext, "next", () => show(at + 1)));
  }
  dialog.append(button(said.saidClose, "close", () => dialog.close()));
  document.body.append(dialog);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => links[at].focus());
  for (const [number, link] of links.entries()) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      show(number);
      dialog.showModal();
    });
  }
}

for (const stretch of document.querySelectorAll(".free-day a[data-day]")) {
  stretch.addEventListener("click", (event) => {
    const form = document.querySelector("#price form");
    if (!form || event.detail === 0) return; // by keyboard: the link itself
    event.preventDefault();
    const strip = stretch.closest("svg").getBoundingClientRect();
    const minute = ((event.clientX - strip.left) / strip.width) * 1440;
    const first = Math.ceil(Number(stretch.dataset.left) / 60);
    const last = Math.floor((Number(stretch.dataset.left) + Number(stretch.dataset.width)) / 60);
    const hour = Math.min(Math.max(Math.floor(minute / 60), first), Math.max(first, last - 1));
    const asked = new URL(stretch.href.baseVal ?? stretch.href, location.href).searchParams;
    const length = (Number(asked.get("end").slice(0, 2)) - Number(asked.get("start").slice(0, 2)) + 24) % 24 || 24;
    form.elements.day.value = stretch.dataset.day;
    form.elements.start.value = `${String(hour).padStart(2, "0")}:00`;
    form.elements.end.value = `${String(hour + length > 24 ? hour + length - 24 : hour + length).padStart(2, "0")}:00`;
    form.requestSubmit();
  });
}

function make(name, className) {
  return Object.assign(document.createElement(name), { className });
}
