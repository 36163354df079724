// A map that says where you are without a base map: a grid with coordinates, a scale, the cursor's place.
/* global L */
import { el, page } from "./dom.js";

const KEPT = "predig-view";
const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005, 0.00002, 0.00001];
const LEAST_SPACING_PX = 90;
const CORNER_PX = 32;

/** A Leaflet map in `element`. where: [west, south, east, north] to begin with, else Xining. */
export function makeMap(element, where) {
  // Leaflet drops every move that is asked for while a zoom is animated: a place somebody typed would not be gone to.
  const map = L.map(element, { maxZoom: 23, attributionControl: false, zoomControl: false, worldCopyJump: false, zoomAnimation: false });
  L.control.zoom({ position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  if (page.tiles) {
    // 天地图 numbers its hosts t0 to t7; elsewhere they are a, b, c.
    const subdomains = page.tiles.includes("tianditu") ? "01234567" : "abc";
    L.tileLayer(page.tiles, { maxZoom: 23, maxNativeZoom: 18, subdomains }).addTo(map);
  }
  if (where) map.fitBounds([[where[1], where[0]], [where[3], where[2]]], { maxZoom: 18 });
  else map.setView([36.617, 101.778], 15);
  new Grid().addTo(map);
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(element);
  return map;
}

/** The view of the last visit, kept by the browser only; null when there is none. */
export function lastView() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return Array.isArray(kept) && kept.length === 4 && kept.every(Number.isFinite) ? kept : null;
  } catch {
    return null;
  }
}

export function keepView(map) {
  map.on("moveend", () => {
    const box = map.getBounds();
    try {
      localStorage.setItem(KEPT, JSON.stringify([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]));
    } catch {
      // no storage: the next visit begins elsewhere
    }
  });
}

/** Lines of round longitude and latitude, labelled at the left and the top edge. */
const Grid = L.LayerGroup.extend({
  onAdd(map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.createPane("grid").style.zIndex = 250;
    map.createPane("grid-labels").style.zIndex = 260;
    map.on("moveend viewreset resize", this.redraw, this);
    this.redraw();
  },
  redraw() {
    const map = this._map;
    if (!map) return;
    this.clearLayers();
    const size = map.getSize();
    if (!size.x || !size.y) return;
    const box = map.getBounds();
    const perPixel = (box.getEast() - box.getWest()) / size.x;
    const step = STEPS.filter((one) => one / perPixel >= LEAST_SPACING_PX).pop() || STEPS[0];
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    const line = (points) => L.polyline(points, { pane: "grid", className: "grid-line", interactive: false, weight: 1 });
    const label = (place, text, kind) =>
      L.marker(place, {
        pane: "grid-labels", interactive: false, keyboard: false,
        icon: L.divIcon({ className: `grid-label ${kind}`, html: el("span", { text }), iconSize: null }),
      });
    for (let k = Math.ceil(box.getWest() / step); k * step <= box.getEast(); k += 1) {
      const lon = k * step;
      this.addLayer(line([[box.getSouth(), lon], [box.getNorth(), lon]]));
      this.addLayer(label([box.getNorth(), lon], `${lon.toFixed(digits)}°E`, "top"));
    }
    for (let k = Math.ceil(box.getSouth() / step); k * step <= box.getNorth(); k += 1) {
      const lat = k * step;
      this.addLayer(line([[lat, box.getWest()], [lat, box.getEast()]]));
      // Not into the corner where the longitudes are written.
      if (map.latLngToContainerPoint([lat, box.getWest()]).y > CORNER_PX) this.addLayer(label([lat, box.getWest()], `${lat.toFixed(digits)}°N`, "left"));
    }
  },
});

/** "101.778 36.617", with any usual separator, longitude first; null when it is no place. */
export function readPlace(text) {
  const numbers = text.normalize("NFKC").replace(/[°eEnN]/g, " ").split(/[\s,;、，；]+/).filter(Boolean).map(Number);
  if (numbers.length !== 2 || !numbers.every(Number.isFinite)) return null;
  const [lon, lat] = numbers;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat } : null;
}

