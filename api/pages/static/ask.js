// Ask and file: the ground from a drawing, a file or pasted coordinates; the verdict as it changes; the filing.
import { byId, el, faultsOf, newKey, page, say, sendJson, sendWithFile, t, tell } from "./dom.js";
import { drawing } from "./draw.js";
import { keepView, lastView, makeMap, readPlace, shown } from "./ground.js";
import { standing } from "./here.js";
import { readCoordinates } from "./paste.js";
import { pointing } from "./pointing.js";
import { sections } from "./section.js";
import { understanding } from "./understood.js";
import { uploading } from "./upload.js";
import { verdicts } from "./verdict.js";

const DRAWN_CRS = "EPSG:4490";
const POINTED = "points"; // instead of a system: by points known in the drawing and on the map
const WORK = ["acts", "method", "depth_m", "kind", "drawn", "bottom_width_m", "walls", "slope", "bore_depths", "bore_diameter", "bore_plan", "bore_depth"];
const form = byId("form");
const map = makeMap(byId("map"), lastView());
keepView(map);
if (!lastView()) startSomewhere();

let mode = "draw";
let drawnChosen = false; // until somebody says otherwise what is drawn here is drawn on a screen
let filing = { state: null, key: null };
const understood = understanding(map);

const value = (name) => form.elements[name].value.trim();
const acts = () => [...form.querySelectorAll("[name=acts]:checked")].map((box) => box.value);
const opened = sections({ value, acts });

const drawn = drawing(map, changed, () => ask.changed({ busy: true }));
const walk = standing(map, drawn, changed);
const points = pointing({ map, wanted: () => mode === "upload" && byId("crs").value === POINTED, changed: () => file.again() });
const file = uploading({ crs, points, changed: () => ask.changed() });
const ask = verdicts({ body: enquiry, refused: (faults) => showFaults(faults, false), judged: showUnderstood });

function changed() {
  ask.changed({ busy: drawn.busy() || walk.busy() });
}

// -- what is asked

/** The plan as JSON text, or null. */
function planText() {
  if (mode === "upload") return file.text();
  if (mode === "draw") {
    const plan = drawn.plan();
    return plan && JSON.stringify(opened.withBore(plan));
  }
  const metres = Number(byId("paste-metres").value) || null;
  const { plan, fault } = readCoordinates(byId("coordinates").value, byId("paste-kind").value, byId("paste-order").value, metres);
  tell(byId("paste-fault"), fault);
  return plan ? JSON.stringify(opened.withBore(plan)) : null;
}

function crs() {
  if (mode === "draw" || points.wanted()) return DRAWN_CRS;
  const chosen = byId("crs").value;
  return chosen === "other" ? byId("crs-code").value.trim() : chosen;
}

/** What an enquiry and a filing have in common, empty fields left out. */
function work() {
  const said = { crs: crs(), acts: acts(), kind: value("kind"), ...opened.said() };
  if (value("method")) said.method = value("method");
  if (value("depth_m")) said.depth_m = Number(value("depth_m"));
  return said;
}

/** One object with the plan's own text in it, number by number as it came. */
const withPlan = (plan, said) => `{"plan":${plan},${JSON.stringify(said).slice(1)}`;

function enquiry() {
  const plan = planText();
  // Without a declared system too: the refusal says what the numbers look like.
  return plan === null ? null : withPlan(plan, work());
}

function contact(key) {
  const said = {};
  for (const field of ["name", "person", "phone"]) {
    const input = form.elements[`${key}.${field}`];
    if (input && input.value.trim()) said[field] = input.value.trim();
  }
  return Object.keys(said).length ? said : null;
}

function filingBody(plan) {
  const said = { ...work(), title: value("title"), starts_on: value("starts_on"), ends_on: value("ends_on"), contractor: contact("contractor") || { name: "" } };
  for (const key of ["builder", "supervisor", "driver"]) {
    const who = contact(key);
    if (who) said[key] = { name: "", ...who };
  }
  const numbers = value("permit_numbers").normalize("NFKC").split(/[,;、]+/).map((one) => one.trim()).filter(Boolean);
  if (numbers.length) said.permit_numbers = numbers;
  if (value("machine")) said.machine = value("machine");
  return withPlan(plan, said);
}

// -- what is wrong, told where it is

