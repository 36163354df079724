// What stands round the drawing - scale, north, choice of site, legend, paper - and the start of it all.
// -- scale bar, north arrow, choice of site
const bar = make("div", "scale-bar");
function metresPerPixel() {
  const middle = map_plan.getCenter().lat;
  return (2 * Math.PI * 6378137 * Math.cos((middle * Math.PI) / 180)) / (256 * 2 ** map_plan.getZoom());
}

function drawScale() {
  const perPixel = metresPerPixel();
  const most = Math.min(170, map_plan.getSize().x / 3) * perPixel;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
  const width = length / perPixel;
  const parts = 4;
  const svg = draw("svg", { width: width + 40, height: 24, viewBox: `-8 0 ${width + 40} 24` });
  for (let part = 0; part < parts; part += 1) {
    svg.append(draw("rect", { x: (part * width) / parts, y: 14, width: width / parts, height: 6, fill: part % 2 ? "#fff" : INK, stroke: INK, "stroke-width": 1 }));
  }
  for (const at of [0, 0.5, 1]) {
    const text = draw("text", { x: at * width, y: 10, "text-anchor": "middle", "font-size": 10.5, fill: INK });
    text.textContent = String(Number((at * length).toPrecision(3))) + (at === 1 ? " m" : "");
    svg.append(text);
  }
  bar.replaceChildren(svg);
}

function addFurniture() {
  const north = make("div", "north", [
    draw("svg", { width: 26, height: 40, viewBox: "0 0 26 40" }, [
      draw("path", { d: "M13 0L22 36L13 29Z", fill: INK }),
      draw("path", { d: "M13 0L4 36L13 29Z", fill: "#fff", stroke: INK, "stroke-width": 1 }),
    ]),
    make("span", "", words.north),
  ]);
  const note = make("div", "print-scale");
  const put = (position, element) => {
    const control = L.control({ position });
    control.onAdd = () => element;
    control.addTo(map_plan);
  };
  L.control.zoom({ position: "topleft" }).addTo(map_plan);
  put("topright", north);
  put("bottomleft", bar);
  put("bottomright", note);
  if (drawing.sites.length > 1) put("topleft", siteChoice());
  return note;
}

function siteChoice() {
  const choice = make("div", "choice");
  views.forEach((bounds, number) => {
    const element = make("button", "", number ? String(number) : words.all_sites);
    element.type = "button";
    element.addEventListener("click", () => show(number));
    choice.append(element);
  });
  L.DomEvent.disableClickPropagation(choice);
  return choice;
}

function show(number) {
  shown = number;
  map_plan.fitBounds(views[number], { animate: false });
  document.querySelectorAll(".choice button").forEach((button, place) => {
    button.setAttribute("aria-pressed", String(place === number));
  });
}

// -- legend: the same strokes as the map, small
function sample(entry) {
  const svg = draw("svg", { width: 44, height: 22, viewBox: "0 0 44 22", "aria-hidden": "true" });
  const line = (attributes) => svg.append(draw("path", { d: "M2 11H42", fill: "none", stroke: INK, ...attributes }));
  const box = (attributes) => svg.append(draw("rect", { x: 2, y: 3, width: 40, height: 16, fill: "none", stroke: INK, ...attributes }));
  if (entry.kind === "class") {
    const style = data.styles.classes[entry.name];
    line({ stroke: style.colour, "stroke-width": style.weight, "stroke-dasharray": style.dash || "none" });
    if (style.core) line({ stroke: "#fff", "stroke-width": style.weight / 3 });
  } else if (entry.kind === "grade") {
    const mark = gradeMark(entry.name, entry.name, 22);
    mark.setAttribute("x", 11);
    svg.append(mark);
  } else if (entry.kind === "protection") box({ fill: "url(#hatch-protection)", stroke: "#8F1A73" });
  else if (entry.kind === "control") box({ fill: "#c98bbb", "fill-opacity": 0.14, stroke: "#8F1A73", "stroke-dasharray": "8 4" });
  else if (entry.kind === "possible") box({ fill: "url(#hatch-possible)", "fill-opacity": 0.5, stroke: "#8b7a99", "stroke-dasharray": "2 4" });
  else if (entry.kind === "site") box({ fill: INK, "fill-opacity": 0.13, "stroke-width": 1.8 });
  else if (entry.kind === "doubt") box({ "stroke-dasharray": "1 4" });
  else if (entry.kind === "stretch") line({ "stroke-width": 7 });
  else if (entry.kind === "stretch_possible") line({ "stroke-width": 3, "stroke-dasharray": "3 4" });
  else if (entry.kind === "dimension") { line({}); svg.append(draw("circle", { cx: 3, cy: 11, r: 2.2, fill: INK }), draw("circle", { cx: 41, cy: 11, r: 2.2, fill: INK })); }
  else if (entry.kind === "facility") svg.append(draw("circle", { cx: 22, cy: 11, r: 5, fill: "#fff", stroke: "#8F1A73", "stroke-width": 2.5 }));
  else if (entry.kind === "grid") svg.append(draw("path", { d: "M22 5V17M16 11H28", stroke: "#8a929b" }));
  else if (entry.kind === "edge") line({ stroke: "#6b7480", "stroke-dasharray": "6 5" });
  return svg;
}

