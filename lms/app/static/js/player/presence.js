/* The presence check: a dialog with a question, a time to answer it, and what follows when nobody does. */

import { fill, meter } from "./durations.js";
import { readAloud, showOptions, stopReading } from "./options.js";
import { at, data, video, words } from "./page.js";

const dialog = at("presence");

export class PresenceCheck {
  #beats;
  #ledger;
  #notices;
  #wire;
  #asks;
  #check = null; // { id, until, voidAt, asked }
  #missedId = ""; // the check whose answer time ran out on this page
  #isAnswering = false;
  #countdown = 0;

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
    if (asked.answer_in_ms <= 0 || asked.id === this.#missedId) {
      this.#lapse(asked.id, performance.now() + asked.void_in_ms);
      return;
    }
    video.pause();
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    this.#notices.state("wait", words.check);
    if (this.#check?.id === asked.id && dialog.open) return;
    const now = performance.now();
    this.#check = { id: asked.id, until: now + asked.answer_in_ms, voidAt: now + asked.void_in_ms, asked };
    at("presence-wrong").hidden = true;
    this.#show(asked);
    this.#tick();
    clearInterval(this.#countdown);
    this.#countdown = setInterval(() => this.#tick(), 500);
    if (!dialog.open) dialog.showModal();
    at("presence-title").focus();
  }

  #show(asked) {
    at("presence-seconds").textContent = meter(this.#ledger.totals.pending);
    at("presence-prompt").textContent = asked.prompt;
    at("presence-once").hidden = !asked.once;
    showOptions(at("presence-options"), asked.options);
  }

  #tick() {
    const left = Math.max(0, (this.#check.until - performance.now()) / 1000);
    at("presence-left").textContent = fill(words.left, { left: meter(Math.ceil(left)) });
    if (left <= 0 && !this.#isAnswering) this.#lapse(this.#check.id, this.#check.voidAt);
  }

  /* The answer time ran out. An answer on its way is still taken for a moment, so the server names the check
     until `voidAt`: it is not asked again, and what is played meanwhile is reported after that moment. */
  #lapse(id, voidAt) {
    this.#beats.restUntil(voidAt);
    if (id === this.#missedId) return;
    this.#missedId = id;
    video.pause();
    this.#miss(this.#ledger.totals.pending);
  }

  #close() {
    clearInterval(this.#countdown);
    this.#check = null;
    stopReading();
    dialog.close();
    this.#beats.pump();
  }

  #miss(seconds) {
    this.#close();
    this.#ledger.forgetPending();
    this.#notices.state("wait", words.ready);
    at("missed-seconds").textContent = meter(seconds);
    if (!at("missed").open) at("missed").showModal();
    at("missed-title").focus();
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
    this.#isAnswering = true;
    try {
      const { id, asked } = this.#check;
      const body = { lease: this.#beats.session.lease, check_id: id, try: asked.try, choice };
      const { status, told } = await this.#wire.askFromDialog(wrong, data.presenceUrl, body);
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
      this.#miss(told.seconds);
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
