/* Saying why a stretch did not count, with the way on. */

import { fill, meter } from "./durations.js";
import { interrupt } from "./full-screen.js";
import { data, words } from "./page.js";

export class Reasons {
  #heldFor = data.full; // why credit stopped, so that the video is held once for it
  #film;
  #missing;
  #notices;
  #hasQuestion;

  /* `hasQuestion` tells whether this page knows the question that is to be answered next. */
  constructor({ film, missing, notices, hasQuestion }) {
    [this.#film, this.#missing, this.#notices, this.#hasQuestion] = [film, missing, notices, hasQuestion];
  }

  /* This lesson has what it may have; what is still needed belongs to others. */
  get isEnough() {
    return this.#heldFor === "enough";
  }

  /* Play is held once for a reason that watching on cannot mend. Returns whether there was something to say. */
  say(why) {
    if (why === "skipped") {
      this.#notices.note(why, fill(words.skipped, { at: meter(this.#film.goBackToReached()) }));
      return true;
    }
    if (why === "question" && !this.#hasQuestion()) {
      this.#notices.note(why, words.reload, { ...data.here });
      interrupt();
      return true;
    }
    if (why !== "day" && why !== "enough") {
      this.#notices.takeBack(this.#heldFor);
      this.#heldFor = "";
      return false;
    }
    this.#sayFull(why);
    return true;
  }

  #sayFull(why) {
    this.#notices.state("wait", words.full);
    if (this.#heldFor === why) return;
    this.#heldFor = why;
    interrupt();
    const isGoing = this.#missing.isOn && why === "enough" && data.missing;
    this.#missing.isOn = false;
    if (isGoing) this.#missing.leave();
    else if (why === "day") this.#notices.note(why, words.day);
    else this.#notices.note(why, words.others, data.lacking);
  }
}
