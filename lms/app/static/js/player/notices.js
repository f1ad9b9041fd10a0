/* The three lines that speak while somebody watches: whether time is recorded, what is wrong with the network, and
   what may be played now. */

import { fill } from "./durations.js";
import { at, data, words } from "./page.js";

export class Notices {
  #state = "";
  #net = "";
  #film = "";

  /* What the line about playing speaks of; "" when it says nothing. */
  about = data.full;

  /* The pill above the coverage: `kind` names its look. */
  state(kind, text) {
    if (this.#state === text) return;
    this.#state = text;
    const pill = at(`pill-${kind}`).content.cloneNode(true);
    pill.firstElementChild.append(text);
    at("state").replaceChildren(pill);
  }

  net(text) {
    this.#net = text;
    this.#showNet();
  }

  /* What is wrong with the film itself outlasts what was wrong with the requests. */
  film(text) {
    this.#film = text;
    this.#showNet();
  }

  #showNet() {
    const text = this.#film || this.#net;
    at("net").hidden = !text;
    at("net").querySelector("p").textContent = text;
  }

  /* A line about what may be played now, with one way on; what it is about lets it be taken back. */
  note(about, text, way = null) {
    if (!at("note")) return; // nothing is counted on this page, so nothing stands in the way
    this.about = about;
    at("note").hidden = !text;
    at("note").querySelector("p").textContent = text;
    const link = at("note-way");
    link.hidden = !way;
    if (!way) return;
    link.href = way.url;
    link.textContent = fill(words.go, { n: way.position, title: way.title });
  }

  takeBack(about) {
    if (about && this.about === about) this.note("", "");
  }
}
