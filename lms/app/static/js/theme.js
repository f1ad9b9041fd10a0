/* Light and dark. Loaded in <head> as a render-blocking module, so that a
   person who chose dark never sees a white flash. Without it pages stay light. */

const KEY = "theme";

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage is switched off on some locked-down desktops.
  }
}

function keep(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The choice then lasts for this page only.
  }
}

function apply(theme) {
  document.documentElement.dataset.bsTheme = theme;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.setAttribute("aria-pressed", String(theme === "dark"));
  }
}

function current() {
  const choice = stored();
  if (choice === "light" || choice === "dark") return choice;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function toggle(event) {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
  keep(theme);
  apply(theme);
}

apply(current());
document.addEventListener("DOMContentLoaded", () => apply(current()));
document.addEventListener("click", toggle);
addEventListener("storage", (event) => {
  if (event.key === KEY) apply(current());
});
