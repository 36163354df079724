// The verdict while drawing: asked once nothing has moved for a while, the question before it given up.
import { byId, el, faultsOf, newKey, page, sendJson, t } from "./dom.js";

const IDLE_MS = 900; // every enquiry is kept, so ask seldom
const AGAIN_MS = 8000;

/** body: () => text of the enquiry, or null when there is nothing to ask. */
export function verdicts({ body, refused, judged }) {
  const place = byId("verdict-body");
  const bar = byId("bar");
  let timer = null;
  let asking = null;
  let answered = null;

  function state(name) {
    byId("verdict").setAttribute("aria-busy", String(name === "waiting"));
    byId("verdict").dataset.state = name;
  }

  function plain(name, sentence) {
    answered = null;
    state(name);
    place.replaceChildren(el("p", { class: name === "failed" ? "warning" : "quiet", text: sentence }));
    showBar("", sentence, name === "none");
  }

  function showBar(outcome, sentence, hidden) {
    bar.className = `bar ${outcome ? `outcome-${outcome.outcome}` : ""}`;
    bar.replaceChildren(...(outcome ? [el("i", { class: "mark", "aria-hidden": "true", text: outcome.mark })] : []), el("span", { text: sentence }));
    bar.hidden = hidden;
  }

  function giveUp() {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
  }

  /** Something changed: what is shown no longer holds. */
  function changed({ busy = false } = {}) {
    giveUp();
    const text = body();
    refused([]);
    if (busy) {
      plain("waiting", t("verdict_drawing"));
    } else if (text === null) {
      judged(null);
      plain("none", t("verdict_none"));
    } else if (text === answered && byId("verdict").dataset.state === "told") {
      return;
    } else {
      plain("waiting", t("verdict_waiting"));
      timer = setTimeout(() => ask(text), IDLE_MS);
    }
  }

  async function ask(text) {
    const mine = new AbortController();
    asking = mine;
    try {
      const response = await sendJson("POST", "/v1/enquiries", text, { signal: mine.signal, key: newKey() });
      if (response.status >= 500) throw new Error(String(response.status));
      if (!response.ok) {
        const faults = await faultsOf(response);
        if (mine.signal.aborted) return;
        judged(null);
        plain("refused", t("verdict_refused"));
        refused(faults);
        return;
      }
      const { screenings } = await response.json();
      const ids = screenings.map(({ id }) => `id=${encodeURIComponent(id)}`).join("&");
      const view = await fetch(`/verdict?lang=${page.language}&${ids}`, { signal: mine.signal });
      if (!view.ok) throw new Error(String(view.status));
      const told = await view.json();
      if (mine.signal.aborted) return;
      answered = text;
      state("told");
      place.replaceChildren(...paint(told), el("p", { class: "quiet", text: t("enquiry_note") }));
      showBar(told, told.sentence, false);
      judged(told);
    } catch {
      if (mine.signal.aborted) return;
      plain("failed", t("verdict_failed"));
      const retry = el("button", { type: "button", class: "button", text: t("retry") });
      retry.addEventListener("click", () => changed());
      place.append(el("p", { class: "quiet", text: t("verdict_no_answer") }), retry);
      timer = setTimeout(() => ask(text), AGAIN_MS);
    }
  }

  return { changed };
}

/** Elements for a verdict as the server words it; the same form as the permit's page has. */
export function paint(verdict) {
  return [
    el("div", { class: `outcome outcome-${verdict.outcome}` },
      el("i", { class: "mark", "aria-hidden": "true", text: verdict.mark }),
      el("p", {}, el("b", { text: verdict.sentence })),
      el("p", { class: "counts" }, ...verdict.counts.flatMap((row) => [grade(row), ` × ${row.count} `]))),
    ...verdict.sites.map((site) => paintSite(site, verdict.several)),
    verdict.more ? el("p", { class: "quiet", text: verdict.more }) : null,
  ].filter(Boolean);
}

function grade(view) {
  return el("span", { class: `grade grade-${view.code}` }, el("i", { "aria-hidden": "true", text: view.mark }), ` ${view.word}`);
}

function paintSite(site, several) {
  return el("section", { class: `site outcome-${site.outcome}`, "data-screening": site.id },
    several
      ? el("h3", {}, el("i", { class: "mark", "aria-hidden": "true", text: site.mark }), " ", el("bdi", { text: site.title }), " ", el("small", { text: site.sentence }))
      : null,
    ...sentences(t("route"), site.route),
    ...sentences(t("stretches"), site.stretches),
    ...(site.conflicts.length
      ? [el("h4", { text: site.conflicts_title }), el("ul", { class: "conflicts" }, ...site.conflicts.map(paintConflict)), site.more ? el("p", { class: "quiet", text: site.more }) : null]
      : []),
    ...sentences(t("unknowns"), site.unknowns),
    ...sentences(t("helps"), site.helps),
    ...sentences(t("advice"), site.advice));
}

function paintConflict(view) {
  return el("li", { class: `conflict grade-${view.grade.code}`, "data-pipe": view.pipe_id },
    el("div", { class: "line" }, grade(view.grade), " ", el("bdi", { class: "pipe", text: view.pipe }), " ",
      el("span", { class: "clearance" }, el("small", { text: t("clearance") }), " ", el("b", { text: view.clearance }), " ", el("small", { text: view.doubt }))),
    el("div", { class: "facts", text: [view.what, view.zone, view.certainty].filter(Boolean).join(" · ") }),
    el("div", { class: "facts" }, el("b", { text: view.requirement }), ` · ${view.where} · ${view.clause}`),
    ...view.crossings.map((line) => el("div", { class: "facts", text: line })),
    el("details", {}, el("summary", { text: t("why") }), list(view.why)));
}

const list = (rows) => el("ul", { class: "sentences" }, ...rows.map((row) => el("li", { text: row })));

function sentences(title, rows) {
  return rows.length ? [el("h4", { text: title }), list(rows)] : [];
}
