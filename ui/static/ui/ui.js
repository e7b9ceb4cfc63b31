// What HTML cannot do alone: dialogs, tabs, menus, live rows. Every page works without it.
"use strict";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.closest("[data-close]") || event.target.matches("dialog.dialog")) {
    const open = event.target.closest("dialog");
    if (open) {
      event.preventDefault();
      open.close();
    }
  }
  for (const menu of document.querySelectorAll("details.menu[open], details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const tab = event.target.closest("[role=tab]");
  if (tab) choose(tab);
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest("details.menu[open], details.account[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const tab = event.target.closest("[role=tab]");
  if (tab && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const tabs = [...tab.parentElement.children];
    const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
    choose(tabs[(tabs.indexOf(tab) + step) % tabs.length]).focus();
  }
});

function choose(tab) {
  for (const other of tab.parentElement.children) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
  return tab;
}

// htmx says this of the page and of everything it swaps in.
document.addEventListener("htmx:load", (event) => {
  const root = event.target;
  for (const tab of root.querySelectorAll("[role=tab][aria-selected=true]")) choose(tab);
  quieten(root);
});

// unfold's icons are words in a font: name what has no other name, then keep them from being read.
function quieten(root) {
  for (const icon of root.querySelectorAll(".material-symbols-outlined:not([aria-hidden])")) {
    const control = icon.closest("a, button");
    if (control && !control.hasAttribute("aria-label") && control.textContent.trim() === icon.textContent.trim()) {
      const isHome = control.getAttribute("href") === document.querySelector("#site-name a")?.getAttribute("href");
      control.setAttribute("aria-label", control.title || (isHome ? "Home" : icon.textContent.trim().replaceAll("_", " ")));
    }
    icon.setAttribute("aria-hidden", "true");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("main")?.setAttribute("role", "main");
  quieten(document);
});

// Nobody looks at a hidden page: live parts wait until it is shown again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.hasAttribute("data-live")) event.preventDefault();
});

// Links and forms that were drawn before a filter changed the address follow it: `data-follows`
// names what they say differently.
document.addEventListener("htmx:pushedIntoHistory", () => {
  for (const follower of document.querySelectorAll("[data-follows]")) {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of new URLSearchParams(follower.dataset.follows)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const address = query.size ? `${location.pathname}?${query}` : location.pathname;
    if (follower.matches("a")) follower.href = address;
    else follower.value = address;
  }
});

// A part that another address answered is the log-in page: the session has ended.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asked = new URL(event.detail.pathInfo.finalRequestPath, location);
  if (new URL(event.detail.xhr.responseURL).pathname === asked.pathname) return;
  event.preventDefault();
  location.reload();
});

// The end of a job is announced once: the server names the event and its words.
document.addEventListener("announce", (event) => {
  document.getElementById("status-line").textContent = event.detail.value;
});

// The bar over a table counts what is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.bulk-form");
  if (!form) return;
  const boxes = [...form.querySelectorAll(".pick input[name]")];
  if (event.target.matches("[data-picks-all]")) {
    for (const box of boxes) box.checked = event.target.checked;
  }
  const count = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-picks-all]");
  all.checked = count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  const words = form.querySelector(".chosen");
  words.textContent = words.dataset.words.replace("%s", count);
});

// Columns can be dragged: their hidden fields lie inside the row that moves.
document.addEventListener("dragstart", (event) => event.target.closest?.(".choice ol > li")?.classList.add("moving"));
document.addEventListener("dragover", (event) => {
  const moving = document.querySelector(".choice ol > li.moving");
  const over = event.target.closest?.(".choice ol > li");
  if (!moving) return;
  event.preventDefault();
  if (!over || over === moving) return;
  const box = over.getBoundingClientRect();
  over.parentElement.insertBefore(moving, event.clientY > box.top + box.height / 2 ? over.nextSibling : over);
});
document.addEventListener("dragend", () => {
  const moved = document.querySelector(".choice ol > li.moving");
  moved?.classList.remove("moving");
});
