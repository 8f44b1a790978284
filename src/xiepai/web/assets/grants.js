// Papers go up in pieces: a cut connection goes on where it stopped. Without this file the form is sent as a whole.

const again = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const MOST_TRIES = 200;

async function digestOf(file) {
  const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Refusal extends Error {}

async function ask(address, options, token) {
  const answer = await fetch(address, { ...options, headers: { "X-CSRFToken": token, Accept: "application/json" } });
  if (answer.status >= 500) throw new Error(String(answer.status)); // the server is away: try again
  const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  if (!answer.ok && told.received === undefined) throw new Refusal(told.detail ?? String(answer.status));
  return told;
}

// What fails for want of a connection is tried again; what is refused is not.
async function persistently(deed, say, words) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await deed();
    } catch (error) {
      if (error instanceof Refusal || tries >= MOST_TRIES) throw error;
      say(words.wordsCut);
      await again(Math.min(1000 + tries * 500, 8000));
    }
  }
}

async function send(form) {
  const file = form.elements.file.files[0];
  const token = form.elements.csrfmiddlewaretoken.value;
  const bar = form.querySelector("progress");
  const line = form.querySelector("[role=status]");
  const words = form.dataset;
  const say = (text) => { line.textContent = text; };
  const start = new FormData();
  for (const name of ["kind", "number", "amount"]) start.set(name, form.elements[name].value);
  start.set("name", file.name);
  start.set("size", String(file.size));
  start.set("sha256", await digestOf(file));
  bar.hidden = false;
  let at = await persistently(() => ask(words.upload, { method: "POST", body: start }, token), say, words);
  const address = `/grants/uploads/${at.key}/`;
  while (at.received < at.size) {
    const from = at.received;
    const body = file.slice(from, from + at.piece);
    at = await persistently(() => ask(`${address}?offset=${from}`, { method: "POST", body }, token), say, words);
    bar.value = at.received / at.size;
    say(`${words.wordsSending}${Math.round((100 * at.received) / at.size)}%`);
  }
  await persistently(() => ask(`${address}finish/`, { method: "POST" }, token), say, words);
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  if (!crypto.subtle) break; // only over https (or on this machine); elsewhere the form goes as a whole
  form.addEventListener("submit", async (event) => {
    if (!form.elements.file.files.length) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await send(form);
      location.hash = "papers";
      location.reload();
    } catch (error) {
      const line = form.querySelector("[role=status]");
      line.textContent = `${form.dataset.wordsFailed}${error.message}`;
      line.classList.add("error-words");
      button.disabled = false;
    }
  });
}