/** The field a JSON pointer means: the one with the longest matching beginning; a shape's card; else null. */
function placeOf(pointer) {
  const found = /^(?:\/plan)?(?:\/features\/(\d+))/.exec(pointer);
  if (found && mode === "draw") {
    const card = drawn.cards()[Number(found[1])];
    return card ? { tell: card.tell } : null;
  }
  if (/^(\/plan|form:)/.test(pointer)) return mode === "upload" ? { fault: byId("file-fault") } : mode === "paste" ? { fault: byId("paste-fault") } : null;
  const fields = [...document.querySelectorAll("[data-pointer]")].filter(
    (field) => pointer === field.dataset.pointer || pointer.startsWith(`${field.dataset.pointer}/`));
  fields.sort((a, b) => b.dataset.pointer.length - a.dataset.pointer.length);
  const field = fields[0];
  return field && !field.closest("[hidden]") ? { field } : null;
}

function clearFaults() {
  for (const field of document.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  for (const said of document.querySelectorAll(".fault.beside")) said.remove();
  for (const card of drawn.cards()) card.tell("");
  tell(byId("file-fault"), "");
  tell(byId("filing-fault"), "");
}

/** Each fault beside its field; what has no field, and the first of all when filing, in one list. */
function showFaults(faults, whenFiling) {
  clearFaults();
  const homeless = [];
  let first = null;
  // A blank that is told of twice is told by the sentence that knows more.
  const told = faults.filter((fault) => fault.code !== "field_blank" || !faults.some((other) => other !== fault && other.pointer === fault.pointer));
  for (const [number, fault] of told.entries()) {
    const place = placeOf(fault.pointer || "");
    const empty = place?.field && "value" in place.field && !place.field.value.trim() && place.field.required;
    const sentence = empty ? t("fill_in") : say(fault);
    if (!place) homeless.push(sentence);
    else if (place.tell) place.tell(sentence);
    else if (place.fault) tell(place.fault, place.fault.hidden ? sentence : `${place.fault.textContent} ${sentence}`);
    else {
      const { field } = place;
      const id = `fault-${number}`;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", id);
      const beside = el("span", { class: "fault beside", id, role: "alert", text: sentence });
      (field.tagName === "FIELDSET" ? field : field.closest("label")).append(beside);
      const folded = field.closest("details");
      if (folded) folded.open = true;
      if (!first || field.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING) first = field;
    }
  }
  if (whenFiling) {
    tell(byId("filing-fault"), [t("filing_refused"), ...homeless].join(" "));
    if (first) (first.tagName === "FIELDSET" ? first.querySelector("input") : first).focus();
  } else if (homeless.length) {
    byId("verdict-body").append(el("ul", { class: "sentences fault" }, ...homeless.map((text) => el("li", { text }))));
  }
}

// -- what was understood

function showUnderstood(verdict) {
  if (!verdict || mode === "draw") understood.clear();
  else understood.show(verdict.sites, points.wanted() ? t("by_points") : byId("crs").value === "other" ? crs() : byId("crs").selectedOptions[0].textContent);
}

async function startSomewhere() {
  let moved = false;
  map.once("movestart", () => (moved = true));
  try {
    const { bounds } = await (await fetch("/start")).json();
    // Never from under the hand of somebody who has gone somewhere meanwhile.
    if (bounds && !moved && !drawn.plan() && !drawn.busy()) map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]]);
  } catch {
    // the map stays where it is
  }
}

// -- the ways to give the ground

function enter(next) {
  mode = next;
  for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  for (const name of ["upload", "paste"]) byId(`mode-${name}`).hidden = mode !== name;
  byId("systems").hidden = mode === "draw";
  byId("crs-points").disabled = mode !== "upload";
  byId("crs-hint").hidden = mode !== "upload" || byId("crs").value !== "";
  if (mode !== "upload" && byId("crs").value === POINTED) byId("crs").value = "";
  byId("tools").hidden = byId("shapes").hidden = mode !== "draw";
  drawn.visible(mode === "draw");
  byId("tip").hidden = mode !== "draw" || drawn.plan() !== null;
  if (!drawnChosen) form.elements.drawn.value = mode === "draw" ? "screen" : "";
  if (mode !== "draw" && walk.busy()) walk.stop();
  understood.clear();
  points.show();
  ask.changed();
  map.invalidateSize();
}
for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => enter(button.dataset.mode));

