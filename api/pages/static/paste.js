// Pasted coordinates become a plan; what cannot be read is told with its line.
import { t } from "./dom.js";

const LEAST = { area: 3, line: 2, point: 1 };

/** {plan} or {fault}. order: "xy" or "yx" as written; a plan is always x (east, longitude) first. */
export function readCoordinates(text, kind, order, metres) {
  const positions = [];
  const lines = text.normalize("NFKC").split(/\r?\n/);
  for (const [number, line] of lines.entries()) {
    const parts = line.split(/[\s,;、]+/).filter(Boolean);
    if (!parts.length) continue;
    if (parts.length === 3 && !Number.isFinite(Number(parts[0]))) parts.shift();
    const [first, second] = parts.map(Number);
    if (parts.length !== 2 || !Number.isFinite(first) || !Number.isFinite(second)) {
      return { fault: t("line_two_numbers", { line: number + 1, text: line.trim().slice(0, 60) }) };
    }
    positions.push(order === "xy" ? [first, second] : [second, first]);
  }
  if (!positions.length) return {};
  const closed = kind === "area" && positions.length > 3 && same(positions[0], positions[positions.length - 1]);
  const count = closed ? positions.length - 1 : positions.length;
  if (count < LEAST[kind]) return { fault: t("too_few", { kind: t(`shape_${kind}`), least: LEAST[kind], count }) };
  const feature = (number, type, coordinates, properties) => ({
    type: "Feature", id: String(number), properties, geometry: { type, coordinates },
  });
  let features;
  if (kind === "area") {
    features = [feature(1, "Polygon", [closed ? positions : [...positions, positions[0]]], {})];
  } else if (kind === "line") {
    features = [feature(1, "LineString", positions, metres ? { width_m: metres } : {})];
  } else {
    features = positions.map((position, number) => feature(number + 1, "Point", position, metres ? { radius_m: metres } : {}));
  }
  return { plan: { type: "FeatureCollection", features } };
}

const same = (a, b) => a[0] === b[0] && a[1] === b[1];
