// Holds one person's row against every grant's conditions, here: no value leaves this browser.
"use strict";
(() => {
  const form = document.querySelector("[data-person]");
  const shapes = { yes: "soon", maybe: "", no: "" };
  // Exact for numbers of any length: sign, whole part, fraction.
  const number = (text) => {
    const found = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text);
    if (!found) return null;
    const scaled = BigInt(found[2] + (found[3] || "").padEnd(40, "0"));
    return found[1] === "-" ? -scaled : scaled;
  };
  function meets(operator, value, values) {
    if (operator !== "at_least" && operator !== "at_most") return values.includes(value);
    const held = number(value), bound = number(values[0]);
    if (held === null || bound === null) return false;
    return operator === "at_least" ? held >= bound : held <= bound;
  }
  // As zongheng_tenants.coverage.coverage_of.
  function coverage(conditions, row) {
    let open = false;
    for (const [field, operator, values] of conditions) {
      if (!row.has(field)) open = true;
      else if (!meets(operator, row.get(field), values)) return "no";
    }
    return open ? "maybe" : "yes";
  }
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const row = new Map();
    for (const input of form.querySelectorAll("[data-field]")) {
      if (input.value.trim()) row.set(input.dataset.field, input.value.trim());
    }
    const counted = { yes: 0, maybe: 0, no: 0 };
    for (const grant of document.querySelectorAll("[data-conditions]")) {
      const found = coverage(JSON.parse(grant.dataset.conditions), row);
      const tag = grant.querySelector("[data-coverage]");
      counted[found] += 1;
      tag.className = "tag " + shapes[found];
      tag.textContent = tag.dataset[found];
    }
    const result = document.querySelector("[data-person-result]");
    result.textContent = result.dataset.text.replace(/\{(\w+)\}/g, (_, name) => counted[name]);
  });
})();