function writeLegend() {
  const items = data.legend.map((entry) => make("li", "", [sample(entry), make("span", "", entry.text)]));
  document.getElementById("legend").append(make("h2", "", words.legend), make("ul", "", items), make("p", "tap", words.tap));
}

// -- print: the map takes the paper's width, at a round scale
const SCALES = [50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000];
let before = null;

function toPaper() {
  if (before) return;
  before = { centre: map_plan.getCenter(), zoom: map_plan.getZoom(), closed: [...document.querySelectorAll("details:not([open])")] };
  before.closed.forEach((details) => { details.open = true; });
  document.body.classList.add("on-paper");
  document.body.classList.toggle("far-apart", farApart);
  map_plan.invalidateSize({ animate: false, pan: false });
  if (farApart) {
    // Paper has no buttons: every site gets a picture of its own, the map at the top shows where they lie.
    drawing.sites.forEach((site, number) => {
      toScale(views[number + 1]);
      const picture = map_plan.getContainer().cloneNode(true);
      picture.removeAttribute("id");
      picture.classList.add("picture");
      document.querySelector(`#site-${number} .facts`).after(picture);
    });
  }
  toScale(farApart ? views[0] : views[shown]);
}

function toScale(bounds) {
  map_plan.fitBounds(bounds, { animate: false });
  const needed = (metresPerPixel() / 0.0254) * 96;
  const scale = SCALES.find((one) => one >= needed);
  if (scale) map_plan.setZoom(map_plan.getZoom() + Math.log2(needed / scale), { animate: false });
  printScale.textContent = scale ? words.scale.replace("{scale}", String(scale)) : "";
  refresh();
}

function toScreen() {
  if (!before) return;
  document.body.classList.remove("on-paper");
  document.querySelectorAll(".picture").forEach((picture) => picture.remove());
  before.closed.forEach((details) => { details.open = false; });
  map_plan.invalidateSize({ animate: false, pan: false });
  map_plan.setView(before.centre, before.zoom, { animate: false });
  before = null;
  refresh();
}

function refresh() {
  drawScale();
  declutter();
}

addPatterns();
drawGround();
drawPipes();
drawSites();
drawConflicts();
drawLabels();
const printScale = addFurniture();
writeLegend();
map_plan.on("click", () => { document.getElementById("info").hidden = true; });
map_plan.on("zoomend moveend resize", refresh);
addEventListener("beforeprint", toPaper);
addEventListener("afterprint", toScreen);
matchMedia("print").addEventListener("change", (media) => (media.matches ? toPaper() : toScreen()));
// A phone's address bar comes and goes: only another width is another page.
let width = innerWidth;
addEventListener("resize", () => {
  if (before || innerWidth === width) return;
  width = innerWidth;
  map_plan.invalidateSize();
  show(shown);
});
// The wheel scrolls the page until the reader has taken hold of the map.
map_plan.on("focus", () => map_plan.scrollWheelZoom.enable());
map_plan.on("blur", () => map_plan.scrollWheelZoom.disable());
show(shown);
refresh();
document.body.dataset.ready = "yes";
