// A file of the dig plan: its own text, or what the server makes of it, read again whenever something is said about it.
import { byId, el, faultsOf, page, say, t, tell } from "./dom.js";

const isGeoJson = (file) => /\.(geo)?json$/i.test(file.name);
/** What has to be said of which kinds of files. */
const ASKED_OF = { layer: /\.(dxf|gpkg|zip|xlsx)$/i, units: /\.dxf$/i, "points-are": /\.(?!(geo)?json$)[^.]+$/i };
/** Which of it a refusal asks for. */
const ANSWERED_BY = { layers_several: "layer", layer_missing: "layer", plan_shape_unstated: "points-are", points_without_order: "points-are", drawing_units: "units" };

/** crs: () => as declared; points: the common points, see pointing.js; changed: called when there is another plan. */
export function uploading({ crs, points, changed }) {
  let plan = null; // {text, placed}; text: what was received is kept as it came; placed: it was, by points
  let opening = 0;
  let wanting = []; // the fields a refusal asks for

  const chosen = () => byId("file").files[0] ?? null;

  function refuse(faults) {
    tell(byId("file-fault"), faults.map(say).join(" "));
    wanting = faults.map(({ code }) => ANSWERED_BY[code]).filter(Boolean);
    const layers = faults.filter(({ code }) => ANSWERED_BY[code] === "layer").flatMap(({ choices = [] }) => choices);
    byId("layers").replaceChildren(...layers.map((name) => el("option", { value: name })));
  }

  /** What was said of how the file is to be read, empty fields and those not asked for left out. */
  function readAs() {
    const said = { layer: byId("layer"), units: byId("units"), points_are: byId("points-are") };
    const there = Object.entries(said).filter(([, field]) => !field.closest("label").hidden && field.value.trim());
    return Object.fromEntries(there.map(([name, field]) => [name, field.value.trim()]));
  }

  /** The text of a GeoJSON file, or null. */
  async function ownText(file) {
    const text = (await file.text()).replace(/^\uFEFF/, "");
    try {
      const read = JSON.parse(text);
      return read && read.type ? text.trim() : null;
    } catch {
      tell(byId("file-fault"), t("file_unreadable"));
      return null;
    }
  }

  /** What the server makes of a file, as GeoJSON, or null. pairs: common points, instead of a system. */
  async function understood(file, pairs) {
    const asked = new URLSearchParams({ name: file.name });
    const where = pairs ? { common_points: JSON.stringify(pairs) } : { crs: crs() };
    for (const [name, value] of Object.entries({ ...where, ...readAs() })) if (value) asked.set(name, value);
    try {
      const answer = await fetch(`/v1/plans?${asked}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
      if (answer.ok) {
        const { plan: found } = await answer.json();
        byId("file-notes").replaceChildren(...(found.notes ?? []).map((note) => el("li", { text: `${note.count} ${say(note)}` })));
        return found;
      }
      refuse(await faultsOf(answer));
    } catch {
      tell(byId("file-fault"), t("file_unsent"));
    }
    return null;
  }

  const textOf = (read) => read && JSON.stringify(read);

  /** The plan laid by the points pointed at; null while they are too few, with the sketch to point at. */
  async function pointed(file, mine) {
    if (!points.drawn()) {
      const drawn = await understood(file, []);
      if (mine !== opening) return null;
      points.sketch(drawn);
    }
    if (!points.drawn() || !points.pairs()) return null;
    const placed = await understood(file, points.pairs());
    if (mine === opening) points.told(placed);
    return textOf(placed);
  }

  async function read(file, mine) {
    if (points.wanted()) return pointed(file, mine);
    const own = isGeoJson(file) ? await ownText(file) : null;
    return own ?? (byId("file-fault").hidden ? textOf(await understood(file, null)) : null);
  }

  /** The plan as it can be asked about: never a drawing's own numbers in place of longitude and latitude. */
  const text = () => (plan && plan.placed === points.wanted() ? plan.text : null);

  /** before: the plan that still holds until the answer comes. */
  async function upload(before = null) {
    const file = chosen();
    const mine = ++opening;
    plan = before;
    wanting = [];
    byId("file-notes").replaceChildren();
    tell(byId("file-fault"), "");
    byId("file-hint").hidden = file !== null;
    byId("foreign").hidden = !file || !Object.values(ASKED_OF).some((endings) => endings.test(file.name));
    for (const [id, endings] of Object.entries(ASKED_OF)) {
      byId(id).removeAttribute("aria-invalid");
      byId(id).closest("label").hidden = !file || !endings.test(file.name);
    }
    const most = file && isGeoJson(file) ? page.max_body_mb : page.max_upload_mb;
    if (file && file.size > most * 1e6) {
      tell(byId("file-fault"), t("file_large", { mb: most }));
    } else if (file) {
      tell(byId("file-state"), isGeoJson(file) && !points.wanted() ? "" : t("file_opening"));
      const placed = points.wanted();
      const found = await read(file, mine);
      if (mine !== opening) return; // another file, or another word about it, came meanwhile
      plan = found && { text: found, placed };
      tell(byId("file-state"), "");
    }
    const said = byId("file-fault").textContent;
    changed();
    tell(byId("file-fault"), said);
    for (const id of wanting) byId(id).setAttribute("aria-invalid", "true");
  }

  for (const id of ["file", "layer", "units", "points-are"]) {
    byId(id).addEventListener("change", () => {
      points.sketch(null);
      upload();
    });
  }
  // Whether numbers are those of a city's grid, or offset, is part of how a file is read.
  for (const id of ["crs", "crs-code"]) {
    byId(id).addEventListener("change", () => {
      const file = chosen();
      if (file && (!isGeoJson(file) || points.wanted() || points.drawn())) upload(points.wanted() ? null : plan);
    });
  }
  return { text, chosen, readAs, again: () => upload() };
}
