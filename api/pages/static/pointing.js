// Known points: a place of the drawing beside its place on the earth, at least three of them, for a drawing whose
// coordinates are its own.
/* global L */
import { byId, el, t } from "./dom.js";
import { metresPerPixel } from "./ground.js";
import { whereAmI } from "./here.js";

const SVG = "http://www.w3.org/2000/svg";
const FEWEST = 3, MOST = 40; // so many fit into what is sent
const MOST_DOTS = 500;
const WIDE = 600, ROOM = 30; // of the sketch, in its own units
const FOUND_M = 2; // how well a corner is found again on an image, at best; see the decision on known points
const AIMED_PX = 10; // how well a finger or a pointer aims

const made = (tag, attributes) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
};

/** changed: called when the points that count are others. wanted: () => whether the plan is to be placed by points. */
export function pointing({ map, wanted, changed }) {
  const marks = L.layerGroup().addTo(map);
  let pairs = []; // {x, y, lon, lat, doubt}: null where not yet known
  let vertices = null; // of the drawing: [x, y]
  let frame = null; // what of the drawing is seen: {west, north, scale}
  let sent = "";

  const whole = (pair) => [pair.x, pair.y, pair.lon, pair.lat].every(Number.isFinite);
  const standing = () => pairs.filter(whole);
  /** The pair that still lacks what `names` say; a new one where all have it. */
  function open(names) {
    const found = pairs.find((pair) => names.some((name) => !Number.isFinite(pair[name])));
    if (found) return found;
    if (pairs.length >= MOST) return pairs[pairs.length - 1];
    const pair = { x: null, y: null, lon: null, lat: null, doubt: null };
    pairs.push(pair);
    return pair;
  }

  const seen = ([x, y]) => [(x - frame.west) * frame.scale + ROOM, (frame.north - y) * frame.scale + ROOM];

  function paint() {
    const place = byId("plan-sketch");
    const old = place.querySelector("svg");
    for (const mark of old?.querySelectorAll(".pointed") ?? []) mark.remove();
    marks.clearLayers();
    for (const [at, pair] of pairs.entries()) {
      if (old && Number.isFinite(pair.x) && Number.isFinite(pair.y)) {
        const [x, y] = seen([pair.x, pair.y]);
        const mark = made("g", { class: "pointed", transform: `translate(${x} ${y})` });
        const text = made("text", { "text-anchor": "middle", y: 7 });
        text.textContent = String(at + 1);
        mark.append(made("circle", { r: 16 }), text);
        old.append(mark);
      }
      if (Number.isFinite(pair.lon) && Number.isFinite(pair.lat)) {
        const where = [pair.lat, pair.lon];
        marks.addLayer(L.circle(where, { radius: pair.doubt ?? FOUND_M, className: "doubt", interactive: false }));
        marks.addLayer(L.marker(where, { interactive: false, keyboard: false, icon: L.divIcon({ className: "pointed-place", html: el("b", { text: at + 1 }), iconSize: [24, 24] }) }));
      }
    }
    byId("pairs").replaceChildren(...pairs.map(row));
    const left = FEWEST - standing().length;
    byId("pairs-state").textContent = left > 0 ? t("points_left", { left }) : t("points_enough");
  }

  function row(pair, at) {
    const field = (name, label, digits) => {
      const input = el("input", { inputmode: "decimal", autocomplete: "off", value: Number.isFinite(pair[name]) ? pair[name].toFixed(digits) : "", "aria-label": `${at + 1} ${label}`, placeholder: label });
      input.addEventListener("change", () => {
        const number = Number(input.value.normalize("NFKC").trim());
        pair[name] = input.value.trim() && Number.isFinite(number) ? number : null;
        if (name === "lon" || name === "lat") pair.doubt = null; // typed: known as well as a corner is found
        settle();
      });
      return input;
    };
    const drop = el("button", { type: "button", class: "quiet-button", text: t("remove") });
    drop.addEventListener("click", () => {
      pairs = pairs.filter((one) => one !== pair);
      settle();
    });
    const size = [
      whole(pair) ? t("point_doubt", { metres: (pair.doubt ?? FOUND_M).toFixed(1) }) : "",
      pair.miss == null ? "" : t("point_miss", { metres: pair.miss.toFixed(1) }),
    ].filter(Boolean).join(" · ");
    return el("li", { class: "pair" }, el("b", { text: at + 1 }),
      el("span", { class: "fields" }, field("x", "x", 3), field("y", "y", 3), el("span", { text: "→" }), field("lon", t("longitude"), 7), field("lat", t("latitude"), 7)),
      el("span", { class: "size", text: size }), drop);
  }

  /** Show what is pointed at; tell when the points that count are others. */
  function settle() {
    const now = JSON.stringify(api.pairs());
    if (now !== sent) for (const pair of pairs) pair.miss = null;
    paint();
    if (now === sent) return;
    sent = now;
    changed();
  }

  function pick(event) {
    const svg = byId("plan-sketch").querySelector("svg");
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const far = (vertex) => Math.hypot(seen(vertex)[0] - at.x, seen(vertex)[1] - at.y);
    const nearest = vertices.reduce((best, one) => (far(one) < far(best) ? one : best));
    const pair = open(["x", "y"]);
    [pair.x, pair.y] = nearest;
    settle();
  }

  function pin(lon, lat, doubt) {
    const pair = open(["lon", "lat"]);
    Object.assign(pair, { lon: Number(lon.toFixed(8)), lat: Number(lat.toFixed(8)), doubt: Number(doubt.toFixed(1)) });
    settle();
  }

  map.on("click", ({ latlng }) => {
    if (wanted() && vertices) pin(latlng.lng, latlng.lat, FOUND_M + AIMED_PX * metresPerPixel(map));
  });
  byId("point-here").addEventListener("click", async () => {
    const found = await whereAmI(byId("pairs-state"));
    if (!found) return;
    map.setView([found.lat, found.lon], Math.max(map.getZoom(), 18));
    pin(found.lon, found.lat, found.doubt);
  });

  const api = {
    wanted,
    drawn: () => vertices !== null,
    /** [[x, y, lon, lat, doubt]], or null while there are too few. */
    pairs: () => (standing().length < FEWEST ? null : standing().map(({ x, y, lon, lat, doubt }) => [x, y, lon, lat, doubt ?? FOUND_M])),
    /** plan: in the drawing's own coordinates; null: none yet. */
    sketch(plan) {
      const lines = plan ? plan.features.flatMap((feature) => linesOf(feature.geometry)) : [];
      vertices = lines.length ? distinct(lines.flat()) : null;
      byId("plan-sketch").replaceChildren();
      pairs = [];
      sent = JSON.stringify(null);
      if (vertices) {
        frame = frameOf(vertices);
        const svg = drawing(lines, vertices, frame, seen);
        svg.addEventListener("click", pick);
        byId("plan-sketch").append(svg);
      }
      paint();
    },
    /** placed: the plan laid by the points, or null when they were refused. */
    told(placed) {
      const how = placed?.features[0]?.properties.placed_by;
      standing().forEach((pair, at) => (pair.miss = how ? how.misses_m[at] : null));
      paint();
    },
    /** Show it, or put it away. */
    show() {
      const yes = wanted();
      byId("pointing").hidden = byId("pointing-how").hidden = !yes;
      byId("plan-sketch").hidden = !yes;
      byId("board").classList.toggle("pointing", yes);
      yes ? marks.addTo(map) : marks.remove();
      map.invalidateSize({ pan: false });
    },
  };
  return api;
}

