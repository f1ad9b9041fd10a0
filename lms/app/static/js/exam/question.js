/* One question of the sheet: its inputs, its mark, its place in the navigator. */

import { say } from "./words.js";

export class Question {
  constructor(section, words) {
    this.section = section;
    this.words = words;
    this.position = Number(section.dataset.position);
    this.revision = Number(section.dataset.revision);
    this.markRevision = Number(section.dataset.markRevision);
    this.marked = "marked" in section.dataset;
    this.gap = section.querySelector("input[data-gap]");
    this.inputs = this.gap ? [this.gap] : [...section.querySelectorAll(`input[name="q${this.position}"]`)];
    // A phone's pad of digits may have no minus: the page brings its own.
    if (this.gap && "number" in this.gap.dataset) this.gap.inputMode = "decimal";
    this.markButton = section.querySelector("[data-flag]");
    this.note = section.querySelector("[data-saved]");
    this.link = document.querySelector(`#numbers .q[href="#q${this.position}"]`);
    this.isUnsent = false;
  }

  get answer() {
    if (this.gap) return { written: this.gap.value };
    return { choice: this.inputs.filter((input) => input.checked).map((input) => input.value).sort() };
  }

  set answer({ written = "", choice = [] }) {
    if (this.gap) this.gap.value = written;
    else for (const input of this.inputs) input.checked = choice.includes(input.value);
  }

  get done() {
    return this.gap ? this.gap.value.trim() !== "" : this.inputs.some((input) => input.checked);
  }

  /* What a hand did before the scripts came: each input that is not as the server sent it, and how to do it again. */
  get byHand() {
    const [is, was] = this.gap ? ["value", "defaultValue"] : ["checked", "defaultChecked"];
    return this.inputs.filter((input) => input[is] !== input[was]).map((input) => {
      const hand = input[is];
      return () => {
        input[is] = hand;
      };
    });
  }

  lock(isLocked = true) {
    for (const input of this.inputs) input.disabled = isLocked;
    this.markButton.disabled = isLocked;
  }

  draw() {
    const { words } = this;
    for (const input of this.inputs) input.closest(".opt")?.classList.toggle("on", input.checked);
    this.link.classList.toggle("done", this.done);
    this.link.classList.toggle("flag", this.marked);
    this.link.classList.toggle("local", this.isUnsent);
    this.link.setAttribute("aria-label", say(words.number, { n: this.position })
      + (this.done ? words.done : words.open)
      + (this.marked ? words.flagged : "") + (this.isUnsent ? words.kept : ""));
    this.markButton.classList.toggle("flagged", this.marked);
    this.markButton.querySelector("[data-flag-word]").textContent = this.marked ? words.unflag : words.flag;
  }
}
