// A permit: change its dates, cancel it, and look again while it is pending.
import { byId, el, faultsOf, newKey, page, say, sendJson, t, tell } from "./dom.js";

const LOOK_AGAIN_MS = 4000;
const form = byId("dates");

async function change(said) {
  const general = form.querySelector(".fault");
  for (const beside of form.querySelectorAll(".fault.beside")) beside.remove();
  tell(general, "");
  try {
    const response = await sendJson("PATCH", page.address, JSON.stringify(said), { key: newKey() });
    if (response.ok) {
      location.reload();
      return;
    }
    if (response.status >= 500) throw new Error(String(response.status));
    for (const fault of await faultsOf(response)) {
      const field = form.querySelector(`[data-pointer="${CSS.escape(fault.pointer || "-")}"]`);
      if (field) field.closest("label").append(el("span", { class: "fault beside", role: "alert", text: say(fault) }));
      else tell(general, `${general.textContent} ${say(fault)}`.trim());
    }
  } catch {
    tell(general, t("save_no_answer"));
  }
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { starts_on, ends_on } = form.elements;
    change({ starts_on: starts_on.value, ends_on: ends_on.value });
  });
  const sure = byId("sure");
  byId("cancel").addEventListener("click", () => sure.showModal());
  byId("cancel-no").addEventListener("click", () => sure.close());
  byId("cancel-yes").addEventListener("click", () => {
    sure.close();
    change({ cancelled: true });
  });
}

if (byId("status").dataset.status === "pending") {
  const look = async () => {
    try {
      const response = await fetch(page.address);
      // A problem has a status too, a number: it is no news of the permit. Never under a hand that is filling in the form.
      const answer = response.ok ? await response.json() : {};
      if (answer.status && answer.status !== "pending" && !form?.contains(document.activeElement)) location.reload();
    } catch {
      // not reachable: look again later
    }
    setTimeout(look, LOOK_AGAIN_MS);
  };
  setTimeout(look, LOOK_AGAIN_MS);
}
