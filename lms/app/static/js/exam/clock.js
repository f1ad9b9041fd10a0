/* The remaining time: the server says how much, and from then on only passed time is counted.

   The device's clock is never asked for the time. It is looked at once, to notice that the device has slept: passed
   time may stand still meanwhile, so the server is asked anew. Six announcements at most are made, never each second. */

import { meter, pause, say } from "./words.js";

const LAST_MINUTES_S = 300;
const ASK_EVERY_MS = 60_000;
const SLEPT_MS = 2500;
const LAST_WORD_MS = 1500;
const HALF_WORTH_SAYING_S = 1200;
export const MOST_ANNOUNCEMENTS = 6;

const shown = document.getElementById("remaining");
const clock = document.getElementById("clock");
const announce = document.getElementById("announce");

function announcements(total, words) {
  const list = [
    [600, say(words.minutes, { n: 10 })], [300, say(words.minutes, { n: 5 })], [120, say(words.minutes, { n: 2 })],
    [60, say(words.minutes, { n: 1 })], [30, say(words.seconds, { n: 30 })],
  ];
  if (total > HALF_WORTH_SAYING_S) list.unshift([total / 2, words.half]);
  return list.filter(([at]) => at < total).slice(-MOST_ANNOUNCEMENTS);
}

export class Clock {
  /* `heard.tick(text)` at each step, `heard.over()` once at zero; `ask()` returns the milliseconds left, or null. */
  constructor(remainingMs, words, heard, ask) {
    this.words = words;
    this.heard = heard;
    this.ask = ask;
    this.endsAt = performance.now() + remainingMs;
    this.isOver = false;
    this.standing = null;
    this.toSay = announcements(remainingMs / 1000, words);
    this.drift = Date.now() - performance.now();
  }

  start() {
    this.tick();
    setInterval(() => this.tick(), 250);
    setInterval(() => this.askNow(), ASK_EVERY_MS);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.askNow();
    });
  }

  async askNow() {
    const asked = performance.now();
    const left = await this.ask();
    if (left !== null) this.endsAt = (asked + performance.now()) / 2 + left;
  }

  /* What staff change: how much is left, and whether it stands still. */
  set(left, isPaused) {
    this.standing = isPaused ? left : null;
    this.endsAt = performance.now() + left;
  }

  /* After zero the server said that there is time. */
  goOn(left) {
    this.isOver = false;
    this.set(left, false);
    this.tick();
  }

  /* More time may have been given in the last seconds. */
  async end() {
    await Promise.race([this.askNow(), pause(LAST_WORD_MS)]);
    this.isOver = this.endsAt <= performance.now();
    if (this.isOver) this.heard.over();
  }

  tick() {
    const left = this.standing ?? Math.max(0, this.endsAt - performance.now());
    const seconds = Math.ceil(left / 1000);
    const minutes = Math.floor(seconds / 60);
    shown.textContent = meter(seconds);
    clock.setAttribute("aria-label", say(this.words.left_aria, { m: minutes, s: seconds % 60 }));
    clock.classList.toggle("clock-low", seconds <= LAST_MINUTES_S);
    while (this.toSay.length && seconds <= this.toSay[0][0]) [, announce.textContent] = this.toSay.shift();
    this.heard.tick(shown.textContent);
    this.noticeSleep();
    if (left === 0 && !this.isOver) {
      this.isOver = true;
      this.end();
    }
  }

  noticeSleep() {
    const drift = Date.now() - performance.now();
    if (Math.abs(drift - this.drift) > SLEPT_MS) this.askNow();
    this.drift = drift;
  }
}
