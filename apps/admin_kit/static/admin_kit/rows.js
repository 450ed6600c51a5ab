// Inline rows: added from the template, removed by their DELETE field, put in order by their ORDER field.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rows]");
  if (!button) return;
  const rows = button.closest(".suite-rows");
  const row = button.closest(".suite-row");
  const acts = { add: () => add(rows), remove: () => remove(row), up: () => move(row, -1), down: () => move(row, 1) };
  acts[button.dataset.rows]();
  number(rows);
  rows.dispatchEvent(new Event("change", { bubbles: true }));
});

function add(rows) {
  const total = rows.querySelector(`[name="${rows.dataset.prefix}-TOTAL_FORMS"]`);
  const index = Number(total.value);
  const made = document.createElement("tbody");
  made.innerHTML = rows.querySelector("template").innerHTML.replaceAll("__prefix__", index);
  const row = made.firstElementChild;
  rows.querySelector("tbody").append(row);
  total.value = index + 1;
  row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: rows.dataset.prefix } }));
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

// A removed row stays, hidden and marked: the numbers of the others must not change.
function remove(row) {
  row.querySelector('[name$="-DELETE"]').value = "on";
  const next = visible(row, 1) ?? visible(row, -1);
  row.hidden = true;
  (next?.querySelector("input:not([type=hidden]), select") ?? row.closest(".suite-rows").querySelector('[data-rows="add"]')).focus();
}

function move(row, direction) {
  const other = visible(row, direction);
  if (!other) return;
  const focused = document.activeElement;
  direction < 0 ? other.before(row) : other.after(row);
  focused?.focus();
}

function visible(row, direction) {
  const step = direction < 0 ? "previousElementSibling" : "nextElementSibling";
  let other = row[step];
  while (other?.hidden) other = other[step];
  return other;
}

function number(rows) {
  rows.querySelectorAll(".suite-row").forEach((row, index) => {
    row.querySelector('[name$="-ORDER"]').value = index + 1;
  });
}
