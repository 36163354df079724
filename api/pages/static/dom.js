// The few things every script of the pages needs. Text is only ever set as text.

export const page = JSON.parse(document.getElementById("page").textContent);

export const byId = (id) => document.getElementById(id);

/** A text of the page's table, its {parameters} filled in. */
export function t(name, parameters = {}) {
  return page.texts[name].replace(/\{(\w+)\}/g, (whole, key) => (key in parameters ? String(parameters[key]) : whole));
}

/** An element with attributes, a class, a text, children. */
export function el(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  if (text != null) made.textContent = String(text);
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Show a sentence in a place that is hidden while there is none. */
export function tell(place, sentence) {
  place.textContent = sentence || "";
  place.hidden = !sentence;
}

export const say = (fault) => (page.language === "zh" ? fault.zh : fault.en);

/** The faults of a problem document (RFC 9457); an answer that is none of ours becomes one fault. */
export async function faultsOf(response) {
  try {
    const problem = await response.json();
    if (Array.isArray(problem.faults) && problem.faults.length) return problem.faults;
  } catch {
    // not JSON: told below
  }
  const known = `HTTP ${response.status}`;
  return [{ code: "no_problem", pointer: "", en: known, zh: known }];
}

/** 36 characters that nobody else will use: randomUUID is missing where the address is not https or local. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A request beside the file its plan came from, so that both are kept. readAs: what was said of how to read it. */
export function sendWithFile(address, body, file, readAs, key) {
  const form = new FormData();
  form.append("request", new Blob([body], { type: "application/json" }));
  form.append("file", file);
  for (const [name, value] of Object.entries(readAs)) form.append(name, value);
  return fetch(address, { method: "POST", headers: { Accept: "application/json", "Idempotency-Key": key }, body: form });
}

export function sendJson(method, address, body, { signal, key } = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  return fetch(address, { method, headers, body, signal });
}
