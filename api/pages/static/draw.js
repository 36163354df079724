// Drawing on the map with geoman; every finished shape is a feature with a card of its own.
/* global L */
import { byId, page, t } from "./dom.js";
import { card } from "./card.js";
import { band, corridor } from "./ground.js";

const TOOLS = { area: "Polygon", line: "Line", point: "Circle" };
const DIGITS = 9; // a tenth of a millimetre in degrees

/** changed: called after every finished change; begun: when drawing or dragging begins. */
export function drawing(map, changed, begun) {
  const sites = [];
  let numbered = 0;
  let tool = null;

  map.pm.setLang(page.language === "zh" ? "zh" : "en");
  map.pm.setGlobalOptions({
    allowSelfIntersection: false, snappable: false, tooltips: false,
    pathOptions: { className: "drawn" }, templineStyle: { className: "drawn-line" }, hintlineStyle: { className: "drawn-hint" },
  });

  const round = (value) => Number(value.toFixed(DIGITS));
  const position = (place) => [round(place.lng), round(place.lat)];

  function feature(site) {
    const { layer, kind } = site;
    const properties = {};
    let geometry;
    if (kind === "point") {
      geometry = { type: "Point", coordinates: position(layer.getLatLng()) };
      properties.radius_m = Number(layer.getRadius().toFixed(2));
    } else if (kind === "line") {
      geometry = { type: "LineString", coordinates: layer.getLatLngs().map(position) };
      if (site.width) properties.width_m = site.width;
      if (site.station) properties.start_station_m = site.station;
    } else {
      const ring = layer.getLatLngs()[0].map(position);
      geometry = { type: "Polygon", coordinates: [[...ring, ring[0]]] };
    }
    if (site.doubt) properties.uncertainty_m = site.doubt;
    return { type: "Feature", id: site.id, properties, geometry };
  }

  /** Show how far the place of a shape may be off. */
  function surround(site) {
    site.halo?.remove();
    if (!site.doubt) return;
    const half = site.kind === "line" ? (site.width || 0) / 2 : site.kind === "point" ? site.layer.getRadius() : 0;
    site.halo = band(map, feature(site).geometry, site.doubt + half).addTo(map).bringToBack();
  }

  /** doubt: 95 % bound of its place in metres, null where it was drawn here. */
  function take(kind, layer, doubt = null) {
    numbered += 1;
    const site = { id: String(numbered), kind, layer, width: null, station: null, doubt, halo: null };
    if (kind === "line") site.under = corridor(map, layer, 0).addTo(map);
    site.card = card(site, {
      feature: () => feature(site),
      remove: () => drop(site),
      show: () => map.fitBounds(layer.getBounds(), { maxZoom: 20, padding: [40, 40] }),
      resized: () => {
        if (site.under) {
          site.under.widthMetres = site.width || 0;
          site.under.fit();
        }
        surround(site);
        changed();
      },
    });
    sites.push(site);
    byId("shapes").append(site.card.element);
    surround(site);
    layer.on("pm:markerdragstart pm:dragstart", begun);
    layer.on("pm:edit pm:dragend pm:vertexadded pm:vertexremoved", () => {
      if (site.under) site.under.fit();
      site.card.measure();
      surround(site);
      changed();
    });
    layer.on("pm:remove", () => drop(site));
  }

  function drop(site) {
    const at = sites.indexOf(site);
    if (at < 0) return;
    sites.splice(at, 1);
    site.card.element.remove();
    for (const layer of [site.under, site.halo, site.layer]) layer?.remove();
    if (!sites.length) map.pm.disableGlobalEditMode();
    show();
    changed();
  }

  function show() {
    const editing = map.pm.globalEditModeEnabled();
    for (const button of document.querySelectorAll("[data-draw]")) {
      button.setAttribute("aria-pressed", String(button.dataset.draw === tool));
    }
    const edit = byId("edit");
    edit.disabled = !sites.length;
    edit.setAttribute("aria-pressed", String(editing));
    edit.textContent = t(editing ? "draw_edit_done" : "draw_edit");
    byId("drawing").hidden = !tool;
    byId("finish").hidden = byId("undo").hidden = tool === "point";
    byId("tip").textContent = tool ? t(`hint_${tool}`) : editing ? t("hint_edit") : t("hint_start");
    byId("tip").hidden = !tool && !editing && sites.length > 0;
  }

  map.on("pm:drawstart", begun);
  map.on("pm:create", ({ layer }) => {
    const kind = tool;
    tool = null;
    map.pm.disableDraw();
    take(kind, layer);
    show();
    changed();
  });
  map.on("pm:drawend", () => {
    const kind = tool;
    // geoman tells the end before it tells what was made
    setTimeout(() => {
      if (kind && tool === kind && !map.pm.globalDrawModeEnabled()) {
        tool = null;
        show();
        changed();
      }
    }, 0);
  });

  for (const button of document.querySelectorAll("[data-draw]")) {
    button.addEventListener("click", () => {
      const kind = button.dataset.draw;
      map.pm.disableGlobalEditMode();
      map.pm.disableDraw();
      if (tool === kind) {
        tool = null;
        changed();
      } else {
        tool = kind;
        map.pm.enableDraw(TOOLS[kind]);
      }
      show();
    });
  }
  const active = () => map.pm.Draw[TOOLS[tool]];
  byId("finish").addEventListener("click", () => active()._finishShape());
  byId("undo").addEventListener("click", () => active()._removeLastVertex());
  const stop = () => {
    tool = null;
    map.pm.disableDraw();
    show();
    changed();
  };
  byId("stop").addEventListener("click", stop);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && tool) stop();
  });
  byId("edit").addEventListener("click", () => {
    map.pm.toggleGlobalEditMode();
    if (!map.pm.globalEditModeEnabled()) changed();
    show();
  });
  show();

  return {
    busy: () => tool !== null,
    plan: () => (sites.length ? { type: "FeatureCollection", features: sites.map(feature) } : null),
    /** Take a shape that was not drawn: kind as the tools', a layer, and its doubt in metres. */
    add: (kind, layer, doubt) => {
      take(kind, layer.addTo(map), Number(doubt.toFixed(1)));
      show();
      changed();
    },
    cards: () => sites.map((site) => site.card),
    visible: (yes) => {
      if (!yes && tool) stop();
      map.pm.disableGlobalEditMode();
      for (const site of sites) {
        for (const layer of [site.halo, site.under, site.layer]) if (layer) yes ? layer.addTo(map) : layer.remove();
      }
      show();
    },
  };
}
