// What is opened or bored: the trench's section with a sketch of it, and the path of a bore.
import { byId, el, page, t, tell } from "./dom.js";

const BORED = ["bore", "jack", "drill"];
const WIDE = 320, HIGH = 130; // of the sketch
const SVG = "http://www.w3.org/2000/svg";

/** value: of a field by its name; acts: those chosen. */
export function sections({ value, acts }) {
  const bored = () => acts().length > 0 && acts().every((act) => BORED.includes(act));
  const number = (name) => (value(name) === "" ? null : Number(value(name)));

  /** What a request says of the section, empty fields left out. */
  function said() {
    const words = {};
    if (value("drawn")) words.drawn = value("drawn");
    if (bored()) return words;
    if (value("bottom_width_m")) words.bottom_width_m = number("bottom_width_m");
    if (value("walls") === "shored") words.shored = true;
    if (value("walls") === "sloped" && value("slope")) words.slope = value("slope");
    return words;
  }

  /** The plan with the bore's path on each of its lines. */
  function withBore(plan) {
    tell(byId("bore-fault"), "");
    const depths = value("bore_depths").normalize("NFKC").split(/[\s,;、]+/).filter(Boolean).map(Number);
    if (!bored() || !depths.length) return plan;
    if (!depths.every(Number.isFinite)) {
      tell(byId("bore-fault"), t("bore_bad"));
      return plan;
    }
    const path = { depths_m: depths };
    for (const [field, name] of [["bore_diameter", "diameter_mm"], ["bore_plan", "plan_accuracy_m"], ["bore_depth", "depth_accuracy_m"]]) {
      if (number(field) !== null) path[name] = number(field);
    }
    const features = plan.features.map((feature) =>
      (feature.geometry.type === "LineString" ? { ...feature, properties: { ...feature.properties, bore: path } } : feature));
    return { ...plan, features };
  }

  /** Show what fits the acts, and the section as it would be opened. */
  function show() {
    byId("section").hidden = bored();
    byId("bore").hidden = !bored();
    byId("slope").hidden = value("walls") !== "sloped";
    byId("sketch").replaceChildren(...sketch());
  }

  function sketch() {
    const depth = number("depth_m"), bottom = number("bottom_width_m");
    if (!(depth > 0) || !(bottom > 0)) return [el("p", { class: "hint", text: t("sketch_unknown") })];
    const stated = /^\s*(?:1\s*[:：]\s*)?(\d+(?:\.\d+)?)\s*$/.exec(value("slope"));
    const known = value("walls") === "shored" || (value("walls") === "sloped" && stated);
    const ratio = value("walls") === "shored" ? 0 : known ? Number(stated[1]) : page.slope_ratio;
    const top = bottom + 2 * depth * ratio;
    const note = known ? null : el("p", { class: "hint", text: t("sketch_default", { ratio: page.slope_ratio }) });
    return [drawing(bottom, depth, top), note].filter(Boolean);
  }

  return { said, withBore, show };
}

/** The cross section to scale. */
function drawing(bottom, depth, top) {
  const scale = Math.min((WIDE - 60) / top, (HIGH - 46) / depth);
  const middle = WIDE / 2, ground = 26, floor = ground + depth * scale;
  const [left, right] = [middle - (top / 2) * scale, middle + (top / 2) * scale];
  const [low, high] = [middle - (bottom / 2) * scale, middle + (bottom / 2) * scale];
  const metres = (value) => value.toFixed(2);
  const shape = (tag, attributes, text) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text) made.textContent = text;
    return made;
  };
  const picture = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "sketch", role: "img", "aria-label": t("sketch_top", { metres: metres(top) }) });
  picture.append(
    shape("path", { class: "earth", d: `M0 ${ground}H${left}L${low} ${floor}H${high}L${right} ${ground}H${WIDE}V${HIGH}H0Z` }),
    shape("path", { class: "edge", d: `M0 ${ground}H${left}L${low} ${floor}H${high}L${right} ${ground}H${WIDE}` }),
    shape("path", { class: "measure", d: `M${left} ${ground - 7}H${right}M${left} ${ground - 11}v8M${right} ${ground - 11}v8` }),
    shape("text", { x: middle, y: ground - 12, "text-anchor": "middle" }, t("sketch_top", { metres: metres(top) })),
    shape("text", { x: middle, y: floor + 15, "text-anchor": "middle" }, t("sketch_bottom", { metres: metres(bottom) })),
    shape("text", { x: 4, y: (ground + floor) / 2 + 4 }, t("sketch_depth", { metres: metres(depth) })),
  );
  return picture;
}
