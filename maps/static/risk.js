// The risk map, on folium's map_plan: counties, hatches, names, table. Every text comes from the data block and is
// set as text; no markup is made of it.
"use strict";

const INK = "#1d2733";

// -- hatches: patterns of this page, so that what is unknown stays visible in black and white
function addPatterns() {
  const line = (path, width) => draw("path", { d: path, stroke: data.hatch_colour, "stroke-width": width, fill: "none" });
  const pattern = (id, size, turn, lines) =>
    draw("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` }, lines);
  const defs = draw("defs", {}, [
    pattern("hatch", 7, 45, [line("M0 0V7", 1.1)]),
    pattern("cross", 7, 45, [line("M0 0V7", 1.1), line("M0 0H7", 1.1)]),
  ]);
  document.body.append(draw("svg", { width: 0, height: 0, "aria-hidden": "true", class: "patterns" }, [defs]));
}

function pane(name) {
  const made = map_plan.getPane(name) || map_plan.createPane(name);
  made.style.zIndex = { ground: 410, hatch: 420, borders: 430, names: 620 }[name];
  return name;
}

const renderers = {};
function drawn(name) {
  renderers[name] = renderers[name] || L.svg({ pane: pane(name), padding: 0.5 });
  return { pane: name, renderer: renderers[name], interactive: false };
}

const shapes = new Map();

function drawCounties() {
  for (const county of data.counties) {
    const shape = L.polygon(county.borders, {
      ...drawn("ground"), interactive: true, stroke: false, fillColor: county.tint, fillOpacity: data.opacity,
    }).addTo(map_plan);
    shape.on("click", () => choose(county.code, false));
    shapes.set(county.code, shape);
    const bare = county.hatch === "hatch" ? county.bare : county.borders;
    if (county.hatch) L.polygon(bare, { ...drawn("hatch"), stroke: false, fillColor: `url(#${county.hatch})`, fillOpacity: 0.7 }).addTo(map_plan);
  }
  for (const county of data.counties) {
    L.polygon(county.borders, { ...drawn("borders"), fill: false, color: "#7d8790", weight: 0.8 }).addTo(map_plan);
  }
  for (const lines of data.prefectures) L.polyline(lines, { ...drawn("borders"), color: INK, weight: 1.7 }).addTo(map_plan);
}

// -- names: what stands lower gives way where there is no room
const places = [];

function addNames() {
  pane("names");
  for (const county of data.counties) {
    const marks = county.marks.map((mark) => {
      const sign = make("span", "", `${mark.shape}${mark.count}`);
      sign.style.color = mark.colour;
      return sign;
    });
    const box = make("div", "", [
      make("span", county.hatch === "cross" ? "unknown-name" : "", county.short_name),
      marks.length ? make("span", "marks", marks) : null,
    ]);
    const holder = make("div", "place leaflet-marker-icon", [box]);
    const icon = new L.Icon({ iconUrl: "" });
    icon.createIcon = () => holder;
    icon.createShadow = () => null;
    L.marker(county.label, { icon, pane: "names", interactive: false, keyboard: false }).addTo(map_plan);
    places.push({ holder, box, rank: county.rank });
  }
  places.sort((one, other) => one.rank - other.rank);
}

function thinNames() {
  const taken = [];
  for (const { holder, box } of places) {
    const one = box.getBoundingClientRect();
    const clash = taken.some((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom);
    holder.classList.toggle("crowded", clash);
    if (!clash) taken.push(one);
  }
}

// -- words
function addHead() {
  document.getElementById("kind").append(make("strong", "", data.internal), make("span", "", data.dated));
  document.getElementById("head").append(
    make("h1", "", data.title),
    make("dl", "facts", data.facts.map(([name, number]) => make("div", "", [make("dt", "", name), make("dd", "", number)]))),
  );
}

function swatch(fill, hatch, shape, colour) {
  const box = draw("svg", { width: 30, height: 18, viewBox: "0 0 30 18" }, [
    draw("rect", { x: 0.5, y: 0.5, width: 29, height: 17, fill, stroke: "#7d8790" }),
  ]);
  if (hatch) box.append(draw("rect", { x: 0.5, y: 0.5, width: 29, height: 17, fill: `url(#${hatch})`, stroke: "#7d8790" }));
  if (shape) {
    const sign = draw("text", { x: 15, y: 14, "text-anchor": "middle", "font-size": 14, "font-weight": 700, fill: colour });
    sign.textContent = shape;
    box.append(sign);
  }
  return box;
}

function addLegend() {
  const entries = [
    ...data.legend.tints.map(([fill, shape, colour, said]) => make("li", "", [swatch(fill, "", shape, colour), make("span", "", said)])),
    ...data.legend.hatches.map(([hatch, said]) => make("li", "", [swatch("#fff", hatch), make("span", "", said)])),
  ];
  document.getElementById("legend").append(make("h2", "", data.legend.title), make("ul", "", entries));
  document.getElementById("notes").append(...data.notes.map((note) => make("p", "", note)));
}

function countCell(text) {
  return make("td", `number ${text === "0" || text === data.unknown ? "nought" : "some"}`, text);
}

function sized(cell, rows) {
  cell.rowSpan = rows;
  return cell;
}

function addTable() {
  const [prefecture, county, ...rest] = data.head;
  const grades = rest.splice(0, 4);
  const tall = (text, className) => sized(make("th", className || "", text), 2);
  const group = make("th", "group", data.by_grade);
  group.colSpan = 4;
  const [pending, cannotTell, alerts, register, uncovered, utilities] = rest;
  const head = make("thead", "", [
    make("tr", "", [
      tall(prefecture), tall(county), group, tall(pending, "number"), tall(cannotTell, "number"), tall(alerts, "number"),
      tall(register), tall(uncovered, "number"), tall(utilities, "firms"),
    ]),
    make("tr", "", grades.map((name) => make("th", "number", name))),
  ]);
  const table = make("table", "", [head]);
  let body = null;
  let last = null;
  for (const row of data.rows) {
    if (!body || row.prefecture !== last) {
      body = make("tbody", row.code ? "prefecture" : "sums");
      table.append(body);
    }
    const colour = make("span", "swatch");
    colour.style.background = row.tint;
    const line = make("tr", "", [
      row.prefecture === last ? null : sized(make("td", "prefecture", row.prefecture), data.rows.filter((one) => one.prefecture === row.prefecture).length),
      row.code ? make("td", "county", [colour, make("span", "", row.county)]) : null,
      ...row.grades.map(countCell),
      countCell(row.pending), countCell(row.cannot_tell), countCell(row.alerts),
      make("td", row.lack ? "when lack" : "when", row.register),
      make("td", "number", row.uncovered),
      make("td", "firms", row.utilities),
    ]);
    if (!row.code) line.cells[0].colSpan = 2;
    if (row.code) {
      line.dataset.code = row.code;
      line.addEventListener("click", () => choose(row.code, true));
    }
    body.append(line);
    last = row.prefecture;
  }
  document.getElementById("table").append(table);
}

function choose(code, move) {
  for (const line of document.querySelectorAll("tr.chosen")) line.classList.remove("chosen");
  const line = document.querySelector(`tr[data-code="${code}"]`);
  line.classList.add("chosen");
  if (move) map_plan.fitBounds(shapes.get(code).getBounds(), { maxZoom: 11 });
  else line.scrollIntoView({ block: "nearest" });
}

function addViews() {
  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const buttons = data.views.map(([name, bounds]) => {
      const button = make("button", "", name);
      button.type = "button";
      button.addEventListener("click", () => map_plan.fitBounds(bounds, { padding: [8, 8] }));
      return button;
    });
    const holder = make("div", "leaflet-bar views", buttons);
    L.DomEvent.disableClickPropagation(holder);
    return holder;
  };
  control.addTo(map_plan);
}

function showAll() {
  map_plan.invalidateSize({ animate: false });
  map_plan.fitBounds(data.bounds, { animate: false });
  thinNames();
}

function toPaper(paper) {
  if (document.body.classList.contains("on-paper") === paper) return;
  document.body.classList.toggle("on-paper", paper);
  showAll();
}

addPatterns();
addHead();
addLegend();
addTable();
if (Object.values(map_plan._layers).some((layer) => layer instanceof L.TileLayer)) {
  L.control.attribution({ prefix: false }).addTo(map_plan);
}
L.control.scale({ imperial: false, position: "bottomright", maxWidth: 160 }).addTo(map_plan);
addViews();
drawCounties();
addNames();
showAll();
map_plan.on("zoomend", thinNames);
addEventListener("resize", thinNames);
addEventListener("beforeprint", () => toPaper(true));
addEventListener("afterprint", () => toPaper(false));
matchMedia("print").addEventListener("change", (media) => toPaper(media.matches));
document.body.dataset.ready = "";
