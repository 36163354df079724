// What every page's script begins with: the data, and elements whose text is set as text.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";

// One element: make("td", "when", "2026-11-01") or make("ul", "", [items]).
function make(name, className, content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (Array.isArray(content)) element.append(...content.filter(Boolean));
  else if (content !== undefined) element.textContent = content;
  return element;
}

function draw(name, attributes, children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (children) element.append(...children);
  return element;
}
