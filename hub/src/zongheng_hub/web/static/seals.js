// Seals: what this browser has verified before is marked so; nothing else ever is.
"use strict";
(() => {
  const KEY = "zongheng.verified";
  const read = () => { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; } };
  const english = document.documentElement.lang === "en";
  const words = { yes: english ? "Verified" : "已验证", no: english ? "Not verified" : "未验证", fail: english ? "Failed" : "验证失败" };

  function mark(seal, state, word) {
    seal.classList.remove("no", "fail", "ok");
    seal.classList.add(state);
    const label = seal.querySelector(".w");
    if (label) label.textContent = word;
    const use = seal.querySelector("use");
    if (use) use.setAttribute("href", state === "fail" ? "#i-x" : "#i-check");
  }

  // A row shows its leaf's hash: the seal holds only while it is the one that was verified.
  function refresh(root = document) {
    const verified = read();
    const seals = [...root.querySelectorAll("[data-proof]")];
    let known = 0;
    for (const seal of seals) {
      const hash = verified[seal.dataset.proof];
      if (!hash) continue;
      if (seal.dataset.leafHash && seal.dataset.leafHash !== hash) { mark(seal, "fail", words.fail); continue; }
      known += 1;
      mark(seal, "ok", words.yes);
    }
    for (const place of root.querySelectorAll("[data-verified-of]")) {
      place.textContent = known ? place.dataset.text.replace("{n}", known) : "";
    }
    let last = null;
    try { last = JSON.parse(localStorage.getItem("zongheng.checkpoint")); } catch { last = null; }
    for (const place of root.querySelectorAll("[data-last-checkpoint]")) {
      place.textContent = last ? place.dataset.some.replace("{n}", last.size.toLocaleString("en-US")) : place.dataset.none;
    }
  }

  function keep(index, hash) {
    const verified = read();
    verified[index] = hash;
    const indices = Object.keys(verified);
    for (const old of indices.slice(0, Math.max(0, indices.length - 5000))) delete verified[old];
    localStorage.setItem(KEY, JSON.stringify(verified));
  }
  function drop(index) {
    const verified = read();
    delete verified[index];
    localStorage.setItem(KEY, JSON.stringify(verified));
  }

  window.zonghengSeals = { refresh, keep, drop, mark };
  refresh();
  for (const place of document.querySelectorAll("[data-focus]")) place.focus();
})();
