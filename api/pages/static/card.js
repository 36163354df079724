// The card of one drawn shape: what it is, how large, how wide, and the way to remove it.
import { el, t, tell } from "./dom.js";
import { inMetres, inSquareMetres, roughArea, roughLength } from "./ground.js";

export function card(site, { feature, remove, show, resized }) {
  const size = el("span", { class: "size" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const fields = el("span", { class: "fields" });
  const number = (label, value, set) => {
    const input = el("input", { type: "number", min: 0.04, max: 2000, step: "any", inputmode: "decimal", value });
    input.addEventListener("input", () => set(input.value === "" ? null : Number(input.value)));
    fields.append(el("label", {}, el("span", { text: label }), input));
    return input;
  };
  let radius = null;
  if (site.kind === "line") {
    number(t("width_m"), null, (value) => {
      site.width = value;
      resized();
    });
    const station = el("input", { size: 9, placeholder: "K0+000", autocomplete: "off" });
    station.addEventListener("input", () => {
      site.station = station.value.trim() || null;
      resized();
    });
    fields.append(el("label", {}, el("span", { text: t("start_station") }), station));
  } else if (site.kind === "point") {
    radius = number(t("radius_m"), site.layer.getRadius().toFixed(2), (value) => {
      if (value > 0) {
        site.layer.setRadius(value);
        resized();
      }
    });
  }
  function measure() {
    const { geometry } = feature();
    const about = t("about");
    if (geometry.type === "Polygon") size.textContent = `${about} ${inSquareMetres(roughArea(geometry.coordinates[0]))}`;
    else if (geometry.type === "LineString") size.textContent = `${about} ${inMetres(roughLength(geometry.coordinates))}`;
    else if (document.activeElement !== radius) radius.value = site.layer.getRadius().toFixed(2);
  }
  const button = (text, does) => {
    const made = el("button", { type: "button", class: "quiet-button", text });
    made.addEventListener("click", does);
    return made;
  };
  const element = el("li", { class: "shape", "data-site": site.id },
    el("b", { text: `${site.id} · ${t(`shape_${site.kind}`)}` }), size, site.doubt ? el("span", { class: "size", text: t("point_doubt", { metres: site.doubt.toFixed(1) }) }) : null, fields,
    el("span", { class: "ends" }, button(t("zoom_to"), show), button(t("remove"), remove)), fault);
  measure();
  return { element, measure, tell: (sentence) => tell(fault, sentence) };
}
