// The quality report: head, checks, quarantined rows, plots. Every text comes from the data block and is set as text.
"use strict";

const { words } = data;

function addHead() {
  document.getElementById("kind").append(make("strong", "", data.internal), make("span", "", data.dated));
  document.getElementById("head").append(
    make("div", "", [make("h1", "", data.title), make("p", "of", data.of), make("p", "sum", data.sum)]),
    make("dl", "facts", data.facts.map(([name, number, look]) => make("div", look, [make("dt", "", name), make("dd", "", number)]))),
  );
}

function section(id, title, content) {
  const made = make("section", "", [make("h2", "", title), ...content]);
  made.id = id;
  document.getElementById("sheet").append(made);
}

function table(heads, rows) {
  return make("div", "wide", [
    make("table", "", [
      make("thead", "", [make("tr", "", heads.map(([name, look]) => make("th", look, name)))]),
      make("tbody", "", rows),
    ]),
  ]);
}

function markOf(severity) {
  return make("span", `mark ${severity}`, severity === "error" ? "✖" : "○");
}

function button(text, act) {
  const made = make("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function addChecks() {
  const rows = data.checks.map((check) =>
    make("tr", check.severity, [
      make("td", "what", [markOf(check.severity), make("span", "", words[check.severity])]),
      make("td", "number", check.count),
      make("td", "says", [
        make("span", "", check.says),
        make("code", "", check.code),
        check.examples ? make("p", "examples", [make("b", "", `${words.examples} `), make("bdi", "", check.examples)]) : null,
      ]),
      make("td", "act", [check.places.length ? button(words.show, () => showOnly(check.code)) : null]),
    ]),
  );
  section("checks", words.checks, [
    rows.length
      ? table([[words.severity, ""], [words.count, "number"], [words.finding, ""], ["", "act"]], rows)
      : make("p", "quiet", words.no_checks),
  ]);
}

function addRows() {
  const rows = data.rows.map((row) =>
    make("tr", "", [
      make("td", "number", row.number),
      make("td", "id", [make("bdi", "", row.id)]),
      make("td", "says", [make("span", "", row.says), make("code", "", row.code)]),
      make("td", "place", row.place),
    ]),
  );
  section("rows", words.rows, [
    make("p", "quiet", rows.length ? words.quarantine_means : words.no_rows),
    ...(rows.length ? [table([[words.row, "number"], [words.id, ""], [words.why, ""], [words.place, ""]], rows)] : []),
    ...(data.rows_left ? [make("p", "quiet", data.rows_left)] : []),
  ]);
}

// -- plots: bars of one width each, the unknown hatched, the number beside
function addHatch() {
  const pattern = draw("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, [
    draw("rect", { width: 6, height: 6, fill: "#eceef0" }),
    draw("path", { d: "M0 0V6", stroke: "#8A8F94", "stroke-width": 2.4 }),
  ]);
  document.body.append(draw("svg", { width: 0, height: 0, "aria-hidden": "true", class: "patterns" }, [draw("defs", {}, [pattern])]));
}

function bar(one) {
  const fill = one.unknown ? "url(#hatch)" : one.colour;
  const picture = draw("svg", { class: "bar", height: 14, width: "100%", "aria-hidden": "true" }, [
    draw("rect", { x: 0, y: 6.5, width: "100%", height: 1, fill: "#e3e5e7" }),
    draw("rect", { x: 0, y: 1, width: `${(one.share * 100).toFixed(2)}%`, height: 12, fill }),
  ]);
  return make("div", "bar-row", [make("bdi", "label", one.label), picture, make("span", "value", one.text)]);
}

function addPlots() {
  const plots = data.plots.map((plot) => {
    const made = make("figure", "plot", [make("figcaption", "", plot.title), ...plot.bars.map(bar)]);
    if (plot.note) made.append(make("p", "quiet", plot.note));
    return made;
  });
  section("figures", words.figures, [plots.length ? make("div", "plots", plots) : make("p", "quiet", words.no_pipes)]);
}

function swatch(entry) {
  const box = draw("svg", { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true" });
  if (entry.kind === "line") {
    const { colour, weight, dash } = data.map.styles[entry.name];
    const line = draw("path", { d: "M1 7H33", stroke: colour, "stroke-width": Math.min(weight, 6), fill: "none" });
    if (dash) line.setAttribute("stroke-dasharray", dash);
    box.append(line);
  } else if (entry.kind === "error") {
    box.append(draw("path", { d: "M12 2L22 12M22 2L12 12", stroke: "#C00000", "stroke-width": 3, "stroke-linecap": "round" }));
  } else {
    const warns = entry.kind === "warning";
    box.append(draw("circle", {
      cx: 17, cy: 7, r: warns ? 5 : 3, stroke: warns ? "#B45F06" : "#1d2733", "stroke-width": warns ? 2.5 : 1, fill: warns ? "#FFE9C7" : "#fff",
    }));
  }
  return box;
}

function addLegend() {
  document.getElementById("legend").append(
    make("ul", "", data.legend.map((entry) => make("li", "", [swatch(entry), make("span", "", entry.text)]))),
    make("div", "quiet", data.notes.map((note) => make("p", "", note))),
  );
}

function addBasis() {
  section("basis", words.rests_on, [
    make("dl", "basis", data.rests_on.flatMap(([name, text]) => [make("dt", "", name), make("dd", "", text)])),
  ]);
}

function addAllButton() {
  if (!marks.size) return;
  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const holder = make("div", "leaflet-bar views", [button(words.all_marks, () => showOnly(null))]);
    L.DomEvent.disableClickPropagation(holder);
    return holder;
  };
  control.addTo(map_plan);
}

function toPaper(paper) {
  if (document.body.classList.contains("on-paper") === paper) return;
  document.body.classList.toggle("on-paper", paper);
  fitAll();
}

addHatch();
addHead();
addLegend();
addChecks();
addRows();
addPlots();
addBasis();
if (Object.values(map_plan._layers).some((layer) => layer instanceof L.TileLayer)) {
  L.control.attribution({ prefix: false }).addTo(map_plan);
}
L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 140 }).addTo(map_plan);
drawNetwork();
drawMarks();
addAllButton();
map_plan.on("zoomend", fitWeights);
fitAll();
fitWeights();
addEventListener("beforeprint", () => toPaper(true));
addEventListener("afterprint", () => toPaper(false));
matchMedia("print").addEventListener("change", (media) => toPaper(media.matches));
document.body.dataset.ready = "";
