// The panel acts on what is saved: while the form says something else, its buttons wait until that is saved, too.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("offering_form");
  const panel = () => document.getElementById("publication-panel");
  if (!form || !panel()) return;
  const asItCame = form.cloneNode(true);
  asItCame.reset(); // a browser that goes back puts in again what was typed before, now or a moment later
  const before = content(asItCame);
  const cameBack = panel().hasAttribute("data-came-back"); // refused when it was to be saved
  const isUnsaved = () => cameBack || content(form) !== before;

  function show() {
    const unsaved = isUnsaved();
    panel().querySelectorAll('button[name="do"]').forEach((button) => { button.disabled = unsaved; });
    panel().querySelector("[data-save-first]")?.toggleAttribute("hidden", !unsaved);
  }

  // The shortcuts for dates only give the focus back.
  for (const kind of ["input", "change", "focusin", "htmx:afterSwap"]) document.addEventListener(kind, show);
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("#publication-panel") || !isUnsaved()) return;
    event.preventDefault();
    show();
  });
  window.addEventListener("pageshow", show);
});

function content(form) {
  return new URLSearchParams(new FormData(form)).toString();
}
