// A list by keys: j and k go through the rows, x selects, Enter opens, n adds. "/", "f", "c" and "?" are Unfold's.
"use strict";

const SWITCH = "catalog-list-keys";
const KEYS = { j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1), x: select, n: add };

// A row is where its link has the focus: a screen reader says it, Enter opens it, Tab goes on from there.
const links = () => [...document.querySelectorAll("#result_list tr.data-row")].map((row) => row.querySelector("th a, td a")).filter(Boolean);
const current = () => links().findIndex((link) => link.closest("tr").contains(document.activeElement));
const isOn = () => localStorage.getItem(SWITCH) !== "off";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isOn() || isTyping(event.target)) return;
  // Outside the rows the arrows scroll, as everywhere.
  if (event.key.startsWith("Arrow") && current() < 0) return;
  if (KEYS[event.key]?.()) event.preventDefault();
});

function isTyping(element) {
  return element.closest("input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox], [role=dialog], .select2-container, .suite-menu[open]") !== null;
}

function step(direction) {
  const all = links();
  const next = current() < 0 && direction < 0 ? all.length - 1 : current() + direction;
  all[next]?.focus();
  return true;
}

function select() {
  const box = links()[current()]?.closest("tr").querySelector("input.action-select");
  box?.click();
  return box !== undefined;
}

function add() {
  const link = document.querySelector("a.addlink");
  link?.click();
  return link !== null;
}

// The menus of the list close like any other: by Escape, which returns to their button, or by a click elsewhere.
function closeMenus(except) {
  document.querySelectorAll(".suite-menu[open]").forEach((menu) => {
    if (menu === except) return;
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector("summary").focus();
  });
}
document.addEventListener("click", (event) => closeMenus(event.target.closest(".suite-menu")));

// Single letters can be switched off, for who speaks to the machine (WCAG 2.1.4).
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("list-keys");
  if (!box) return;
  box.checked = isOn();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
});
