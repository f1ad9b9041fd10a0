/* Size of the text, contrast and shortcut keys, as somebody wants them: kept in this browser, for every exam. */

const KEY = "exam-comfort";
const LARGEST = 3;

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export class Comfort {
  constructor() {
    const { size = 0, contrast = false, keys = true } = recall();
    this.size = Math.min(LARGEST, Math.max(0, Number(size) || 0));
    this.contrast = contrast === true;
    this.keysAreOn = keys !== false;
    this.apply();
    document.addEventListener("click", (event) => this.pressed(event));
  }

  pressed(event) {
    const button = event.target.closest("[data-comfort]");
    if (!button) return;
    const wanted = button.dataset.comfort;
    if (wanted === "larger") this.size = Math.min(LARGEST, this.size + 1);
    else if (wanted === "smaller") this.size = Math.max(0, this.size - 1);
    else if (wanted === "contrast") this.contrast = !this.contrast;
    else if (wanted === "keys") this.keysAreOn = !this.keysAreOn;
    this.apply();
    try {
      localStorage.setItem(KEY, JSON.stringify({ size: this.size, contrast: this.contrast, keys: this.keysAreOn }));
    } catch {
      // The choice then lasts for this page only.
    }
  }

  apply() {
    const { dataset } = document.documentElement;
    dataset.examSize = this.size;
    dataset.examContrast = this.contrast ? "more" : "plain";
    for (const button of document.querySelectorAll("[data-comfort]")) {
      const name = button.dataset.comfort;
      if (name === "contrast") button.setAttribute("aria-pressed", String(this.contrast));
      if (name === "keys") button.setAttribute("aria-pressed", String(this.keysAreOn));
      if (name === "larger") button.setAttribute("aria-disabled", String(this.size === LARGEST));
      if (name === "smaller") button.setAttribute("aria-disabled", String(this.size === 0));
    }
  }
}
