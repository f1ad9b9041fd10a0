/* The presence check: a dialog with a question, a time to answer it, and what follows when nobody does.

   Whether it was missed is said by the server alone: somebody may have answered on another device. */

import { fill, meter } from "./durations.js";
import { interrupt } from "./full-screen.js";
import { readAloud, showOptions, stopReading } from "./options.js";
import { at, data, words } from "./page.js";

const dialog = at("presence");
const NO_ANSWER = "-"; // is no letter, so it can never be right

export class PresenceCheck {
  #beats;
  #ledger;
  #notices;
  #wire;
  #asks;
  #check = null; // { id, until, voidAt, asked }
  #isAnswering = false;
  #countdown = 0;
  #title = document.title;

  /* `asks` is what is to be done: confirmed(isComplete), playOn(), turnedDown(status, told, second). */
  constructor({ beats, ledger, notices, wire, asks }) {
    [this.#beats, this.#ledger, this.#notices, this.#wire, this.#asks] = [beats, ledger, notices, wire, asks];
    at("presence-form").addEventListener("submit", (event) => this.#answer(event));
    // Esc is no answer: the question stays (and what a browser closes all the same is opened again).
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => { if (this.#check && !dialog.open) dialog.showModal(); });
    at("missed").addEventListener("close", () => asks.playOn());
    readAloud(at("presence-listen"), () => [this.#check.asked.prompt, this.#check.asked.options]);
  }

  get isOpen() {
    return this.#check !== null;
  }

  raise(asked) {
    interrupt();
    this.#notices.state("wait", words.check);
    if (this.#check?.id === asked.id) return;
    const now = performance.now();
    this.#check = { id: asked.id, until: now + asked.answer_in_ms, voidAt: now + asked.void_in_ms, asked };
    at("presence-wrong").hidden = true;
    document.title = `${words.check} · ${this.#title}`; // who went to another tab sees it there
    this.#show(asked);
    clearInterval(this.#countdown);
    this.#countdown = setInterval(() => this.#tick(), 500);
    this.#tick();
    if (asked.answer_in_ms <= 0) return; // too late to ask; what became of it is known in a moment
    if (!dialog.open) dialog.showModal();
    at("presence-title").focus();
  }

  /* What was pending does not count. */
  miss(seconds) {
    interrupt();
    this.#ledger.void();
    this.#notices.state("wait", words.ready);
    at("missed-seconds").textContent = meter(seconds);
    if (!at("missed").open) at("missed").showModal();
    at("missed-title").focus();
  }

  #show(asked) {
    at("presence-seconds").textContent = meter(this.#ledger.totals.pending);
    at("presence-prompt").textContent = asked.prompt;
    at("presence-once").hidden = !asked.once;
    showOptions(at("presence-options"), asked.options);
  }

  #tick() {
    const now = performance.now();
    const left = Math.max(0, (this.#check.until - now) / 1000);
    at("presence-left").textContent = fill(words.left, { left: meter(Math.ceil(left)) });
    // The answer time ran out, and the moment in which an answer on its way is still taken: what became of it?
    if (now >= this.#check.voidAt && !this.#isAnswering) this.#send(NO_ANSWER);
  }

  #close() {
    clearInterval(this.#countdown);
    this.#check = null;
    document.title = this.#title;
    stopReading();
    dialog.close();
    this.#beats.pump();
  }

  async #answer(event) {
    event.preventDefault();
    if (this.#isAnswering || !this.#check) return;
    const choice = new FormData(event.target).get("choice");
    const wrong = at("presence-wrong");
    if (!choice) {
      wrong.textContent = words.choose;
      wrong.hidden = false;
      return;
    }
    await this.#send(choice);
  }

  async #send(choice) {
    this.#isAnswering = true;
    try {
      const { id, asked } = this.#check;
      const body = { lease: this.#beats.session.lease, check_id: id, try: asked.try, choice };
      const { status, told } = await this.#wire.askFromDialog(at("presence-wrong"), data.presenceUrl, body);
      if (status === 200) this.#take(told);
      else {
        this.#close();
        await this.#asks.turnedDown(status, told, this.#beats.lastSecond);
      }
    } finally {
      this.#isAnswering = false;
    }
  }

  #take(told) {
    if (told.verdict === "try_again") {
      this.#check.asked = told.check;
      this.#show(told.check);
      at("presence-wrong").textContent = words.wrong;
      at("presence-wrong").hidden = false;
      at("presence-title").focus();
      return;
    }
    if (told.verdict === "void") {
      this.#close();
      this.miss(told.seconds);
      this.#ledger.takeTotals(told);
      return;
    }
    if (told.complete) this.#beats.stop(); // then nothing of what is still waiting can be counted
    this.#close();
    this.#ledger.confirm();
    this.#ledger.takeTotals(told);
    this.#asks.confirmed(told.complete);
  }
}
