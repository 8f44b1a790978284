// The map: pins of the same search as the list, gathered where they would cover each other, the district's outline,
// tiles where they are configured. Without this file the list beside it says the same.

const CELL = 64; // pixels two pins must be apart to be drawn singly
const LABELS_UP_TO = 40; // names are written beside pins while no more than so many are in sight
const box = document.getElementById("map");
if (box && window.L) draw(box);

async function draw(box) {
  const said = box.dataset;
  box.replaceChildren();
  const map = L.map(box, { zoomControl: false, attributionControl: false, maxZoom: 18, minZoom: 8, zoomSnap: 0.5 });
  L.control.zoom({ zoomInTitle: said.saidIn, zoomOutTitle: said.saidOut }).addTo(map);
  if (said.tiles) {
    L.tileLayer(said.tiles, { subdomains: said.subdomains, maxZoom: 18 }).addTo(map);
    if (said.attribution) L.control.attribution({ prefix: false }).addAttribution(text(said.attribution)).addTo(map);
  }
  L.control.scale({ imperial: false }).addTo(map);
  map.setView([31.65, 119.93], 10); // until something is known
  const read = (address) => fetch(address, { credentials: "same-origin" }).then((answer) => answer.json());
  const only = said.single?.split(",").map(Number);
  const wanted = only ? Promise.resolve({ pins: [{ id: 0, name: said.name, at: only, price: "" }] }) : read(said.pins);
  const [outline, pins] = await Promise.allSettled([read(said.outline), wanted]);
  let frame = null;
  if (outline.value?.outline) {
    const shape = L.geoJSON(outline.value.outline, { interactive: false, className: "district" }).addTo(map);
    frame = shape.getBounds();
  }
  if (pins.status === "rejected") {
    const words = document.createElement("p");
    words.className = "map-wait";
    words.textContent = said.saidFailed;
    box.append(words);
    return;
  }
  const all = pins.value.pins.map((pin) => ({ ...pin, point: L.latLng(pin.at) }));
  if (said.narrowed !== undefined) frame = framed() ?? frame;
  else if (all.length) frame = L.latLngBounds(all.map((pin) => pin.point)).pad(0.08);
  if (only) map.setView(only, 12, { animate: false });
  else if (frame) map.fitBounds(frame, { animate: false, maxZoom: 15 });
  const layer = L.layerGroup().addTo(map);
  const redraw = () => gather(map, layer, all, said);
  map.on("zoomend moveend", redraw);
  redraw();
  if (!said.single) follow(map);
}

function framed() {
  const given = new URL(location.href).searchParams.get("box")?.split(",").map(Number);
  return given?.length === 4 && given.every(Number.isFinite) ? L.latLngBounds([given[0], given[1]], [given[2], given[3]]) : null;
}

