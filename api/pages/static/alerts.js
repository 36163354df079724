// The inbox: where the digs are, and the way to acknowledge.
/* global L */
import { byId, el, faultsOf, page, say, sendJson, t, tell } from "./dom.js";
import { makeMap, outline } from "./ground.js";

const boxes = L.latLngBounds([]);
const pins = new Map();
const map = makeMap(byId("map"), null);
for (const permit of page.permits) {
  for (const site of permit.sites) {
    const layer = outline(map, site.geometry, site.half_width_m, `dig grade-${permit.grade.code}`).addTo(map);
    const grow = (one) => (one.getBounds && one.getBounds().isValid() ? boxes.extend(one.getBounds()) : one.eachLayer?.(grow));
    grow(layer);
  }
  const { centre } = permit;
  const mark = el("a", { class: `pin grade-${permit.grade.code}`, href: permit.address, title: permit.title });
  mark.append(el("i", { "aria-hidden": "true", text: permit.grade.mark }), el("span", { text: permit.title }));
  pins.set(permit.id, mark);
  L.marker([centre[1], centre[0]], { icon: L.divIcon({ className: "pin-place", html: mark, iconSize: null }), keyboard: false }).addTo(map);
}
if (boxes.isValid()) map.fitBounds(boxes.pad(0.3), { maxZoom: 17 });

for (const row of document.querySelectorAll(".alert")) {
  for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
    row.addEventListener(event, () => pins.get(row.dataset.permit)?.classList.toggle("active", on));
  }
}

for (const form of document.querySelectorAll("form[data-alert]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fault = form.querySelector(".fault");
    const said = { action: "acknowledge", by: form.elements.by.value.trim() };
    if (form.elements.note.value.trim()) said.note = form.elements.note.value.trim();
    try {
      const response = await sendJson("POST", `/v1/alerts/${form.dataset.alert}/responses`, JSON.stringify(said));
      if (response.ok) {
        location.reload();
        return;
      }
      if (response.status >= 500) throw new Error(String(response.status));
      tell(fault, (await faultsOf(response)).map(say).join(" "));
    } catch {
      tell(fault, t("save_no_answer"));
    }
  });
}
