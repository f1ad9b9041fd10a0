/* Which seconds of a lesson count, with the reason where they do not: what the server said, drawn under the video.

   Pointing at the picture, or walking through it by arrow keys, says in a line below it what a stretch is. */

import { fill, inWords, meter } from "./durations.js";

export const UNSEEN = 0;
export const COUNTED = 1;
export const PENDING = 2;
export const REFUSED = 3;
const KINDS = { counted: COUNTED, pending: PENDING, refused: REFUSED };
const VOID = "void";
const SVG = "http://www.w3.org/2000/svg";
const WHOLE_AFTER_MS = 900; // a second belongs to the stretch that plays it nearly to its end, as for the server

export function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export class Coverage {
  /* `says` is the line below the picture, `way` the link beside it for a stretch that was refused. */
  constructor(data, words, picture, says, way) {
    this.seconds = data.seconds;
    this.kinds = new Uint8Array(data.seconds);
    this.whys = new Array(data.seconds).fill("");
    for (const [start, end, kind] of data.spans) this.kinds.fill(KINDS[kind], start, end);
    for (const [start, end, why] of data.whys) this.whys.fill(why, start, end);
    [this.words, this.reasons, this.picture, this.says, this.way] = [words, data.reasons, picture, says, way];
    this.looked = 0;
    picture.addEventListener("pointermove", (event) => this.tell(this.secondAt(event.clientX)));
    picture.addEventListener("pointerdown", (event) => this.tell(this.secondAt(event.clientX)));
    picture.addEventListener("keydown", (event) => this.walk(event));
    picture.addEventListener("focus", () => this.tell(this.looked));
    picture.setAttribute("tabindex", "0");
  }

  take(covered) {
    for (const [start, end] of covered) this.kinds.fill(PENDING, start, end);
  }

  /* The first second that playing up to a moment (milliseconds) leaves incomplete. */
  static after(moment) {
    return Math.floor((moment + 999 - WHOLE_AFTER_MS) / 1000);
  }

  /* The seconds that playing from..to (milliseconds) completes and that are not credited. */
  lacking(from, to) {
    const last = Math.min(this.seconds, Coverage.after(to));
    const found = [];
    for (let second = Coverage.after(from); second < last; second += 1) if (!this.isDone(second)) found.push(second);
    return found;
  }

  /* What was played from..to counts, says the server, and not by this: then it counted before. */
  believe(from, to) {
    for (const second of this.lacking(from, to)) this.kinds[second] = COUNTED;
  }

  /* What was played from..to and not credited. */
  refuse(from, to, why) {
    for (const second of this.lacking(from, to)) {
      this.kinds[second] = REFUSED;
      this.whys[second] = why;
    }
  }

  settle(kind) {
    for (let second = 0; second < this.seconds; second += 1) {
      if (this.kinds[second] !== PENDING) continue;
      this.kinds[second] = kind;
      this.whys[second] = kind === REFUSED ? VOID : "";
    }
  }

  isDone(second) {
    return this.kinds[second] === COUNTED || this.kinds[second] === PENDING;
  }

  done() {
    return this.sum(COUNTED) + this.sum(PENDING);
  }

  sum(kind) {
    let found = 0;
    for (const one of this.kinds) found += one === kind;
    return found;
  }

  /* The stretch of one kind and reason around a second: [start, end). */
  stretchAt(second) {
    const same = (other) => this.kinds[other] === this.kinds[second] && this.whys[other] === this.whys[second];
    let [start, end] = [second, second + 1];
    while (start > 0 && same(start - 1)) start -= 1;
    while (end < this.seconds && same(end)) end += 1;
    return [start, end];
  }

  describe(start, end) {
    const name = [this.words.unseen, this.words.counted, this.words.waits, this.words.uncounted][this.kinds[start]];
    const why = this.kinds[start] === REFUSED ? this.reasons[this.whys[start]] ?? "" : "";
    return fill(this.words.stretch, { start: meter(start), end: meter(end), name }) + why;
  }

  secondAt(x) {
    const box = this.picture.getBoundingClientRect();
    return Math.min(this.seconds - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * this.seconds)));
  }

  tell(second) {
    this.looked = second;
    const text = this.describe(...this.stretchAt(second));
    this.way.hidden = this.kinds[second] !== REFUSED;
    if (this.says.textContent !== text) this.says.textContent = text;
  }

  walk(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const [start, end] = this.stretchAt(this.looked);
    const next = event.key === "ArrowLeft" ? start - 1 : end;
    if (next >= 0 && next < this.seconds) this.tell(next);
  }

  draw(head, stopAt) {
    const svg = this.picture;
    svg.querySelectorAll("rect:not(.track):not(.edge):not(defs rect)").forEach((rect) => rect.remove());
    const edge = svg.querySelector(".edge");
    const share = (seconds) => `${(100 * seconds / Math.max(1, this.seconds)).toFixed(4)}%`;
    for (let start = 0; start < this.seconds;) {
      const [, end] = this.stretchAt(start);
      const kind = this.kinds[start];
      if (kind !== UNSEEN) {
        const rect = shape("rect", { x: share(start), y: 4, width: share(end - start), height: 14 });
        if (kind === COUNTED) rect.setAttribute("class", "counted");
        else rect.setAttribute("fill", `url(#cover-${kind === PENDING ? "pending" : "refused"})`);
        edge.before(rect);
      }
      start = end;
    }
    const ask = document.getElementById("cover-ask");
    if (ask) ask.hidden = stopAt === null;
    if (stopAt !== null) svg.append(shape("rect", { class: "ask", x: share(stopAt), y: 1, width: 4, height: 20, rx: 2 }));
    svg.append(shape("rect", { class: "head", x: share(head), y: 0, width: 3, height: 22, rx: 1 }));
    const [unseen, counted, pending, refused] = [UNSEEN, COUNTED, PENDING, REFUSED].map((kind) => this.sum(kind));
    const said = (seconds) => inWords(seconds, this.words);
    svg.setAttribute("aria-label", fill(this.words.cover, {
      whole: said(this.seconds), counted: said(counted), pending: said(pending), refused: said(refused),
      unseen: said(unseen),
    }));
    const figures = document.querySelectorAll("#cover .legend b");
    [counted, pending, refused, unseen].forEach((value, place) => { figures[place].textContent = meter(value); });
  }
}
