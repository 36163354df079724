// The words of a briefing map. Every text comes from the data block and is set as text; no markup is made of it.
"use strict";

const words = data.words;

const GRADE_OUTLINES = {
  I: "M3 3H25V25H3Z",
  II: "M14 1.5L27.5 25.5H0.5Z",
  III: "M14 0.5L27.5 14L14 27.5L0.5 14Z",
  IV: "M14 1A13 13 0 1 1 13.99 1Z",
};

// The mark of a grade: colour, shape and number together.
function gradeMark(grade, number, size) {
  const text = draw("text", {
    x: 14, y: grade === "II" ? 21.5 : 18.8, "text-anchor": "middle", "font-size": number.length > 2 ? 10 : 13,
    "font-weight": 700, fill: "#fff",
  });
  text.textContent = number;
  const outline = draw("path", {
    d: GRADE_OUTLINES[grade], fill: data.styles.grades[grade].colour, stroke: "#fff", "stroke-width": 1.5,
    "stroke-linejoin": "round", "paint-order": "stroke",
  });
  return draw("svg", { viewBox: "-1 -1 30 30", width: size, height: size, "aria-hidden": "true" }, [outline, text]);
}

function pairs(rows, className) {
  return make("dl", className, rows.flatMap(([label, value]) => [make("dt", "", label), make("dd", "", value)]));
}

function list(title, sentences, className) {
  if (!sentences.length) return null;
  return make("section", className, [
    make("h3", "", title),
    make("ul", "", sentences.map((sentence) => make("li", "", sentence))),
  ]);
}

function phone(entry) {
  const number = make(entry.dial ? "a" : "span", "phone", entry.number);
  // Only digits and a plus ever get here: the page's maker dropped every other number's address.
  if (entry.dial) number.href = "tel:" + entry.dial.replace(/[^0-9+]/g, "");
  return make("span", "line", [make("span", "label", entry.label), number]);
}

function cell(className, label, lines) {
  return make("td", className, [make("span", "label", label), ...lines.map((line) => make("span", "line", line))]);
}

function conflictRows(row) {
  const mark = make("td", "mark", [gradeMark(row.grade, row.number, 30), make("span", "line", row.grade_word)]);
  const call = make("td", "call", [
    make("span", "label", words.call),
    make("span", "line", row.call.name),
    ...row.call.phones.map(phone),
    row.call.none ? make("span", "line", row.call.none) : null,
  ]);
  const first = make("tr", "", [
    mark,
    cell("pipe", words.pipe, [row.kind, row.pipe]),
    cell("clearance", words.clearance, [row.clearance, row.zone]),
    cell("where", words.where, [row.where, ...row.crossings]),
    cell("requirement", words.requirement, [row.requirement, row.clause]),
    call,
  ]);
  const why = make("details", "why", [
    make("summary", "", words.why),
    make("ul", "", row.why.map((sentence) => make("li", "", sentence))),
  ]);
  const more = make("td", "", [
    make("span", "label", words.do),
    make("ul", "do", row.do.map((sentence) => make("li", "", sentence))),
    why,
  ]);
  more.colSpan = 5;
  const body = make("tbody", "grade-" + row.grade, [first, make("tr", "more", [make("td", "mark", ""), more])]);
  body.id = "row-" + row.number;
  return body;
}

function conflictTable(site) {
  if (!site.rows.length) return null;
  const heads = ["grade", "pipe", "clearance", "where", "requirement", "call"];
  return make("table", "conflicts", [
    make("thead", "", [make("tr", "", heads.map((name) => make("th", "", words[name])))]),
    ...site.rows.map(conflictRows),
  ]);
}

function cornerTable(site) {
  const heads = [words.corner, words.corner_x, words.corner_y];
  return make("details", "corners", [
    make("summary", "", words.corners + " · " + site.grid),
    make("table", "", [
      make("thead", "", [make("tr", "", heads.map((head) => make("th", "", head)))]),
      make("tbody", "", site.corners.map((corner) => make("tr", "", corner.map((text) => make("td", "", text))))),
    ]),
  ]);
}

function siteSection(site, number) {
  const section = make("section", "site", [
    make("h2", "", [make("span", "", site.title), make("span", "name", site.name)]),
    make("p", "outcome tone-" + site.tone, [make("span", "shape", site.shape), make("span", "", site.sentence)]),
    pairs(site.facts, "facts"),
    list(words.advice, site.advice, "advice"),
    list(words.route, site.route, "sections"),
    list(words.sections, site.sections, "sections"),
    conflictTable(site),
    list(words.helps, site.helps, "helps"),
    list(words.unknowns, site.unknowns, "unknowns"),
    cornerTable(site),
  ]);
  section.id = "site-" + number;
  return section;
}

function writeSheet() {
  const { headline, banner, facts, sites, evidence, drawn } = data.sheet;
  document.title = facts.length ? data.title + " · " + facts[0][1] : data.title;
  document.getElementById("head").append(
    make("p", "kind", [make("strong", "", data.title), make("span", "", words.restricted)]),
    make("h1", "outcome tone-" + headline.tone, [
      make("span", "shape", headline.shape),
      make("span", "", headline.sentence),
      headline.grade ? make("span", "grade", headline.grade) : null,
    ]),
    ...(banner ? [make("p", "banner", banner)] : []),
    ...(facts.length ? [pairs(facts, "facts")] : []),
  );
  document.getElementById("sheet").append(...sites.map(siteSection));
  document.getElementById("foot").append(
    make("p", "drawn", drawn),
    make("h3", "", words.rests_on),
    pairs(evidence, "evidence"),
  );
}

writeSheet();
