/* Notices when somebody leaves the exam page, and for how long; the page only tells, people judge.

   A hidden page was left. A page that only lost the focus was left when it has not got it back after a second and no
   input method is at work: the window of candidates of a Chinese input method takes the focus while a word is
   composed, and that is typing. What was noticed is kept until the server has it. */

const SETTLES_MS = 1000;
const MOST_AT_ONCE = 20;

export class Away {
  #composing = false;
  #since = 0;
  #left = false;
  #timer = 0;
  #kept;
  #key;
  #onChange;

  constructor(key, onChange) {
    this.#key = key;
    this.#onChange = onChange;
    this.#kept = this.#recall();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#leave(0) : this.#look()));
    window.addEventListener("blur", () => this.#leave(SETTLES_MS));
    window.addEventListener("focus", () => this.#look());
    document.addEventListener("compositionstart", () => this.#compose(true), true);
    document.addEventListener("compositionend", () => this.#compose(false), true);
  }

  /* Returns what the server should hear of: number, milliseconds ago, seconds or null while nobody is back. */
  get news() {
    const now = Date.now();
    return this.#kept.list.slice(0, MOST_AT_ONCE).map(({ n, at, seconds }) => [n, Math.max(0, Math.round(now - at)), seconds]);
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
    else if (!document.hasFocus()) this.#leave(SETTLES_MS);
  }

  #calm() {
    clearTimeout(this.#timer);
    if (!this.#left) this.#since = 0;
  }

  #leave(settles) {
    if (this.#left || (this.#composing && !document.hidden)) return;
    this.#since ||= Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#gone(), settles || SETTLES_MS);
  }

  #gone() {
    if (this.#left || !this.#since || (!document.hidden && document.hasFocus())) return;
    this.#left = true;
    this.#kept.last += 1;
    this.#kept.list.push({ n: this.#kept.last, at: this.#since, seconds: null });
    this.#keep();
    this.#onChange();
  }

  #look() {
    if (document.hidden || !document.hasFocus()) return;
    clearTimeout(this.#timer);
    if (this.#left) {
      const seconds = Math.max(1, Math.round((Date.now() - this.#since) / 1000));
      this.#kept.list.push({ n: this.#kept.last, at: this.#since, seconds });
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
