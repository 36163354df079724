// What was understood of a file or of pasted coordinates: drawn on the map with its doubt, counted, and where it lies.
/* global L */
import { byId, page, t } from "./dom.js";
import { band, inMetres, inSquareMetres, outline, roughArea, roughLength } from "./ground.js";

const FAR_M = 50000; // a wrong zone lands hundreds of kilometres away
const NEAR_M = 2000;

export function understanding(map) {
  const shown = L.layerGroup().addTo(map);
  let asking = 0;
  let looked = map.getCenter(); // where the reader went last; what is shown here is not gone to by the reader
  let [ours, theirs] = [false, false];
  map.on("movestart", () => (theirs = !ours));
  map.on("moveend", () => {
    if (theirs) looked = map.getCenter();
    theirs = false;
  });

  /** sites: as the verdict has them; system: the name of the declared one. */
  async function show(sites, system) {
    clear();
    if (!sites.length) return;
    const layers = sites.flatMap((site) => [
      band(map, site.geometry, site.half_width_m + site.uncertainty_m),
      outline(map, site.geometry, site.half_width_m, "understood"),
    ]);
    for (const layer of layers) shown.addLayer(layer);
    const boxes = L.latLngBounds([]);
    const grow = (layer) => (layer.getBounds && layer.getBounds().isValid() ? boxes.extend(layer.getBounds()) : layer.eachLayer?.(grow));
    layers.forEach(grow);
    if (!boxes.isValid()) return;
    ours = true;
    map.fitBounds(boxes.pad(0.5), { maxZoom: 19, animate: false });
    ours = false;
    const doubt = Math.max(...sites.map((site) => site.uncertainty_m));
    const place = byId("understood");
    place.textContent = [amounts(sites), t("understood_in", { system }), doubt ? t("understood_doubt", { metres: doubt.toFixed(1) }) : t("understood_exact")].join(t("comma"));
    place.className = "quiet";
    place.hidden = false;
    await tellWhere(place, boxes.getCenter());
  }

  /** Which county it lies in, and how far from where the reader was looking. */
  async function tellWhere(place, there) {
    const mine = ++asking;
    const metres = looked.distanceTo(there);
    if (metres < NEAR_M) return;
    let county = null;
    try {
      county = (await (await fetch(`/place?lon=${there.lng}&lat=${there.lat}`)).json()).county;
    } catch {
      // told without a name
    }
    if (mine !== asking) return;
    const km = (metres / 1000).toFixed(metres < 20000 ? 1 : 0);
    place.append(t("stop"), t(county ? "lies_in" : "lies_away", { county, km }));
    if (metres >= FAR_M) {
      place.append(t("stop"), t("lies_far"));
      place.className = "warning";
    }
  }

  function clear() {
    asking += 1;
    shown.clearLayers();
    byId("understood").hidden = true;
  }
  return { show, clear };
}

/** "2 shapes, 312 m long" */
function amounts(sites) {
  let [long, large] = [0, 0];
  for (const { geometry } of sites) {
    if (geometry.type === "LineString") long += roughLength(geometry.coordinates);
    const areas = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    for (const [outer, ...holes] of areas) large += holes.reduce((left, hole) => left - roughArea(hole), roughArea(outer));
  }
  return [
    t("understood_count", { count: sites.length }),
    long ? t("understood_long", { amount: inMetres(long) }) : "",
    large ? t("understood_large", { amount: inSquareMetres(large) }) : "",
  ].filter(Boolean).join(t("comma"));
}
