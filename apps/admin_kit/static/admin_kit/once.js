// A form is sent once: whoever clicks twice, or presses another button right after, does not mean two of it.
"use strict";

const HELD_MS = 30_000; // as long as the gateway waits for an answer; one that is a file leaves the page as it is

// The window hears of it last, after whoever keeps a form from being sent. A button that is disabled would not be sent
// along, so that nobody would know which one it was.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => release(form), HELD_MS);
});

// Who comes back to a page, or has stopped one that was under way, may send it again.
window.addEventListener("pageshow", releaseAll);
window.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") releaseAll();
});

function releaseAll() {
  document.querySelectorAll("form[data-sent]").forEach(release);
}

function release(form) {
  delete form.dataset.sent;
}