for (const id of ["coordinates", "paste-kind", "paste-order", "paste-metres", "crs", "crs-code"]) {
  byId(id).addEventListener("input", () => {
    byId("crs-other").hidden = byId("crs").value !== "other";
    points.show();
    byId("crs-hint").hidden = mode !== "upload" || byId("crs").value !== "";
    const kind = byId("paste-kind").value;
    byId("paste-width").hidden = kind === "area";
    byId("paste-width").firstChild.textContent = `${t(kind === "point" ? "radius_m" : "width_m")} `;
    ask.changed();
  });
}
form.addEventListener("input", ({ target }) => {
  if (!WORK.includes(target.name)) return;
  if (target.name === "drawn") drawnChosen = true;
  opened.show();
  ask.changed();
});

/** Whether the chosen day leaves the utility its time to answer. */
async function tellEarliest() {
  const place = byId("earliest");
  const day = value("starts_on");
  tell(place, "");
  if (!day) return;
  try {
    const answer = await fetch(`/earliest?lang=${page.language}&starts_on=${day}&kind=${value("kind")}`);
    if (!answer.ok || day !== value("starts_on")) return;
    const { too_early, sentences } = await answer.json();
    place.className = too_early ? "warning" : "quiet";
    tell(place, sentences.join(" "));
  } catch {
    // the permit's page tells it too
  }
}
for (const name of ["starts_on", "kind"]) form.elements[name].addEventListener("change", tellEarliest);

// -- finding the place

map.on("mousemove", ({ latlng }) => (byId("cursor").textContent = shown(latlng.lng, latlng.lat)));
map.on("move", () => {
  const centre = map.getCenter();
  byId("cursor").textContent = shown(centre.lng, centre.lat);
});
byId("goto").addEventListener("submit", (event) => {
  event.preventDefault();
  const place = readPlace(byId("goto-text").value);
  tell(byId("goto-fault"), place ? "" : t("goto_bad"));
  if (place) map.setView([place.lat, place.lon], Math.max(map.getZoom(), 18));
});

form.elements.drawn.value = "screen";
opened.show();

// -- filing

const FILED = "predig-filed";
const MOST_FILED = 8;

/** What was filed from this browser, newest first: there are no accounts yet that would know. */
function filedHere() {
  try {
    const kept = JSON.parse(localStorage.getItem(FILED));
    return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === "string" && typeof one.title === "string") : [];
  } catch {
    return [];
  }
}

function keepFiled({ id, title }) {
  try {
    localStorage.setItem(FILED, JSON.stringify([{ id, title }, ...filedHere()].slice(0, MOST_FILED)));
  } catch {
    // no storage: the address of the permit's page is the way back
  }
}

const permitAddress = (id) => `/permits/${encodeURIComponent(id)}${page.language === "en" ? "?lang=en" : ""}`;

byId("filed").hidden = !filedHere().length;
byId("filed-list").append(...filedHere().map(({ id, title }) => el("li", {}, el("a", { href: permitAddress(id) }, el("bdi", { text: title })))));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearFaults();
  const plan = planText();
  if (plan === null) {
    tell(byId("filing-fault"), t("nothing_to_file"));
    byId("ground-title").scrollIntoView({ behavior: "smooth" });
    return;
  }
  const body = filingBody(plan);
  const sent = mode === "upload" ? file.chosen() : null;
  const state = sent ? `${body} ${sent.name} ${sent.size} ${sent.lastModified}` : body;
  if (state !== filing.state) filing = { state, key: newKey() }; // the same form state keeps its key, however often it is sent
  const button = byId("submit");
  button.disabled = true;
  button.textContent = t("submitting");
  try {
    const response = sent
      ? await sendWithFile("/v1/permits", body, sent, file.readAs(), filing.key)
      : await sendJson("POST", "/v1/permits", body, { key: filing.key });
    if (response.status >= 500) throw new Error(String(response.status));
    if (response.ok) {
      const permit = await response.json();
      keepFiled(permit);
      location.assign(permitAddress(permit.id));
      return;
    }
    showFaults(await faultsOf(response), true);
  } catch {
    tell(byId("filing-fault"), t("filing_no_answer"));
  }
  button.disabled = false;
  button.textContent = t("submit");
});
