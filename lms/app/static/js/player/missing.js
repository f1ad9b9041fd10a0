/* Playing what is missing, one stretch after the other, and going to the next lesson that lacks something. */

import { Coverage } from "./coverage.js";
import { at, data, play, position, video, words } from "./page.js";

export class Missing {
  #isOn = false;
  #leaving = false;
  #beats;
  #film;
  #seen;
  #isBusy;

  /* `isBusy` tells whether a dialog keeps the video from playing. */
  constructor({ beats, film, seen, isBusy }) {
    [this.#beats, this.#film, this.#seen, this.#isBusy] = [beats, film, seen, isBusy];
  }

  get isOn() {
    return this.#isOn;
  }

  set isOn(isOn) {
    this.#isOn = isOn;
    at("missing")?.setAttribute("aria-pressed", String(isOn));
  }

  /* At the speed of the clock: faster, half of it would be missing again. */
  start() {
    const next = this.#next(0);
    if (next === null) {
      this.goOn();
      return;
    }
    this.isOn = true;
    video.playbackRate = 1;
    this.#film.seekTo(next);
    play();
  }

  /* While it is on, the picture passes over what counts already; not before the second before it is complete. */
  skipWhatIsDone() {
    if (!this.isOn || video.seeking) return;
    const here = Coverage.after(position());
    if (here >= data.seconds || !this.#seen.isDone(here)) return;
    const next = this.#next(here) ?? this.#next(0);
    if (next === null) this.goOn();
    else this.#film.seekTo(next);
  }

  /* Nothing is missing here that was not reported: wait for the last replies, then look again or go to the next
     lesson. */
  async goOn() {
    if (this.#leaving) return;
    this.#leaving = true;
    video.pause();
    this.#beats.close();
    await this.#beats.reported();
    this.#leaving = false;
    if (this.#beats.isStopped || this.#isBusy()) return;
    const left = this.#next(0);
    if (left !== null && this.isOn) {
      this.#film.seekTo(left);
      play();
    } else if (data.missing) {
      location.assign(data.missing);
    } else {
      this.isOn = false;
      at("missing-note").textContent = words.none;
    }
  }

  /* Go to another lesson as soon as what was played here is answered. */
  async leave() {
    await this.#beats.reported();
    if (!this.#beats.isStopped && !this.#isBusy()) location.assign(data.missing);
  }

  /* The first second from one on that is neither credited nor on its way to the server, or null. */
  #next(from) {
    for (let second = from; second < data.seconds; second += 1) {
      if (!this.#seen.isDone(second) && !this.#beats.covers(second * 1000 + 500)) return second;
    }
    return null;
  }
}
