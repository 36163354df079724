// The drawing of a briefing map, on folium's map_plan. Shapes and texts come from the data block.
const drawing = data.drawing;
const DECLUTTER = [0, 34, 51].flatMap((away) => (away ? [[0, -away], [0, away], [away * 2, 0], [-away * 2, 0], [away * 2, -away], [-away * 2, -away], [away * 2, away], [-away * 2, away]] : [[0, 0]]));
const INK = "#1d2733";

// Sites that lie far apart are looked at one by one, the gravest first; near ones together.
const views = [drawing.bounds, ...drawing.sites.map((site) => site.bounds)];
const across = (bounds) => Math.hypot(bounds[1][0] - bounds[0][0], bounds[1][1] - bounds[0][1]);
const farApart = across(drawing.bounds) > 4 * Math.max(...drawing.sites.map((site) => across(site.bounds)));
const GRADES = Object.keys(data.styles.grades);
const gravest = [...drawing.marks].sort((one, other) => GRADES.indexOf(one.grade) - GRADES.indexOf(other.grade))[0];
let shown = farApart ? 1 + (gravest ? gravest.site : 0) : 0;

map_plan.fitBounds(views[shown], { animate: false });
if (map_plan.options.attributionControl === false && Object.values(map_plan._layers).some((layer) => layer instanceof L.TileLayer)) {
  L.control.attribution({ prefix: false }).addTo(map_plan);
}

for (const [number, name] of ["beyond", "zones", "pipes", "dig", "conflicts"].entries()) {
  map_plan.createPane(name).style.zIndex = 410 + 10 * number;
}
map_plan.createPane("labels").style.zIndex = 620;
const renderers = {};
function pane(name) {
  renderers[name] = renderers[name] || L.svg({ pane: name, padding: 0.5 });
  return { pane: name, renderer: renderers[name], interactive: false };
}

