/* Hands on the sheet: pointer, keys and input methods, and what each of them means. */

const HAND_RESTS_MS = 900;
const COMPOSING_KEY = 229;

export class Hands {
  /* `heard.change(question, hold)`, `.hurry()`, `.mark(question)`, `.handIn()`; `comfort.keysAreOn` */
  constructor(form, sheet, dialog, comfort, heard) {
    this.form = form;
    this.sheet = sheet;
    this.dialog = dialog;
    this.comfort = comfort;
    this.heard = heard;
  }

  listen() {
    this.form.addEventListener("change", (event) => this.changed(event));
    this.form.addEventListener("input", (event) => this.written(event));
    this.form.addEventListener("compositionend", (event) => this.written(event));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("hand-in-button").addEventListener("click", () => this.heard.handIn());
    this.form.addEventListener("click", (event) => this.pressed(event));
    document.getElementById("previous").addEventListener("click", () => this.sheet.step(-1));
    document.getElementById("next").addEventListener("click", () => this.sheet.step(1));
    document.addEventListener("click", (event) => this.followed(event));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  changed(event) {
    const question = this.sheet.questionOf(event.target);
    if (question?.gap) this.heard.hurry();
    else if (question && question.inputs.includes(event.target)) this.heard.change(question);
  }

  written(event) {
    const question = this.sheet.questionOf(event.target);
    // What an input method shows on the way to a word is no answer yet.
    if (question?.gap && !event.isComposing) this.heard.change(question, HAND_RESTS_MS);
  }

  pressed(event) {
    const question = this.sheet.questionOf(event.target);
    if (!question) return;
    if (event.target.closest("[data-flag]")) this.heard.mark(question);
    if (event.target.closest("[data-sign]")) {
      const text = question.gap.value.trim();
      question.gap.value = /^[-−]/.test(text) ? text.slice(1) : `-${text}`;
      question.gap.focus();
      this.heard.change(question, HAND_RESTS_MS);
    }
  }

  followed(event) {
    const link = event.target.closest(".q[href^='#q']");
    if (link) {
      event.preventDefault();
      this.dialog.close();
      this.sheet.show(this.sheet.byPosition.get(Number(link.hash.slice(2))));
    }
    if (event.target.closest("[data-retry]")) this.heard.hurry();
  }

  key(event) {
    const { current } = this.sheet;
    if (event.ctrlKey || event.altKey || event.metaKey || this.dialog.open || this.sheet.isLocked) return;
    if (event.target.closest("[data-gap]")) this.keyInGap(event);
    else if (current.gap && event.target === current.section && (event.key.length === 1 || event.key === "Process")) {
      // The key itself goes on into the gap.
      current.gap.focus();
    } else if (!event.isComposing && this.comfort.keysAreOn) this.shortcut(event, current);
  }

  keyInGap(event) {
    // In Safari the key that ends a composition comes after it, under a number of its own.
    if (event.isComposing || event.keyCode === COMPOSING_KEY) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.heard.hurry();
      this.sheet.step(1);
    } else if (event.key === "Escape") {
      this.sheet.current.section.focus({ preventScroll: true });
    }
  }

  shortcut(event, current) {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      this.sheet.step(event.key === "ArrowLeft" ? -1 : 1);
    } else if (!current.gap && /^[a-h]$/i.test(event.key)) {
      const input = current.inputs[event.key.toUpperCase().charCodeAt(0) - 65];
      if (input && !(input.type === "radio" && input.checked)) {
        input.checked = input.type === "radio" || !input.checked;
        this.heard.change(current);
      }
    } else if (/^m$/i.test(event.key)) {
      this.heard.mark(current);
    }
  }
}
