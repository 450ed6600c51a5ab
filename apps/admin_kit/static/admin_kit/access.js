// What Unfold and select2 leave unsaid to who does not see the page or has no mouse.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  window.django?.jQuery?.(document).on("select2:select select2:unselect select2:clear", tell);
  document.querySelectorAll("span[x-on\\:click], a[x-on\\:click]:not([href]), #tabs-items ~ div > div[x-on\\:click]").forEach(makeButton);
  document.querySelectorAll(".material-symbols-outlined").forEach(hush);
  turn(document);
});
// select2 makes its boxes when the document is ready: they are there when all is loaded.
window.addEventListener("load", () => setTimeout(() => nameBoxes(document)));
document.addEventListener("formset:added", (event) => {
  turn(event.target);
  setTimeout(() => nameBoxes(event.target));
});

// select2 tells jQuery alone what was chosen; whoever listens to the form hears of it, too.
function tell(event) {
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
}

// What is typed reads in the direction of its own letters.
function turn(within) {
  within.querySelectorAll("input:not([type]), input[type=text], input[type=search], textarea").forEach((field) => {
    field.dir = "auto";
  });
}

// A span or a link without a target that is clicked is a button: it can be reached and pressed from the keyboard.
function makeButton(element) {
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  const icon = element.querySelector(".material-symbols-outlined") ?? element;
  const name = icon.textContent.trim();
  if (name === element.textContent.trim()) {
    const words = document.getElementById("suite-words")?.dataset ?? {};
    element.setAttribute("aria-label", words[name] ?? name.replaceAll("_", " "));
  }
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

// An icon is a word in a font of pictures, which is read out: where there are other words it says nothing.
function hush(icon) {
  if (icon.matches("[role=button]")) return;
  const holder = icon.closest("a, button, [role=button], h1, h2, h3, li, label, summary, th, td");
  if (holder?.hasAttribute("aria-label") || holder?.textContent.trim() !== icon.textContent.trim()) icon.setAttribute("aria-hidden", "true");
}

// select2 hides the select that has the label; its own boxes get the same name.
function nameBoxes(within) {
  within.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
    const name = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.replace("*", "").trim() ?? select.name;
    const box = select.nextElementSibling;
    box?.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field").forEach((part) => {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", name);
    });
  });
}