function linesOf({ type, coordinates }) {
  if (type === "Point") return [[coordinates]];
  if (type === "LineString") return [coordinates];
  return type === "Polygon" ? coordinates : coordinates.flat();
}

function distinct(positions) {
  const found = [...new Map(positions.map(([x, y]) => [`${x} ${y}`, [x, y]])).values()];
  const step = Math.ceil(found.length / MOST_DOTS);
  return found.filter((_, at) => at % step === 0);
}

function frameOf(vertices) {
  const [xs, ys] = [0, 1].map((axis) => vertices.map((vertex) => vertex[axis]));
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const size = Math.max(east - west, north - south) || 1;
  const scale = (WIDE - 2 * ROOM) / size;
  return { west, north, scale, wide: (east - west) * scale + 2 * ROOM, high: (north - south) * scale + 2 * ROOM };
}

function drawing(lines, vertices, frame, seen) {
  const svg = made("svg", { viewBox: `0 0 ${frame.wide} ${frame.high}`, role: "img", "aria-label": t("points_sketch") });
  for (const line of lines) svg.append(made("polyline", { points: line.map((one) => seen(one).join(" ")).join(", ") }));
  for (const vertex of vertices) {
    const [x, y] = seen(vertex);
    svg.append(made("circle", { class: "corner", cx: x, cy: y, r: 6 }));
  }
  return svg;
}
