// What Unfold and select2 leave unsaid to who does not see the page or has no mouse.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  window.django?.jQuery?.(document).on("select2:select select2:unselect select2:clear", tell);
  document.querySelectorAll("span[x-on\\:click], a[x-on\\:click]:not([href])").forEach(makeButton);
  turn(document);
  told = news();
});
// select2 makes its boxes, and Django what dates are chosen with, when the document is ready: they are there when all is
// loaded.
window.addEventListener("load", () => {
  setTimeout(() => {
    nameBoxes(document);
    document.querySelectorAll(".material-symbols-outlined").forEach(hush);
  });
  // Unfold hides a page until its scripts have run, and what is hidden cannot have the focus that it asks for.
  if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
});
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

// A part of a page that renews itself. Who is at one of its controls stays there, and what is new in it is said once, by a
// line that stays, and not the whole of it each second.
let left = null;
let told = "";
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  // What is pressed stays until it is let go, or the click is lost; what renews itself comes again soon.
  const renewsItself = detail.requestConfig.elt.getAttribute("hx-trigger")?.includes("every ");
  if (renewsItself && detail.target.matches(":active, :has(:active)")) detail.shouldSwap = false;
  const at = document.activeElement;
  left = at?.matches("a, button, summary") && detail.target.contains(at) ? same(at) : null;
});
// In one go with the swap: a key that is pressed before the focus is back is lost.
document.addEventListener("htmx:afterSwap", () => {
  if (left !== null && document.activeElement === document.body) {
    [...document.querySelectorAll(left.tag)].find((one) => same(one).is === left.is)?.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:afterSettle", () => {
  if (told !== (told = news())) document.getElementById("suite-said").textContent = told;
});

function news() {
  return [...document.querySelectorAll("[data-said]")].map((one) => one.textContent.trim()).join(", ");
}

function same(control) {
  const own = control.getAttribute("href") ?? `${control.name ?? ""} ${control.value ?? ""} ${control.form?.action ?? ""}`;
  return { tag: control.tagName, is: `${own} ${control.textContent.trim()}` };
}

// A span or a link without a target that is clicked is a button: it can be reached and pressed from the keyboard.
function makeButton(element) {
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  const icon = element.querySelector(".material-symbols-outlined") ?? element;
  const name = icon.textContent.trim();
  if (name === element.textContent.trim()) {
    element.setAttribute("aria-label", inWords(name));
  }
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

function inWords(icon) {
  return document.getElementById("suite-words")?.dataset[icon] ?? icon.replaceAll("_", " ");
}

// An icon is a word in a font of pictures, which is read out: where there are other words it says nothing, and where it
// stands alone for a link or a button it is said what that does.
function hush(icon) {
  if (icon.matches("[role=button]")) return;
  const holder = icon.closest("a, button, [role=button], h1, h2, h3, li, label, summary, th, td");
  const name = icon.textContent.trim();
  if (holder?.matches("a, button") && !holder.hasAttribute("aria-label") && holder.textContent.trim() === name) {
    holder.setAttribute("aria-label", holder.title || inWords(name));
  }
  if (holder?.hasAttribute("aria-label") || holder?.textContent.trim() !== name) icon.setAttribute("aria-hidden", "true");
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

// Unfold's palette: the first hit is chosen, the choice can be read out, and who closes it is where he was before.
function palette() {
  return {
    ...searchCommand(),
    before: null,
    toggle() {
      if (!this.openCommandResults) this.before = document.activeElement;
      this.handleOpen();
    },
    found(event) {
      this.handleContentLoaded(event);
      this.totalItems = this.items?.[0]?.querySelector("a") ? this.items.length : 0;
      this.currentIndex = Math.min(1, this.totalItems);
    },
    chosen() {
      return this.totalItems ? this.items[this.currentIndex - 1]?.querySelector("a").dataset.title : "";
    },
    forget() {
      this.$refs.searchInputCommand.value = "";
      ["command-results", "command-results-note"].forEach((id) => document.getElementById(id).replaceChildren());
      this.items = undefined;
      this.totalItems = this.currentIndex = 0;
      this.$nextTick(() => this.before?.focus());
    },
  };
}