// Pins that fall into one square of the screen are drawn as one mark with their number.
function gather(map, layer, all, said) {
  const kept = document.activeElement?.dataset?.key;
  const zoom = map.getZoom();
  const sight = map.getBounds().pad(0.3);
  const cells = new Map();
  let inSight = 0;
  for (const pin of all) {
    if (!sight.contains(pin.point)) continue;
    inSight += 1;
    const at = map.project(pin.point, zoom);
    const key = `${Math.floor(at.x / CELL)}/${Math.floor(at.y / CELL)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(pin);
  }
  layer.clearLayers();
  const named = cells.size <= LABELS_UP_TO && inSight > 0;
  for (const [key, members] of cells) layer.addLayer(members.length === 1 ? single(map, members[0], named, said) : many(map, members, said, key));
  if (kept) layer.eachLayer((mark) => { if (mark.getElement()?.dataset.key === kept) mark.getElement().focus(); });
}

function single(map, pin, named, said) {
  const body = element("span", "pin");
  if (pin.rough) body.classList.add("rough");
  const mark = L.marker(pin.point, { icon: icon(body, "mark"), title: pin.name, keyboard: !said.single });
  if (named) mark.bindTooltip(text(pin.name), { permanent: true, direction: "right", offset: [8, -14], className: "pin-name" });
  if (!said.single) pressed(mark, () => opened(map, mark, [pin], said));
  mark.on("add", () => { mark.getElement().dataset.key = `pin${pin.id}`; });
  return mark;
}

function many(map, members, said, key) {
  const body = element("span", members.length > 99 ? "heap huge" : members.length > 9 ? "heap large" : "heap");
  body.textContent = members.length;
  const bounds = L.latLngBounds(members.map((pin) => pin.point));
  const mark = L.marker(bounds.getCenter(), { icon: icon(body, "mark"), title: `${members.length} ${said.saidPlaces}`, keyboard: true });
  mark.on("add", () => { mark.getElement().dataset.key = key; });
  pressed(mark, () => {
    const apart = map.getBoundsZoom(bounds.pad(0.2));
    if (map.getZoom() < Math.min(apart, map.getMaxZoom()) && bounds.getNorthEast().distanceTo(bounds.getSouthWest()) > 15) {
      map.fitBounds(bounds.pad(0.2), { maxZoom: map.getMaxZoom() });
    } else opened(map, mark, members, said);
  });
  return mark;
}

// By pointer and by keyboard; Leaflet itself opens only bound popups by keyboard, and those go when the pins are redrawn.
function pressed(mark, deed) {
  mark.on("click", deed);
  mark.on("keypress", (event) => { if (event.originalEvent.key === "Enter") deed(); });
}

function opened(map, mark, pins, said) {
  L.popup({ closeButton: false, maxWidth: 280, maxHeight: 260 }).setLatLng(mark.getLatLng()).setContent(list(pins, said)).openOn(map);
}

function list(pins, said) {
  const lines = element("ul", "pin-list");
  for (const pin of pins.slice(0, 200)) {
    const line = element("li", "");
    const link = element("a", "");
    link.href = said.place.replace("/0/", `/${pin.id}/`);
    link.textContent = pin.name;
    const price = element("small", "");
    price.textContent = [pin.price, pin.rough ? said.saidRough : ""].filter(Boolean).join(" · ");
    line.append(link, price);
    lines.append(line);
  }
  queueMicrotask(() => setTimeout(() => lines.querySelector("a")?.focus({ preventScroll: true }), 60));
  return lines;
}

// After a move the list can be asked for what is in the window; the address keeps it, so that it can be shared.
function follow(map) {
  const tools = document.querySelector(".map-tools");
  if (!tools) return;
  const button = tools.querySelector("[data-search-here]");
  const always = tools.querySelector("[data-follow]");
  tools.hidden = false;
  let waiting = null;
  const here = async () => {
    button.hidden = true;
    const seen = map.getBounds();
    const address = new URL(location.href);
    const corners = [seen.getSouth(), seen.getWest(), seen.getNorth(), seen.getEast()];
    address.searchParams.set("box", corners.map((degrees) => degrees.toFixed(5)).join(","));
    address.searchParams.delete("page");
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    history.replaceState(null, "", address);
    for (const part of [".map-list", ".list-bar .count"]) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceChildren(...fresh.childNodes);
    }
    const chips = page.querySelector(".active-chips");
    document.querySelector(".active-chips")?.remove();
    if (chips) document.getElementById("found").prepend(chips);
  };
  button.addEventListener("click", here);
  map.on("moveend", () => {
    clearTimeout(waiting);
    if (always.checked) waiting = setTimeout(here, 250);
    else button.hidden = false;
  });
  always.addEventListener("change", () => { if (always.checked) here(); });
}

const element = (name, className) => Object.assign(document.createElement(name), { className });
const icon = (html, className) => L.divIcon({ html, className, iconSize: null });
function text(words) {
  const escaped = document.createElement("span");
  escaped.textContent = words;
  return escaped.innerHTML;
}
