// The network of a quality report on folium's map: lines from steps, marks of the checks. The map itself comes later.
"use strict";

function decodedLines() {
  const { origin, unit, lines } = data.map;
  let [x, y] = [0, 0];
  const decoded = {};
  for (const [name, some] of Object.entries(lines)) {
    decoded[name] = some.map((steps) => {
      x += steps[0];
      y += steps[1];
      let [east, north] = [x, y];
      const points = [[origin[1] + north * unit, origin[0] + east * unit]];
      for (let at = 2; at < steps.length; at += 2) {
        east += steps[at];
        north += steps[at + 1];
        points.push([origin[1] + north * unit, origin[0] + east * unit]);
      }
      return points;
    });
  }
  return decoded;
}

// Heavier the nearer one looks, so that a whole city is no blot.
function weightAt(weight) {
  return weight * Math.min(1, Math.max(0.35, 0.35 + (map_plan.getZoom() - 12) * 0.13));
}

const drawnLines = [];

function drawNetwork() {
  for (const [name, lines] of Object.entries(decodedLines())) {
    const style = data.map.styles[name];
    const layer = L.polyline(lines, {
      color: style.colour, weight: style.weight, dashArray: style.dash || null, interactive: false, smoothFactor: 1,
    }).addTo(map_plan);
    drawnLines.push([layer, style.weight]);
  }
  for (const [lon, lat] of data.map.facilities) {
    L.circleMarker([lat, lon], { radius: 3, color: "#1d2733", weight: 1, fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(map_plan);
  }
}

function fitWeights() {
  for (const [layer, weight] of drawnLines) layer.setStyle({ weight: weightAt(weight) });
  for (const layer of rings) layer.setRadius(radiusOf(layer)).setStyle({ weight: Math.min(2.5, radiusOf(layer) / 2.2) });
}

// -- marks: a cross for what was left out, a ring for what is doubtful; one group a check
const marks = new Map();
const rings = [];

function radiusOf(layer) {
  const beyond = map_plan.getZoom() - 13;
  const grown = Math.min(6.5, Math.max(1.4, 2.6 + beyond * (beyond > 0 ? 0.9 : 0.55)));
  return layer.options.ofShape ? grown : grown * 0.75;
}

function cross(place) {
  const sign = draw("svg", { width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" }, [
    draw("path", { d: "M4 4L14 14M14 4L4 14", stroke: "#fff", "stroke-width": 6, "stroke-linecap": "round" }),
    draw("path", { d: "M4 4L14 14M14 4L4 14", stroke: "#C00000", "stroke-width": 3, "stroke-linecap": "round" }),
  ]);
  const icon = L.divIcon({ className: "cross", html: sign, iconSize: [18, 18] });
  return L.marker([place[1], place[0]], { icon, keyboard: false });
}

// Larger for what is wrong with a shape than for a value.
function ring(place, ofShape) {
  const layer = L.circleMarker([place[1], place[0]], { ofShape, color: "#B45F06", fillColor: "#FFD28A", fillOpacity: 0.8, bubblingMouseEvents: false });
  rings.push(layer);
  return layer;
}

function drawMarks() {
  for (const check of data.checks) {
    if (!check.places.length) continue;
    const layers = check.places.map((place) => (check.severity === "error" ? cross(place) : ring(place, check.of_shape)));
    for (const layer of layers) layer.on("click", () => tellOf(check));
    if (check.severity === "error") {
      for (const row of data.rows) {
        if (row.code !== check.code || !row.box) continue;
        const [west, south, east, north] = row.box;
        layers.push(L.rectangle([[south, west], [north, east]], { color: "#C00000", weight: 1, dashArray: "4 3", fillOpacity: 0.08, interactive: false }));
      }
    }
    marks.set(check.code, L.layerGroup(layers).addTo(map_plan));
  }
}

function tellOf(check) {
  const info = document.getElementById("info");
  info.replaceChildren(make("span", "", `${check.count} ${check.says}`));
  info.hidden = false;
}

// Only the marks of one check, and the map where they are; null: all of them.
function showOnly(code) {
  for (const [name, layer] of marks) layer[code === null || name === code ? "addTo" : "removeFrom"](map_plan);
  if (code === null) {
    document.getElementById("info").hidden = true;
    fitAll();
    return;
  }
  const check = data.checks.find((one) => one.code === code);
  map_plan.fitBounds(L.latLngBounds(check.places.map(([lon, lat]) => [lat, lon])).pad(0.2), { maxZoom: 18, animate: false });
  tellOf(check);
  document.getElementById("ground").scrollIntoView({ block: "nearest" });
}

function fitAll() {
  const [west, south, east, north] = data.map.bounds;
  map_plan.invalidateSize({ animate: false });
  map_plan.fitBounds([[south, west], [north, east]], { animate: false, padding: [12, 12], maxZoom: 19 });
}
