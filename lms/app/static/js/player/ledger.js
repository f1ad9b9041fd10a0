/* The ledger on the page: the ring of the plan, the coverage of this lesson and its line in the list of lessons.
   Every figure is the one of the server's last reply. */

import { COUNTED, Coverage, REFUSED, shape } from "./coverage.js";
import { fill, inWords as saidIn, meter } from "./durations.js";
import { at, data, video, words } from "./page.js";

const inWords = (seconds) => saidIn(seconds, words);

export class Ledger {
  #stopAt;

  /* `stopAt` tells the second of the question that is to be answered next, or null. */
  constructor(stopAt) {
    this.#stopAt = stopAt;
    this.seen = new Coverage(data, words, document.querySelector("#cover svg"), at("cover-say"), at("cover-way"));
    this.totals = { counted: data.counted, pending: data.pending, required: data.required };
  }

  takeTotals({ counted, pending, required }) {
    this.totals = { counted, pending, required };
    this.#drawRing();
    this.draw();
  }

  /* The window that was pending is decided: it counts. */
  confirm() {
    this.seen.settle(COUNTED);
  }

  /* It does not count. */
  void() {
    this.seen.settle(REFUSED);
  }

  draw() {
    this.seen.draw(video.currentTime, this.#stopAt());
    if (!at("lesson-bar")) return;
    const [counted, lacking] = [this.seen.sum(COUNTED), Math.max(0, data.minimum - this.seen.done())];
    at("lesson-bar").value = counted;
    at("lesson-figure").textContent = `${meter(counted)} / ${meter(data.seconds)}`;
    if (!at("lesson-lack")) return;
    at("lesson-lack").textContent = lacking ? fill(words.lacking, { least: meter(data.minimum), time: meter(lacking) }) : words.enough;
  }

  #drawRing() {
    const { counted, pending, required } = this.totals;
    const svg = document.querySelector("#ring svg");
    svg.querySelectorAll(".pending, .counted").forEach((circle) => circle.remove());
    const figure = svg.querySelector("text");
    // As the server draws it: the last degrees close with the last second.
    const bound = (seconds) => (counted >= required ? required : Math.min(seconds, required - required / 90));
    const arc = (kind, seconds) => {
      if (seconds <= 0) return;
      figure.before(shape("circle", {
        class: kind, cx: 60, cy: 60, r: 52, pathLength: required, "stroke-dasharray": `${bound(seconds)} ${required}`,
      }));
    };
    if (pending) arc("pending", counted + pending);
    arc("counted", counted);
    figure.textContent = meter(counted);
    const waiting = svg.querySelector(".sub-pending");
    waiting.textContent = pending ? fill(waiting.dataset.words, { time: meter(pending) }) : "";
    svg.setAttribute("aria-label", fill(words.ring, {
      counted: inWords(counted), pending: inWords(pending), required: inWords(required),
    }));
    at("left").textContent = inWords(Math.max(0, required - counted));
    at("pending").textContent = inWords(pending);
  }
}
