// Where the phone is: once, or along a way that is walked. WGS 84 with its accuracy, which widens what is drawn.
/* global L */
import { byId, page, t, tell } from "./dom.js";
import { roughLength } from "./ground.js";

const WORST_M = 30; // of a point of a walk, as the phone states it
const LEAST_M = 5; // no phone knows better, whatever it states: GPS.gov
const STEP_M = 2; // standing still is no way
const LONGEST_WAIT_MS = 20000;
const MOST_VERTICES = 400;
const SMOOTH_M = 0.5;

const SAID = { 1: "here_denied", 2: "here_unavailable", 3: "here_unavailable" };
const CHOICE = { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST_WAIT_MS };
const canAsk = () => window.isSecureContext && "geolocation" in navigator;

/** 95 % bound of a position on CGCS2000: what the phone states, which holds 68 %, and the drift of WGS 84 since 2000. */
const doubtOf = (accuracy) => Math.max(accuracy * page.device_to_95, LEAST_M) + page.wgs84_drift_m;
const placeOf = ({ coords }) => ({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, doubt: doubtOf(coords.accuracy) });

/** {lon, lat, accuracy, doubt}, or null with the reason told in `place`. */
export async function whereAmI(place) {
  if (!canAsk()) {
    tell(place, t("here_insecure"));
    return null;
  }
  tell(place, t("here_asking"));
  try {
    const found = placeOf(await new Promise((found, failed) => navigator.geolocation.getCurrentPosition(found, failed, CHOICE)));
    tell(place, "");
    return found;
  } catch (error) {
    tell(place, t(SAID[error.code] ?? "here_unavailable"));
    return null;
  }
}

/** A pin and a walked way, given to `drawn` as shapes with their doubt. changed: called when a walk begins or is given up. */
export function standing(map, drawn, changed) {
  const said = byId("here-state");
  const trail = L.polyline([], { className: "drawn-hint", interactive: false, pmIgnore: true });
  let watching = null;
  let way = [];
  let dropped = 0;
  let worst = 0;

  function show() {
    byId("walking").hidden = watching === null;
    byId("walk").hidden = byId("pin").hidden = watching !== null;
    byId("walk-line").disabled = way.length < 2;
    byId("walk-area").disabled = way.length < 3;
    if (watching !== null) tell(said, t("walk_state", { count: way.length, metres: roughLength(way).toFixed(0), dropped }));
  }

  function step(position) {
    const { lon, lat, accuracy, doubt } = placeOf(position);
    if (!(accuracy <= WORST_M)) dropped += 1;
    else if (!way.length || roughLength([way[way.length - 1], [lon, lat]]) >= STEP_M) {
      way.push([lon, lat]);
      worst = Math.max(worst, doubt);
      trail.addLatLng([lat, lon]);
      map.setView([lat, lon], Math.max(map.getZoom(), 18));
    }
    show();
  }

  function stop() {
    if (watching !== null) navigator.geolocation.clearWatch(watching);
    watching = null;
    trail.remove();
    tell(said, "");
    show();
    changed();
  }

  byId("pin").addEventListener("click", async () => {
    const found = await whereAmI(said);
    if (!found) return;
    map.setView([found.lat, found.lon], Math.max(map.getZoom(), 18));
    drawn.add("point", L.circle([found.lat, found.lon], { radius: 1, className: "drawn" }), found.doubt);
    tell(said, t("pin_told", { metres: found.doubt.toFixed(0) }));
  });
  byId("walk").addEventListener("click", () => {
    if (!canAsk()) {
      tell(said, t("here_insecure"));
      return;
    }
    [way, dropped, worst] = [[], 0, 0];
    trail.setLatLngs([]).addTo(map);
    watching = navigator.geolocation.watchPosition(step, (error) => {
      if (error.code !== 1) return; // no position just now: the walk goes on
      stop();
      tell(said, t("here_denied"));
    }, CHOICE);
    show();
    changed();
  });
  const finish = (kind) => {
    const { corners, off } = fewer(way);
    const shape = kind === "line" ? L.polyline : L.polygon;
    const layer = shape(corners.map(([lon, lat]) => [lat, lon]), { className: "drawn" });
    const [doubt, left] = [worst + off, dropped];
    stop();
    drawn.add(kind, layer, doubt);
    tell(said, t("walk_told", { count: corners.length, metres: doubt.toFixed(0), dropped: left }));
  };
  byId("walk-line").addEventListener("click", () => finish("line"));
  byId("walk-area").addEventListener("click", () => finish("area"));
  byId("walk-stop").addEventListener("click", stop);
  show();
  return { busy: () => watching !== null, stop };
}

/** {corners, off}: the way with so few corners that it can be judged, and how far it was moved for that. */
function fewer(way) {
  const [lon0, lat0] = way[0];
  const metres = 111195 * Math.cos((lat0 * Math.PI) / 180);
  const flat = way.map(([lon, lat]) => L.point((lon - lon0) * metres, (lat - lat0) * 111195));
  for (let off = SMOOTH_M; ; off *= 2) {
    const kept = L.LineUtil.simplify(flat, off);
    // Leaflet drops near points, then straightens: each within `off`.
    if (kept.length <= MOST_VERTICES) return { corners: kept.map(({ x, y }) => [x / metres + lon0, y / 111195 + lat0]), off: 2 * off };
  }
}
