/* What staff say to a candidate: the newest in sight, the others folded up below it, so that on a phone the question
   stays on the screen however much was said.

   The newest comes at once, because it may be the one that cannot wait, and so it comes under a finger that was on its
   way to another notice, or to an answer. For a moment after anything moved no notice is confirmed: what was not read
   must not count as read.

   Each message is announced once, by a region that is there for that alone. Notices then move up and down without
   being announced again. Under a dialog the region cannot be heard, so that what is to be said waits for its end. */

import { say } from "./words.js";

const ANNOUNCED_FOR_MS = 20_000;
const MOVING_MS = 800;

/* Let a place hold some notices, and touch nothing when it does; tell whether it did not. */
function stand(place, notices) {
  const isSo = place.children.length === notices.length && notices.every((one, at) => one === place.children[at]);
  if (!isSo) place.replaceChildren(...notices);
  return !isSo;
}

export class Told {
  #place = document.getElementById("told");
  #newest = this.#place.querySelector("[data-newest]");
  #more = this.#place.querySelector("details");
  #others = this.#place.querySelector("[data-others]");
  #summary = this.#more.querySelector("summary");
  #announce = document.getElementById("told-announce");
  #words;
  #shown = [];
  #read = new Set();
  #toSay = [];
  #moving = 0;

  /* `confirmed(id)` is told what the candidate has read. */
  constructor(words, confirmed) {
    this.#words = words;
    this.#place.addEventListener("click", (event) => {
      const notice = event.target.closest("[data-read]")?.closest("[data-message]");
      if (!notice || "moving" in this.#place.dataset) return;
      this.#takeAway(notice);
      confirmed();
    });
    // A dialog does not tell its parents that it closes.
    document.addEventListener("close", () => this.#speak(), true);
  }

  /* What was confirmed and the server has not heard of yet. */
  get read() {
    return [...this.#read];
  }

  heard(ids) {
    for (const id of ids) this.#read.delete(id);
  }

  /* `notices` are those that wait for the candidate's word, the oldest first. */
  show(notices) {
    const known = new Set(this.#shown.map((one) => one.dataset.message));
    for (const { id, text } of notices) {
      if (!known.has(id) && !this.#read.has(id)) {
        this.#shown.push(this.#draw(id, text));
        this.#toSay.push(text);
      }
    }
    this.#arrange();
    this.#speak();
  }

  #draw(id, text) {
    const notice = document.getElementById("told-one").content.firstElementChild.cloneNode(true);
    notice.dataset.message = id;
    notice.removeAttribute("role");
    notice.querySelector("p").textContent = text;
    return notice;
  }

  #speak() {
    if (document.querySelector("dialog[open]")) return;
    for (const text of this.#toSay.splice(0)) {
      const line = document.createElement("p");
      line.textContent = text;
      this.#announce.append(line);
      setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
    }
  }

  #arrange() {
    const newestFirst = [...this.#shown].reverse();
    const others = newestFirst.slice(1);
    const hadFocus = this.#place.contains(document.activeElement);
    const moved = [stand(this.#newest, newestFirst.slice(0, 1)), stand(this.#others, others)];
    this.#more.hidden = others.length === 0;
    this.#summary.textContent = say(this.#words.more, { n: others.length });
    this.#place.hidden = newestFirst.length === 0;
    if (moved.includes(true)) this.#holdStill();
    // Not on the new notice: the next key would confirm it unread.
    if (hadFocus && !this.#place.contains(document.activeElement)) this.#summary.focus({ preventScroll: true });
  }

  #holdStill() {
    clearTimeout(this.#moving);
    this.#place.dataset.moving = "";
    this.#moving = setTimeout(() => delete this.#place.dataset.moving, MOVING_MS);
  }

  #takeAway(notice) {
    this.#read.add(notice.dataset.message);
    this.#shown = this.#shown.filter((one) => one !== notice);
    const hadFocus = notice.contains(document.activeElement);
    notice.remove();
    this.#arrange();
    // Those below it moved up, and the second click of a double one is on its way.
    this.#holdStill();
    if (!hadFocus) return;
    const question = document.querySelector("section[data-position]:not([hidden])");
    (this.#newest.querySelector("[data-read]") ?? question)?.focus({ preventScroll: true });
  }
}
