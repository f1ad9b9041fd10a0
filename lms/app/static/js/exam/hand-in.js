/* Handing in: the summary of what is unanswered and what is marked, and the one button that means it. */

import { pause, say } from "./words.js";

const SAVING_MS = 12_000;
const AGAIN_MS = 3000;

export class HandIn {
  /* `submit()` returns true when the sitting is closed, or cannot go on here; false when nobody answered. */
  constructor(sheet, queue, words, { submit, said, calledOff }) {
    this.sheet = sheet;
    this.queue = queue;
    this.words = words;
    this.submit = submit;
    this.said = said;
    this.calledOff = calledOff;
    this.dialog = document.getElementById("hand-in");
    this.really = this.dialog.querySelector("[data-really]");
    this.really.addEventListener("click", () => this.handIn());
  }

  ask() {
    const { questions } = this.sheet;
    const open = questions.filter((question) => !question.done);
    const marked = questions.filter((question) => question.marked);
    this.dialog.querySelector("[data-answered]").textContent = questions.length - open.length;
    this.figure("[data-unanswered]", open.length, "t-refused");
    this.figure("[data-flagged]", marked.length, "t-pending");
    this.list("unanswered", open);
    this.list("flagged", marked);
    const unsaved = this.queue.waiting.length;
    this.say(unsaved
      ? say(this.words.unsaved, { n: unsaved })
      : say(this.words.all_saved, { n: questions.length - open.length }));
    this.really.textContent = open.length ? say(this.words.hand_in_anyway, { n: open.length }) : this.words.hand_in;
    if (!this.dialog.open) this.dialog.showModal();
  }

  async handIn() {
    this.really.disabled = true;
    this.said(this.words.handing_in);
    const until = performance.now() + SAVING_MS;
    while (this.dialog.open && this.queue.waiting.length && performance.now() < until && !this.queue.isOver) {
      this.queue.hurry();
      // eslint-disable-next-line no-await-in-loop -- waiting for the last saves
      await pause(200);
    }
    this.really.disabled = false;
    if (this.queue.isOver) return;
    if (this.dialog.open && this.queue.waiting.length) {
      this.ask();
      return;
    }
    // Without a network it goes on trying for as long as the candidate leaves the question open.
    // eslint-disable-next-line no-await-in-loop -- one try after the other
    while (this.dialog.open && !(await this.submit())) {
      this.say(this.words.handing_in_later);
      // eslint-disable-next-line no-await-in-loop -- as above
      await pause(AGAIN_MS * (0.7 + Math.random() * 0.6));
    }
    if (!this.queue.isOver) this.calledOff();
  }

  drawLeft(text) {
    if (this.dialog.open) this.dialog.querySelector("[data-left]").textContent = text;
  }

  say(text) {
    this.dialog.querySelector("[data-unsaved]").textContent = text;
  }

  figure(place, count, colour) {
    const figure = this.dialog.querySelector(place);
    figure.textContent = count;
    figure.classList.toggle(colour, count > 0);
  }

  list(name, some) {
    const part = this.dialog.querySelector(`[data-list="${name}"]`);
    part.hidden = some.length === 0;
    part.querySelector("ol").replaceChildren(...some.map((question) => {
      const item = document.createElement("li");
      const link = question.link.cloneNode(true);
      link.removeAttribute("aria-current");
      item.append(link);
      return item;
    }));
  }
}
