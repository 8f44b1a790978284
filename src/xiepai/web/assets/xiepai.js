// What pages need beyond HTML and htmx, all of it optional: every page works without this file.

const opened = () => document.querySelectorAll("details.menu[open]");

// A menu closes when something else is pressed, and with Escape (the focus goes back to its button).
document.addEventListener("click", (event) => {
  for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of opened()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// <form data-confirm="…"> asks before it is sent; <form data-autosubmit> is sent when a choice changes.
document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});
document.addEventListener("change", (event) => {
  const form = event.target.form; // a select may stand outside the form it belongs to
  if (form?.matches("[data-autosubmit]") && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});

// <button data-copy="id">: copies the text of that element and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = button.dataset.copied;
  } catch {
    window.getSelection().selectAllChildren(source);
  }
});

// <button data-near>: the list from where the reader stands, in a browser that can tell.
for (const button of document.querySelectorAll("[data-near]")) {
  if (!navigator.geolocation) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const here = new URL(location.href);
      here.searchParams.set("near", `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`);
      here.searchParams.set("order", "distance");
      here.searchParams.delete("page");
      location.assign(here);
    }, () => { button.hidden = true; });
  });
}

// The tab one stands on is in sight, also where the strip of tabs is longer than a phone is wide.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const strip = tab.parentElement;
  if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
}

// A page with a refused form begins at its first wrong field.
document.querySelector("[aria-invalid=true]")?.focus({ preventScroll: false });
