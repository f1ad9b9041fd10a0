/* All questions of the sitting, and which one is shown. */

import { Question } from "./question.js";

export class Sheet {
  constructor(form, words) {
    this.questions = [...form.querySelectorAll("section[data-position]")]
      .map((section) => new Question(section, words));
    this.byPosition = new Map(this.questions.map((question) => [question.position, question]));
    [this.current] = this.questions;
    this.isLocked = false;
  }

  show(question, focus = true) {
    this.current = question;
    for (const one of this.questions) {
      one.section.hidden = one !== question;
      if (one === question) one.link.setAttribute("aria-current", "true");
      else one.link.removeAttribute("aria-current");
    }
    document.getElementById("previous").disabled = question === this.questions[0];
    document.getElementById("next").disabled = question === this.questions.at(-1);
    // In a gap a letter is a letter.
    document.querySelector("[data-keys]").classList.toggle("invisible", question.gap !== null);
    if (focus) {
      question.section.focus({ preventScroll: true });
      window.scrollTo({ top: 0 });
    }
  }

  step(by) {
    const next = this.questions[this.questions.indexOf(this.current) + by];
    if (next) this.show(next);
  }

  /* The question an element stands in, while something can be changed. */
  questionOf(element) {
    const section = element.closest("section[data-position]");
    return section && !this.isLocked ? this.byPosition.get(Number(section.dataset.position)) : undefined;
  }

  lock() {
    this.isLocked = true;
    for (const question of this.questions) question.lock();
  }

  unlock() {
    this.isLocked = false;
    for (const question of this.questions) question.lock(false);
  }

  drawCounts() {
    const done = this.questions.filter((question) => question.done).length;
    for (const place of document.querySelectorAll("[data-done-count]")) place.textContent = done;
  }

  draw() {
    for (const question of this.questions) question.draw();
    this.drawCounts();
  }
}
