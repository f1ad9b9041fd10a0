/* The question in a lesson: the video stops where it stands, and goes on after the right answer. */

import { fill } from "./durations.js";
import { interrupt } from "./full-screen.js";
import { readAloud, showOptions, stopReading, write } from "./options.js";
import { at, data, play, video, words } from "./page.js";
import { reasonOf } from "./wire.js";

const EARLY_S = 0.9; // a second played so far counts, so the stop for a question must not come later
const REWATCH_S = 60;
const dialog = at("question");

export class LessonQuestion {
  #next = data.question; // the question that is to be answered next, or null
  #isAnswered = false; // the right answer is given, and its explanation shown
  #isAnswering = false;
  #beats;
  #ledger;
  #notices;
  #wire;
  #asks;

  /* `asks` is what is to be known and done: mayBe(second): whether the picture may have come so far;
     isChecked(): whether a presence check is open; seekTo(second), playOn(), stop(text),
     turnedDown(status, told, second). */
  constructor({ beats, ledger, notices, wire, asks }) {
    [this.#beats, this.#ledger, this.#notices, this.#wire, this.#asks] = [beats, ledger, notices, wire, asks];
    at("question-form").addEventListener("submit", (event) => this.#answer(event));
    at("question-back").addEventListener("click", () => {
      const from = this.second ?? video.currentTime;
      this.close();
      asks.seekTo(from - REWATCH_S);
      play();
    });
    dialog.addEventListener("close", () => {
      stopReading();
      if (this.#isAnswered && !beats.isStopped) asks.playOn();
      this.#isAnswered = false;
    });
    readAloud(at("question-listen"), () => [this.#next.stem, this.#next.options]);
  }

  /* The second before which it stands, or null. */
  get second() {
    return this.#next?.at ?? null;
  }

  get isOpen() {
    return dialog.open;
  }

  close() {
    if (dialog.open) dialog.close();
  }

  /* Stop where a question stands; play on from there asks it again. */
  askIfDue() {
    if (this.second === null || this.#beats.isStopped || this.#asks.isChecked() || this.isOpen) return false;
    if (video.seeking || video.currentTime < this.second) return false;
    // A jump that is about to be taken back leads to no question.
    if (!this.#asks.mayBe(this.second)) return false;
    interrupt();
    if (video.currentTime > this.second + EARLY_S) video.currentTime = this.second;
    this.#show();
    dialog.showModal();
    at("question-title").focus();
    return true;
  }

  #show() {
    this.#isAnswered = false;
    write(at("question-stem"), this.#next.stem);
    showOptions(at("question-options"), this.#next.options);
    at("question-options").parentElement.disabled = false;
    at("question-wrong").hidden = true;
    at("question-right").hidden = true;
    at("question-listen").hidden = !("speechSynthesis" in window);
    this.#showButtons("asked");
  }

  #showButtons(until) {
    for (const button of dialog.querySelectorAll("[data-until]")) button.hidden = button.dataset.until !== until;
  }

  async #answer(event) {
    event.preventDefault();
    if (this.#isAnswered) {
      this.close();
      return;
    }
    if (this.#isAnswering) return;
    const choice = new FormData(event.target).get("choice");
    const wrong = at("question-wrong");
    wrong.hidden = Boolean(choice);
    if (!choice) {
      wrong.textContent = words.choose;
      return;
    }
    this.#isAnswering = true;
    try {
      await this.#send(choice, wrong);
    } finally {
      this.#isAnswering = false;
    }
  }

  async #send(choice, wrong) {
    if (!this.#beats.session && !(await this.#beats.open())) {
      this.close();
      return;
    }
    const { lease } = this.#beats.session;
    const body = { lease, question_id: this.#next.id, try: this.#next.try, choice };
    const { status, told } = await this.#wire.askFromDialog(wrong, data.questionUrl, body);
    if (status === 200) {
      this.#take(told);
      return;
    }
    this.close();
    const code = told.reasons?.[0]?.code ?? "";
    if (status === 401 || code.startsWith("study.closed.")) {
      await this.#asks.turnedDown(status, told, this.#beats.lastSecond);
    } else {
      this.#asks.stop(fill(words.refused, { why: reasonOf(told) }));
    }
  }

  #take(reply) {
    this.#next = reply.question;
    if (!reply.right) {
      this.#show();
      at("question-wrong").textContent = words.again;
      at("question-wrong").hidden = false;
      at("question-title").focus();
      return;
    }
    this.#isAnswered = true;
    this.#ledger.draw();
    this.#notices.state("saved", words.right);
    at("question-options").parentElement.disabled = true;
    at("question-wrong").hidden = true;
    at("question-listen").hidden = true;
    write(at("question-explanation"), reply.explanation);
    at("question-explanation").hidden = !reply.explanation;
    at("question-right").hidden = false;
    this.#showButtons("answered");
    dialog.querySelector("[data-until=answered]").focus();
  }
}
