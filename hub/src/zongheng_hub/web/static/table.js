// The import of a division table: the chosen file's very bytes go along with the form as text.
"use strict";
(() => {
  const form = document.querySelector("form[data-table]");
  const input = document.getElementById("file");
  const chosen = form.querySelector("[data-chosen]");
  const paste = form.querySelector("[data-paste]");
  const area = document.getElementById("table");
  const most = 2900000;

  form.querySelector("[data-script]").hidden = false;
  paste.hidden = !area.value;

  function utf8(bytes) {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return [bytes, ""];
    } catch {
      return [new TextEncoder().encode(new TextDecoder("gb18030").decode(bytes)), form.dataset.gbk];
    }
  }
  function base64(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) {
      text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    }
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_");
  }

  input.addEventListener("change", async () => {
    const [file] = input.files;
    form.elements.file64.value = "";
    chosen.textContent = "";
    if (!file) return;
    const [bytes, said] = utf8(new Uint8Array(await file.arrayBuffer()));
    if (bytes.length > most) { chosen.textContent = form.dataset.big; return; }
    const lines = new TextDecoder().decode(bytes).trimEnd().split("\n").length;
    form.elements.file64.value = base64(bytes);
    area.value = "";
    paste.hidden = true;
    chosen.textContent = form.dataset.rows.replace("{n}", String(Math.max(0, lines - 1))) + said;
  });
})();
