// The need form: what is typed stays on this device until it has been filed.
"use strict";
(() => {
  const sent = document.querySelector("[data-draft-sent]");
  if (sent) {
    try { localStorage.removeItem("zongheng.draft." + sent.dataset.draftSent); } catch { /* no storage */ }
    return;
  }
  const form = document.querySelector("form[data-draft]");
  const key = "zongheng.draft." + form.dataset.draft;
  const note = form.querySelector("[data-note]");
  const fields = ["kind", "title", "detail", "households", "wanted_by", "place", "urgency", "nonce"];
  let queued = false;

  const read = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  function value(name) {
    const found = form.elements[name];
    return found ? found.value : "";
  }
  function keep() {
    const draft = {};
    for (const name of fields) draft[name] = value(name);
    try { localStorage.setItem(key, JSON.stringify(draft)); return true; } catch { return false; }
  }
  function tell(text, calm) {
    note.hidden = !text;
    note.classList.toggle("calm", Boolean(calm));
    note.querySelector("[data-text]").textContent = text || "";
  }
  function network() {
    if (!navigator.onLine) tell(queued ? form.dataset.queued : form.dataset.offline);
    else if (!note.classList.contains("calm")) tell("");
  }

  // A page that came back with errors holds what was typed; only a fresh one takes the draft.
  const draft = read();
  const isFresh = !form.querySelector(".err");
  if (draft && isFresh) {
    let changed = false;
    for (const name of fields) {
      const found = form.elements[name];
      if (!found || typeof draft[name] !== "string" || found.value === draft[name]) continue;
      found.value = draft[name];
      changed = changed || name !== "nonce";
    }
    if (changed) tell(form.dataset.restored, true);
  }

  for (const area of form.querySelectorAll("[data-count]")) {
    const place = document.getElementById(area.dataset.count);
    const most = Number(area.maxLength).toLocaleString("en-US");
    const show = () => { place.textContent = `${area.value.length.toLocaleString("en-US")} / ${most}`; };
    area.addEventListener("input", show);
    show();
  }

  form.addEventListener("input", () => { keep(); if (navigator.onLine) tell(""); });
  form.querySelector("[data-save]").addEventListener("click", () => { if (keep()) tell(form.dataset.saved, true); });
  form.addEventListener("submit", (event) => {
    keep();
    if (!navigator.onLine) { event.preventDefault(); queued = true; network(); return; }
    form.querySelector("button[type=submit]").textContent = form.dataset.sending;
  });
  window.addEventListener("offline", network);
  window.addEventListener("online", () => { network(); if (queued) { queued = false; form.requestSubmit(); } });
  network();
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