// -- hatches: SVG patterns of this page, so that bands stay apart in black and white
function addPatterns() {
  const hatch = (id, size, turn, lines) =>
    draw("pattern", { id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` }, lines);
  const line = (colour, width, size) => draw("path", { d: `M0 0V${size}`, stroke: colour, "stroke-width": width });
  const defs = draw("defs", {}, [
    hatch("hatch-possible", 7, 45, [line("#8b7a99", 1.3, 7)]),
    hatch("hatch-protection", 5, -45, [draw("rect", { width: 5, height: 5, fill: "#8F1A73", "fill-opacity": 0.16 }), line("#8F1A73", 0.9, 5)]),
    hatch("hatch-dig", 9, 0, [draw("rect", { width: 9, height: 9, fill: INK, "fill-opacity": 0.12 })]),
  ]);
  const holder = draw("svg", { width: 0, height: 0, "aria-hidden": "true", class: "patterns" }, [defs]);
  document.body.append(holder);
}

function icon(element, className) {
  const made = new L.Icon({ iconUrl: "", className });
  made.createIcon = () => {
    element.classList.add("leaflet-marker-icon", ...className.split(" "));
    return element;
  };
  made.createShadow = () => null;
  return made;
}

function place(at, element, className, paneName) {
  return L.marker(at, { icon: icon(element, className), pane: paneName || "labels", interactive: false, keyboard: false }).addTo(map_plan);
}

function drawGround() {
  const world = [[-89, -360], [-89, 360], [89, 360], [89, -360]];
  const holes = drawing.window.map((rings) => rings[0]);
  L.polygon([world, ...holes], { ...pane("beyond"), stroke: false, fillColor: "#e4e3df", fillOpacity: 0.75 }).addTo(map_plan);
  L.polygon(drawing.window, { ...pane("beyond"), color: "#6b7480", weight: 1, dashArray: "6 5", fill: false }).addTo(map_plan);
  for (const cross of drawing.grid.crosses) {
    const mark = draw("svg", { width: 9, height: 9, viewBox: "0 0 9 9" }, [draw("path", { d: "M4.5 0V9M0 4.5H9", stroke: "#8a929b", "stroke-width": 0.8 })]);
    place(cross.at, mark, "cross", "beyond");
  }
  const zone = (name, options) => L.polygon(drawing.zones[name], { ...pane("zones"), ...options }).addTo(map_plan);
  zone("possible", { color: "#8b7a99", weight: 1, dashArray: "2 4", fillColor: "url(#hatch-possible)", fillOpacity: 0.5 });
  zone("control", { color: "#8F1A73", weight: 1.1, dashArray: "8 4", fillColor: "#c98bbb", fillOpacity: 0.14 });
  zone("protection", { color: "#8F1A73", weight: 1.2, fillColor: "url(#hatch-protection)", fillOpacity: 1 });
}

function drawPipes() {
  for (const pipe of drawing.pipes) {
    const style = data.styles.classes[pipe.class];
    const faint = pipe.conflict ? 1 : 0.75;
    const line = (options) => L.polyline(pipe.lines, { ...pane("pipes"), lineCap: "butt", ...options }).addTo(map_plan);
    if (pipe.lines.length) {
      line({ color: style.colour, weight: style.weight, dashArray: style.dash || null, opacity: faint });
      if (style.core) line({ color: "#fff", weight: style.weight / 3, opacity: 1 });
      line({ color: "#000", opacity: 0, weight: 22, interactive: true }).on("click", (event) => tell(pipe, event));
    }
    for (const area of pipe.areas) {
      L.polygon(area, { ...pane("pipes"), color: style.colour, weight: 2, fillColor: style.colour, fillOpacity: 0.25, interactive: true })
        .on("click", (event) => tell(pipe, event)).addTo(map_plan);
    }
    for (const at of pipe.points) {
      L.circleMarker(at, { ...pane("pipes"), radius: 5, color: style.colour, weight: 2.5, fillColor: "#fff", fillOpacity: 1, interactive: true })
        .on("click", (event) => tell(pipe, event)).addTo(map_plan);
    }
  }
}

function drawSites() {
  for (const site of drawing.sites) {
    L.polygon(site.doubt, { ...pane("dig"), color: INK, weight: 1, dashArray: "1 4", fill: false }).addTo(map_plan);
    L.polygon(site.area, { ...pane("dig"), color: INK, weight: 1.8, fillColor: INK, fillOpacity: 0.13 }).addTo(map_plan);
    L.polyline(site.axis, { ...pane("dig"), color: INK, weight: 0.8, dashArray: "10 3 2 3" }).addTo(map_plan);
    for (const tick of site.ticks) {
      const element = make("div", "", [make("i", ""), make("span", "", tick.text)]);
      // Across the line, and never head down.
      if (tick.turn > 0 || tick.turn <= -180) element.lastChild.classList.add("turned");
      const turned = make("div", "", [element]);
      element.className = "tick-turn";
      element.style.transform = `rotate(${tick.turn}deg)`;
      place(tick.at, turned, "tick");
      labels.push({ element: element.lastChild, site, rank: 1, keep: tick === site.ticks[0] || tick === site.ticks[site.ticks.length - 1] });
    }
  }
}

const labels = [];
const marks = [];
const badges = [];
function drawConflicts() {
  // The gravest last, so that it lies on top.
  for (const mark of [...drawing.marks].reverse()) {
    const colour = data.styles.grades[mark.grade].colour;
    for (const stretch of mark.stretches) {
      const look = stretch.certain ? { weight: 7, opacity: 0.9 } : { weight: 3, opacity: 0.9, dashArray: "3 4" };
      L.polyline(stretch.line, { ...pane("conflicts"), color: colour, lineCap: "butt", ...look }).addTo(map_plan);
    }
    const row = data.sheet.sites[mark.site].rows[mark.row];
    if (mark.from) {
      L.polyline([mark.from, mark.to], { ...pane("conflicts"), color: INK, weight: 1.1 }).addTo(map_plan);
      for (const end of [mark.from, mark.to]) {
        L.circleMarker(end, { ...pane("conflicts"), radius: 2, color: INK, weight: 0, fillColor: INK, fillOpacity: 1 }).addTo(map_plan);
      }
      const middle = [(mark.from[0] + mark.to[0]) / 2, (mark.from[1] + mark.to[1]) / 2];
      const gap = make("div", "", [make("span", "", row.gap)]);
      place(middle, gap, "gap");
      labels.push({ element: gap.firstChild, rank: 2 });
    }
    const shape = make("a", "", [gradeMark(mark.grade, row.number, 30), make("span", "", data.styles.grades[mark.grade].word)]);
    shape.href = "#row-" + row.number;
    const leader = L.polyline([mark.at, mark.at], { ...pane("conflicts"), color: INK, weight: 0.9 }).addTo(map_plan);
    const marker = place(mark.at, shape, "conflict grade-" + mark.grade);
    marks.push({ mark, marker, leader });
  }
  marks.sort((one, other) => GRADES.indexOf(one.mark.grade) - GRADES.indexOf(other.mark.grade) || one.mark.site - other.mark.site || one.mark.row - other.mark.row);
}

function drawLabels() {
  for (const pipe of [...drawing.pipes].sort((one, other) => other.conflict - one.conflict)) {
    for (const [choice, spot] of pipe.spots.entries()) {
      const text = make("span", "", pipe.label);
      text.style.transform = `translate(-50%, -50%) rotate(${spot.turn}deg) translateY(-13px)`;
      place(spot.at, make("div", "", [text]), "pipe-label");
      // One label a pipe: the first of its spots that is in sight and free.
      labels.push({ element: text, pipe, rank: (pipe.conflict ? 3 : 4) + choice / 10 });
    }
  }
  for (const cross of drawing.grid.crosses) {
    const text = make("p", "", [make("span", "", `X ${cross.x}`), make("span", "", `Y ${cross.y}`)]);
    place(cross.at, make("div", "", [text]), "cross-label", "beyond");
    labels.push({ element: text, rank: 9 });
  }
  if (drawing.sites.length > 1) {
    drawing.sites.forEach((site, number) => {
      const element = make("div", "", [make("span", "", String(number + 1))]);
      place(site.at, element, "site-number");
      badges.push({ site, element });
    });
  }
}

const SMALL = 90;
// A site of a few pixels carries its number; a larger one its stationing.
function isSmall(site) {
  const [one, other] = site.bounds.map((corner) => map_plan.latLngToContainerPoint(corner));
  return one.distanceTo(other) < SMALL;
}

// -- nothing is written over anything: marks move aside on a leader, labels that find no room are left out
function declutter() {
  const taken = [];
  const size = map_plan.getSize();
  const frame = map_plan.getContainer().getBoundingClientRect();
  const scale = frame.width / size.x || 1;
  const boxOf = (element) => {
    const seen = element.getBoundingClientRect();
    const [left, right, top, bottom] = [seen.left - frame.left, seen.right - frame.left, seen.top - frame.top, seen.bottom - frame.top];
    return { left: left / scale, right: right / scale, top: top / scale, bottom: bottom / scale };
  };
  taken.push(...[...map_plan.getContainer().querySelectorAll(".leaflet-control")].map(boxOf));
  const clashes = (box) => taken.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
  // A mark with the word of its grade beside it.
  const around = (point) => ({ left: point.x - 15, right: point.x + 50, top: point.y - 15, bottom: point.y + 15 });
  const inside = (box) => box.left >= 0 && box.top >= 0 && box.right <= size.x && box.bottom <= size.y;
  for (const one of marks) {
    const home = map_plan.latLngToContainerPoint(one.mark.at);
    const offset = DECLUTTER.find(([x, y]) => {
      const box = around(home.add([x, y]));
      return !clashes(box) && (inside(box) || !(x || y));
    });
    // In a crowd the gravest keep their numbers; every other one is still there, small, at its own place.
    one.marker.getElement().classList.toggle("crowded", !offset);
    one.marker.setZIndexOffset(offset ? 10000 : 5000);
    const moved = home.add(offset || [0, 0]);
    if (offset) taken.push(around(moved));
    one.marker.setLatLng(map_plan.containerPointToLatLng(moved));
    one.leader.setLatLngs([one.mark.at, map_plan.containerPointToLatLng(moved)]);
  }
  map_plan.getContainer().classList.toggle("overview", drawing.sites.every(isSmall));
  for (const badge of badges) badge.element.style.visibility = isSmall(badge.site) ? "" : "hidden";
  const named = new Set();
  for (const label of [...labels].sort((one, other) => one.rank - other.rank)) {
    const box = boxOf(label.element);
    const outside = !inside(box);
    const spare = (label.site && isSmall(label.site)) || (label.pipe && named.has(label.pipe));
    const hidden = spare || (!label.keep && (outside || clashes(box)));
    label.element.style.visibility = hidden ? "hidden" : "";
    if (hidden) continue;
    taken.push(box);
    if (label.pipe) named.add(label.pipe);
  }
}

function tell(pipe, event) {
  const info = document.getElementById("info");
  const close = make("button", "", "×");
  close.type = "button";
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => { info.hidden = true; });
  info.replaceChildren(close, pairs(pipe.facts, "facts"));
  info.hidden = false;
  if (event) L.DomEvent.stopPropagation(event);
}
