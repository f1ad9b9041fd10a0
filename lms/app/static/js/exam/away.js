/* Notices when somebody leaves the exam page, and for how long; the page only tells, people judge.

   A hidden page was left. A page that only lost the focus was left when it has not got it back after a second and no
   input method is at work: the window of candidates of a Chinese input method takes the focus while a word is
   composed, and that is typing. What was noticed is kept until the server has it.

   How long somebody was away is passed time, not a difference of two readings of the device's clock, which may be set
   right during the exam. Timers stand still in a hidden page of some phones: what they missed is noticed on the way
   back. Switches are counted on from what the server knows, whichever device reported it. */

const SETTLES_MS = 1000;
const MOST_AT_ONCE = 20;
const DAY_MS = 86_400_000;

const bounded = (ms) => Math.min(DAY_MS, Math.max(0, Math.round(ms)));

export class Away {
  #composing = false;
  #since = 0;
  #sinceClock = 0;
  #left = false;
  #timer = 0;
  #kept;
  #key;
  #onChange;
  #listening = new AbortController();

  /* `known` is what the server has heard: {last, leftMs}, the second when nobody has told it of a return. */
  constructor(key, known, onChange) {
    this.#key = key;
    this.#onChange = onChange;
    this.#kept = this.#recall();
    this.#goOnFrom(known);
    const { signal } = this.#listening;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave() : this.#look()), { signal });
    window.addEventListener("blur", () => this.#leave(), { signal });
    window.addEventListener("focus", () => this.#look(), { signal });
    document.addEventListener("compositionstart", () => this.#compose(true), { capture: true, signal });
    document.addEventListener("compositionend", () => this.#compose(false), { capture: true, signal });
  }

  stop() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  /* Whoever left a page that broke, or another device, is back now. */
  #goOnFrom({ last, leftMs }) {
    const isTold = this.#kept.list.some(({ n, seconds }) => n === last && seconds !== null);
    if (leftMs !== null && !isTold) {
      this.#kept.list.push({ n: last, at: Date.now() - leftMs, seconds: Math.max(1, Math.round(leftMs / 1000)) });
    }
    this.#kept.last = Math.max(this.#kept.last, last);
  }

  /* Returns what the server should hear of: number, milliseconds ago, seconds or null while nobody is back. */
  get news() {
    const now = Date.now();
    return this.#kept.list.slice(0, MOST_AT_ONCE).map(({ n, at, seconds }) => [n, bounded(now - at), seconds]);
  }

  /* Forgets what the server has taken. */
  taken(news) {
    if (!news.length) return;
    const same = ({ n, seconds }) => news.some(([number, , length]) => number === n && length === seconds);
    this.#kept.list = this.#kept.list.filter((one) => !same(one));
    this.#keep();
  }

  #compose(begins) {
    this.#composing = begins;
    if (begins) this.#calm();
    // The focus comes back a moment after the word is done; if it does not, the page was left.
    else if (!document.hasFocus()) this.#leave();
  }

  #calm() {
    clearTimeout(this.#timer);
    if (!this.#left) this.#since = 0;
  }

  #leave() {
    if (this.#left || (this.#composing && !document.hidden)) return;
    if (!this.#since) [this.#since, this.#sinceClock] = [performance.now(), Date.now()];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#gone(), SETTLES_MS);
  }

  #gone() {
    if (this.#left || !this.#since || (!document.hidden && document.hasFocus())) return;
    this.#note();
    this.#onChange();
  }

  #note() {
    this.#left = true;
    this.#kept.last += 1;
    this.#kept.list.push({ n: this.#kept.last, at: this.#sinceClock, seconds: null });
    this.#keep();
  }

  #look() {
    if (document.hidden || !document.hasFocus()) return;
    clearTimeout(this.#timer);
    const away = performance.now() - this.#since;
    if (!this.#left && this.#since && away >= SETTLES_MS) this.#note();
    if (this.#left) {
      const seconds = Math.max(1, Math.round(away / 1000));
      this.#kept.list.push({ n: this.#kept.last, at: this.#sinceClock, seconds });
      this.#keep();
      this.#onChange();
    }
    this.#left = false;
    this.#since = 0;
  }

  #recall() {
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? { last: 0, list: [] };
    } catch {
      return { last: 0, list: [] };
    }
  }

  #keep() {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // Without storage a reload forgets what the server has not heard yet.
    }
  }
}
