/* The fold-out menu of a person closes like every menu: Esc, or a press elsewhere.
   Without this module it is a plain <details> and closes on its own summary. */

function close(menu, refocus) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open]")) {
    if (!menu.contains(event.target)) close(menu, false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.me[open]")) {
    close(menu, menu.contains(document.activeElement));
  }
});
