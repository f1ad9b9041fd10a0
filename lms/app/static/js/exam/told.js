/* What staff say to a candidate: the newest in sight, the others folded up below it, so that on a phone the question
   stays on the screen however much was said.

   Each message is announced once, by a region that is there for that alone. Notices then move up and down without
   being announced again. */

import { say } from "./words.js";

const ANNOUNCED_FOR_MS = 20_000;

/* Let a place hold some notices, and touch nothing when it does. */
function stand(place, notices) {
  const isSo = place.children.length === notices.length && notices.every((one, at) => one === place.children[at]);
  if (!isSo) place.replaceChildren(...notices);
}

export class Told {
  #place = document.getElementById("told");
  #newest = this.#place.querySelector("[data-newest]");
  #more = this.#place.querySelector("details");
  #others = this.#place.querySelector("[data-others]");
  #announce = document.getElementById("told-announce");
  #words;
  #shown = [];
  #read = new Set();

  /* `confirmed(id)` is told what the candidate has read. */
  constructor(words, confirmed) {
    this.#words = words;
    this.#place.addEventListener("click", (event) => {
      const notice = event.target.closest("[data-read]")?.closest("[data-message]");
      if (!notice) return;
      this.#takeAway(notice);
      confirmed();
    });
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
        this.#say(text);
      }
    }
    this.#arrange();
  }

  #draw(id, text) {
    const notice = document.getElementById("told-one").content.firstElementChild.cloneNode(true);
    notice.dataset.message = id;
    notice.removeAttribute("role");
    notice.querySelector("p").textContent = text;
    return notice;
  }

  #say(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.#announce.append(line);
    setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
  }

  #arrange() {
    const newestFirst = [...this.#shown].reverse();
    const others = newestFirst.slice(1);
    stand(this.#newest, newestFirst.slice(0, 1));
    stand(this.#others, others);
    this.#more.hidden = others.length === 0;
    this.#more.querySelector("summary").textContent = say(this.#words.more, { n: others.length });
    this.#place.hidden = newestFirst.length === 0;
  }

  #takeAway(notice) {
    this.#read.add(notice.dataset.message);
    this.#shown = this.#shown.filter((one) => one !== notice);
    const hadFocus = notice.contains(document.activeElement);
    notice.remove();
    this.#arrange();
    if (!hadFocus) return;
    const question = document.querySelector("section[data-position]:not([hidden])");
    (this.#newest.querySelector("[data-read]") ?? question)?.focus({ preventScroll: true });
  }
}