export const shown = (lon, lat) => `${lon.toFixed(6)}°E ${lat.toFixed(6)}°N`;

const RADIUS_M = 6371008.8;
const RAD = Math.PI / 180;

/** Roughly how long a line is, in metres: for the eye only, the judging measures exactly. */
export function roughLength(positions) {
  let sum = 0;
  for (let k = 1; k < positions.length; k += 1) {
    const [a, b] = [positions[k - 1], positions[k]];
    const dx = (b[0] - a[0]) * RAD * Math.cos(((a[1] + b[1]) / 2) * RAD);
    sum += Math.hypot(dx, (b[1] - a[1]) * RAD) * RADIUS_M;
  }
  return sum;
}

/** Roughly how large a ring is, in square metres. */
export function roughArea(ring) {
  const [lon0, lat0] = ring[0];
  const flat = ring.map(([lon, lat]) => [(lon - lon0) * RAD * Math.cos(lat0 * RAD) * RADIUS_M, (lat - lat0) * RAD * RADIUS_M]);
  let twice = 0;
  for (let k = 1; k < flat.length; k += 1) twice += flat[k - 1][0] * flat[k][1] - flat[k][0] * flat[k - 1][1];
  return Math.abs(twice) / 2;
}

export const inMetres = (value) => (value >= 10000 ? `${(value / 1000).toFixed(1)} km` : `${value.toFixed(value < 100 ? 1 : 0)} m`);
export const inSquareMetres = (value) => (value >= 1e5 ? `${(value / 1e6).toFixed(3)} km²` : `${value.toFixed(value < 100 ? 1 : 0)} m²`);

/** How wide a pixel is on the ground in the middle of the map. */
export const metresPerPixel = (map) => pixelAt(map, map.getCenter().lat);
const pixelAt = (map, lat) => (40075016.686 * Math.cos(lat * RAD)) / 2 ** (map.getZoom() + 8);

/** Show lon/lat GeoJSON with its width as a dashed outline; returns the layer. */
export function outline(map, geometry, halfWidth, className) {
  const turn = ([lon, lat]) => [lat, lon];
  const style = { className, weight: 2, interactive: false };
  if (geometry.type === "Point") return L.circle(turn(geometry.coordinates), { ...style, radius: halfWidth || 0.5 });
  if (geometry.type === "LineString") {
    const line = L.polyline(geometry.coordinates.map(turn), style);
    return L.layerGroup([corridor(map, line, 2 * halfWidth), line]);
  }
  return L.geoJSON(geometry, { style: () => style, interactive: false });
}

/** A band of so many metres round lon/lat GeoJSON: how far it may reach by what is not known of its place. */
export function band(map, geometry, metres) {
  const turn = ([lon, lat]) => [lat, lon];
  if (geometry.type === "Point") return L.circle(turn(geometry.coordinates), { className: "doubt", interactive: false, pmIgnore: true, radius: metres });
  const parts = geometry.type === "LineString" ? [geometry.coordinates] : geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  return corridor(map, L.polyline(parts.map((part) => part.map(turn))), 2 * metres, "doubt-band");
}

/** A line under `line` as wide on the ground as the trench; it follows zoom and edits. */
export function corridor(map, line, width, className = "corridor") {
  const under = L.polyline(line.getLatLngs(), { className, interactive: false, pmIgnore: true, lineCap: className === "corridor" ? "butt" : "round", lineJoin: "round" });
  under.widthMetres = width;
  under.fit = () => {
    under.setLatLngs(line.getLatLngs());
    const lat = under.getBounds().isValid() ? under.getBounds().getCenter().lat : 0;
    under.setStyle({ weight: Math.max(1, under.widthMetres / pixelAt(map, lat)), stroke: under.widthMetres > 0 });
  };
  under.on("add", () => map.on("zoomend", under.fit));
  under.on("remove", () => map.off("zoomend", under.fit));
  under.fit();
  return under;
}
