/* The line between an exam page and the people who watch over the exam.

   Every few seconds the page says that it is there and asks how things stand: how much time is left, whether it
   stands still, what staff have to say. A pause covers the questions and stops the keys, not the saving: what was
   answered before goes on its way. A cover ends at the pause's own end also when the network does not say so. */

import { Away } from "./away.js";
import { Told } from "./told.js";
import { wordsOf } from "./words.js";

const ASK_MS = 3000;
const JITTER_MS = 700;
const LONGEST_WAIT_MS = 12_000;
const ANSWER_WITHIN_MS = 6000;

export class Watch {
  #cover = document.getElementById("paused");
  #words = wordsOf("watch-words");
  #lease;
  #sheet;
  #hands;
  #away;
  #told = new Told(this.#words, () => this.ask());
  #timer = 0;
  #uncover = 0;
  #failures = 0;
  #asking = false;
  #over = false;

  /* `hands` is what the exam page does with what it hears: clock(remaining ms, whether it stands still),
     ended(), taken() and refused(). */
  constructor(sheet, lease, hands) {
    this.#sheet = sheet;
    this.#lease = lease;
    this.#hands = hands;
    const { attempt, switches, leftMs } = sheet.dataset;
    const known = { last: Number(switches), leftMs: leftMs === undefined ? null : Number(leftMs) };
    this.#away = new Away(`away:${attempt}`, known, () => this.ask());
    this.#cover.addEventListener("cancel", (event) => event.preventDefault());
    // Under the cover no key may choose an answer.
    window.addEventListener("keydown", (event) => this.isPaused && event.stopImmediatePropagation(), true);
  }

  start() {
    window.addEventListener("online", () => this.ask());
    this.ask();
  }

  get isPaused() {
    return this.#cover.open;
  }

  stop() {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#uncover);
    this.#away.stop();
  }

  async ask() {
    if (this.#over || this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      await this.#visit();
      this.#failures = 0;
    } catch {
      this.#failures += 1;
    } finally {
      this.#asking = false;
    }
    if (this.#over) return;
    const wait = Math.min(LONGEST_WAIT_MS, ASK_MS * 2 ** this.#failures);
    this.#timer = setTimeout(() => this.ask(), wait + Math.random() * JITTER_MS);
  }

  async #visit() {
    const [away, read, asked] = [this.#away.news, this.#told.read, performance.now()];
    const reply = await fetch(this.#cover.dataset.visitUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ lease: this.#lease, away, read }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      cache: "no-store",
    });
    if (reply.status === 401) {
      this.stop();
      this.#hands.refused();
      return;
    }
    if (!reply.ok) throw new Error(String(reply.status));
    const said = await reply.json();
    this.#away.taken(away);
    this.#told.heard(read);
    if (!said.open || !said.held) {
      this.stop();
      this.#hands[said.open ? "taken" : "ended"]();
      return;
    }
    // Half of the way there and back is gone already.
    const late = (performance.now() - asked) / 2;
    if (said.pause_ms) this.#pause(said);
    else this.#resume();
    this.#hands.clock(said.remaining_ms - (said.pause_ms ? 0 : late), Boolean(said.pause_ms));
    this.#told.show(said.notices ?? []);
  }

  #pause({ pause_ms: length, pause_reason: why, remaining_ms: left }) {
    this.#cover.querySelector("[data-why]").textContent = why ? this.#words.why.replace("{why}", why) : "";
    this.#sheet.hidden = true;
    if (!this.#cover.open) this.#cover.showModal();
    clearTimeout(this.#uncover);
    this.#uncover = setTimeout(() => {
      this.#resume();
      this.#hands.clock(left, false);
    }, length);
  }

  #resume() {
    clearTimeout(this.#uncover);
    if (!this.#cover.open) return;
    this.#sheet.hidden = false;
    this.#cover.close();
  }
}
