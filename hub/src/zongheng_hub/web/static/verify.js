// Verifies log entries in this browser. It asks the hub for proofs, never for verdicts.
"use strict";
(() => {
  const M = window.zonghengMerkle, seals = window.zonghengSeals;
  const words = document.getElementById("verify-words").dataset;
  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const number = (n) => Number(n).toLocaleString("en-US");
  const store = {
    get(name) { try { return JSON.parse(localStorage.getItem("zongheng." + name)); } catch { return null; } },
    set(name, value) { localStorage.setItem("zongheng." + name, JSON.stringify(value)); },
  };

  async function ask(method, message) {
    const answer = await fetch("/zongheng.tlog.v1.LogService/" + method, {
      method: "POST",
      headers: { "content-type": "application/json", "connect-protocol-version": "1" },
      body: JSON.stringify(message),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message || answer.statusText);
    return body;
  }

  async function logKey() {
    const text = (await (await fetch("/tlog/vkey", { cache: "no-cache" })).text()).trim();
    const known = store.get("vkey");
    if (known && known !== text) return { changed: true };
    return { text, vkey: await M.readVkey(text) };
  }

  async function checkSignature(checkpoint) {
    const key = await logKey();
    if (key.changed) return { state: "bad", text: words.keyBad };
    const signed = await M.isSigned(checkpoint, key.vkey);
    if (signed === null) return { state: "none", text: words.signNone };
    if (!signed) return { state: "bad", text: words.signBad };
    store.set("vkey", key.text);
    return { state: "ok", text: words.signOk };
  }

  async function checkHistory(checkpoint) {
    const last = store.get("checkpoint"), b = number(checkpoint.size);
    if (!last) return { state: "ok", text: say(words.oldFirst, { b }) };
    const root = M.unbase64(last.root), a = number(last.size);
    if (checkpoint.size < last.size) return { state: "bad", text: say(words.oldLess, { a, b }) };
    if (checkpoint.size === last.size) {
      return M.same(root, checkpoint.root) ? { state: "ok", text: say(words.oldSame, { b }) } : { state: "bad", text: words.oldBad };
    }
    const proof = await ask("GetConsistency", { oldSize: String(last.size), newSize: String(checkpoint.size) });
    const holds = await M.isConsistent(last.size, root, checkpoint.size, checkpoint.root, (proof.hashes || []).map(M.unbase64));
    return holds ? { state: "ok", text: say(words.oldOk, { a, b }) } : { state: "bad", text: words.oldBad };
  }

  const expected = (place) => place && {
    act: place.dataset.act, actor: place.dataset.actor, subject: place.dataset.subject, time: place.dataset.time,
    parties: place.dataset.parties, commitment: place.dataset.commitment, hash: place.dataset.hash,
  };

  // shown: what the page claims the leaf to be; hash is enough, since it binds everything.
  async function verify(index, shown) {
    const reply = await ask("GetInclusion", { index: String(index) });
    const leaf = M.unbase64(reply.leaf || ""), hash = await M.leafHash(leaf);
    const checkpoint = M.readCheckpoint(new TextDecoder().decode(M.unbase64(reply.checkpoint || "")));
    const hashes = (reply.hashes || []).map(M.unbase64);
    const checks = {};

    let told = M.hex(hash) === shown.hash;
    if (told && shown.act !== undefined) {
      const read = M.readLeaf(leaf);
      told = read.act === shown.act && read.actor === shown.actor && read.subject === shown.subject
        && String(read.time) === shown.time && read.parties.join(" ") === shown.parties && read.commitment === shown.commitment;
    }
    checks.page = told ? { state: "ok", text: words.pageOk } : { state: "bad", text: words.pageBad };
    checks.sign = await checkSignature(checkpoint);

    let holds = false;
    try {
      const root = await M.rootFromInclusion(index, checkpoint.size, hash, hashes);
      holds = String(reply.index || "0") === String(index) && M.same(root, checkpoint.root);
    } catch { holds = false; }
    checks.in = holds ? { state: "ok", text: say(words.inOk, { n: hashes.length }) } : { state: "bad", text: words.inBad };
    checks.old = await checkHistory(checkpoint);

    const states = Object.values(checks).map((check) => check.state);
    const verdict = states.includes("bad") ? "fail" : states.includes("none") ? "part" : "yes";
    if (verdict === "yes") {
      seals.keep(index, M.hex(hash));
      const last = store.get("checkpoint");
      if (!last || checkpoint.size > last.size) {
        store.set("checkpoint", { size: checkpoint.size, root: btoa(String.fromCharCode(...checkpoint.root)), at: Date.now() });
      }
    } else if (verdict === "fail") {
      seals.drop(index);
    }
    return { verdict, checks };
  }

  function seal(index, verdict, root = document) {
    for (const each of root.querySelectorAll(`[data-proof="${index}"]`)) {
      if (verdict === "yes") seals.mark(each, "ok", words.yes);
      else if (verdict === "fail") seals.mark(each, "fail", words.fail);
      else seals.mark(each, "no", words.part);
    }
  }

  async function verifyEntry(place, button) {
    const index = place.dataset.entry, result = place.querySelector("[data-result]");
    button.disabled = true;
    result.className = "sm dim";
    result.textContent = words.busy;
    const began = performance.now();
    try {
      if (!window.crypto || !crypto.subtle) throw Object.assign(new Error(), { told: words.unsafe });
      const { verdict, checks } = await verify(index, expected(place));
      for (const [name, check] of Object.entries(checks)) {
        const line = place.querySelector(`[data-check="${name}"]`);
        line.className = check.state;
        line.querySelector("span").textContent = check.text;
      }
      place.classList.toggle("verified", verdict === "yes");
      place.classList.toggle("failed", verdict === "fail");
      seal(index, verdict);
      const time = new Date().toLocaleTimeString("zh-CN", { hour12: false });
      const head = { yes: words.yes, fail: words.fail, part: words.part }[verdict];
      result.className = verdict === "fail" ? "verdict bad" : verdict === "yes" ? "verdict good" : "verdict";
      result.textContent = `${head}${document.documentElement.lang === "en" ? ". " : "。"}${say(words.done, { time, ms: Math.max(1, Math.round(performance.now() - began)) })}`;
      button.textContent = words.again;
      seals.refresh();
      if (verdict !== "yes") seal(index, verdict);
    } catch (error) {
      result.className = "verdict bad";
      result.textContent = error.told || say(words.offline, { why: error.message });
    } finally {
      button.disabled = false;
    }
  }

  async function verifyRows(button) {
    button.disabled = true;
    const rows = [...document.querySelectorAll("[data-row] [data-proof]")];
    let done = 0;
    for (const row of rows) {
      button.textContent = `${words.busy} ${++done} / ${rows.length}`;
      try {
        if (!crypto.subtle) throw new Error("insecure");
        const { verdict } = await verify(row.dataset.proof, { hash: row.dataset.leafHash });
        seal(row.dataset.proof, verdict);
      } catch {
        seal(row.dataset.proof, "part");
      }
    }
    button.textContent = words.rows;
    button.disabled = false;
  }

  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-verify]");
    if (one) verifyEntry(one.closest("[data-entry]"), one);
    const all = event.target.closest("[data-verify-rows]");
    if (all) verifyRows(all);
    const open = event.target.closest("a.open");
    if (open) toggle(open, event);
  });

  // An entry opens in place; a second click closes it again.
  function toggle(link, event) {
    if (!window.htmx || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const body = link.closest("tbody"), detail = body.querySelector(".detail");
    const opens = detail.hidden;
    detail.hidden = !opens;
    link.setAttribute("aria-expanded", String(opens));
    body.classList.toggle("open", opens);
  }
})();
