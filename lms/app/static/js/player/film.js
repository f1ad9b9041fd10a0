/* The video: what it does is told to the beats, and it goes no further than it may.

   Where a plan wants the first view in order, or a question stands in the way, this only keeps people from
   watching for nothing: what counts is judged by the server all the same.

   A film may be there before this script is, come later, be exchanged for its light version, or break off with the
   network: it is mounted each time, and goes on from the place that was wanted last. */

import { fill, meter } from "./durations.js";
import { interrupt } from "./full-screen.js";
import { at, data, play, position, video, words } from "./page.js";

const REACH_S = 0.5; // how far behind a limit a jump may land: browsers do not hit a moment exactly

export class Film {
  #place = data.startMs / 1000; // where it goes on as soon as it can be sought in
  #isMounted = false; // it can be sought in, and was brought to its place
  #isToPlay = false; // whether it plays on there by itself
  #isBroken = false; // it broke off and can be loaded again
  #isLoading = false;
  #reached = data.reached; // one past the furthest second that was ever credited
  #frontier = data.reached; // how far the picture has come, in seconds
  #held = null; // { about, second }: the note that says how far one may go, till something beyond it counts
  #beats;
  #ledger;
  #notices;
  #asks;

  /* `asks` is what is to be known and done: questionAt(): the second of the next question, or null;
     askIfDue(): stop for it, and say whether it is asked; isBusy(): whether a dialog keeps the video from playing;
     ended(), moved(). */
  constructor({ beats, ledger, notices, asks }) {
    [this.#beats, this.#ledger, this.#notices, this.#asks] = [beats, ledger, notices, asks];
    video.addEventListener("play", () => this.#played());
    video.addEventListener("pause", () => this.#paused());
    video.addEventListener("seeking", () => this.#seeking());
    video.addEventListener("seeked", () => this.#seeked());
    video.addEventListener("timeupdate", () => this.#moved());
    video.addEventListener("ratechange", () => this.#rateChanged());
    video.addEventListener("loadedmetadata", () => this.#mount());
    video.addEventListener("error", () => this.#break());
    window.addEventListener("online", () => this.mend());
    video.addEventListener("ended", () => {
      beats.cut(false);
      asks.ended();
    });
  }

  /* Take it as it is: nobody has listened to it so far. */
  begin() {
    at("start").hidden = false;
    if (video.error) this.#break();
    else if (video.readyState) this.#mount();
    if (!video.paused) this.#played();
  }

  /* The second that is shown, or will be as soon as anything is. */
  get place() {
    return this.#isMounted ? video.currentTime : this.#place;
  }

  /* Go on with another source from the same place. */
  load(source) {
    [this.#place, this.#isToPlay] = [this.place, this.#isToPlay || !video.paused];
    this.#beats.close();
    video.pause();
    this.#isMounted = false;
    video.defaultPlaybackRate = video.playbackRate;
    video.src = source;
  }

  play() {
    if (!this.#isBroken) {
      play();
      return;
    }
    this.#isToPlay = true;
    this.mend();
  }

  /* The server is there again: whatever broke off is loaded anew. */
  mend() {
    if (!this.#isBroken || this.#isLoading) return;
    this.#isLoading = true;
    this.#isMounted = false;
    video.defaultPlaybackRate = video.playbackRate;
    video.load();
  }

  #mount() {
    [this.#isMounted, this.#isBroken, this.#isLoading] = [true, false, false];
    this.#notices.film("");
    this.seekTo(this.#place);
    if (this.#isToPlay) play();
    this.#isToPlay = false;
  }

  /* Without the network a film breaks off, and cannot be loaded either; what else is wrong with it stays so. */
  #break() {
    const isCutOff = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#isToPlay ||= !video.paused || this.#beats.isHeld;
    this.#place = this.place;
    this.#isBroken ||= isCutOff;
    this.#isLoading = false;
    this.#beats.close();
    interrupt();
    this.#notices.film(isCutOff ? words.net : words.gone);
  }

  /* Whether the picture may have come to a second. */
  mayBe(second) {
    return data.maySkip || Math.max(this.#frontier, this.#reached) + REACH_S >= second;
  }

  /* A stretch up to a second was credited. */
  reach(second) {
    this.#reached = Math.max(this.#reached, second);
    if (this.#held === null || second <= Math.ceil(this.#held.second)) return;
    this.#notices.takeBack(this.#held.about);
    this.#held = null;
    if (!this.#notices.about) this.#saySpeed();
  }

  /* Back to the first second that may be played next; returns it. */
  goBackToReached() {
    this.#frontier = this.#reached;
    this.#held = { about: "skipped", second: this.#reached };
    this.seekTo(this.#reached);
    return this.#reached;
  }

  seekTo(seconds) {
    const wanted = Math.min(Math.max(0, seconds), data.seconds);
    const most = this.#furthest();
    if (wanted > most + REACH_S) this.#sayLimit(most);
    if (this.#isMounted) video.currentTime = Math.min(wanted, most);
    else this.#place = Math.min(wanted, most);
  }

  /* How far the picture may go: the next question, and where the first view goes in order also what was reached. */
  #furthest() {
    if (this.#beats.isStopped) return data.seconds;
    const stopAt = this.#asks.questionAt() ?? data.seconds;
    return data.maySkip ? stopAt : Math.min(stopAt, Math.max(this.#frontier, this.#reached));
  }

  #sayLimit(most) {
    const stopAt = this.#asks.questionAt();
    if (stopAt !== null && most >= stopAt) return; // the question itself says why
    this.#held = { about: "order", second: most };
    this.#notices.note("order", fill(words.order, { at: meter(most) }));
  }

  #played() {
    // Whoever asks for it, a script or the keys of a headset: nothing plays where nobody can see it.
    const isUnseen = data.counting && document.hidden;
    if (this.#isBroken) this.#isToPlay = true;
    if (this.#isBroken || isUnseen || this.#asks.isBusy() || this.#beats.isHeld || this.#asks.askIfDue()) {
      video.pause();
      return;
    }
    at("start").hidden = true;
    this.#showButton(true);
    if (!this.#beats.isStopped) this.#beats.begin();
  }

  #paused() {
    this.#showButton(false);
    if (!video.seeking && this.#beats.isRunning) this.#beats.moveTo(position());
    this.#beats.cut(false);
  }

  #showButton(isPlaying) {
    document.querySelector("#play [data-when=paused]").hidden = isPlaying;
    document.querySelector("#play [data-when=playing]").hidden = !isPlaying;
    at("play").setAttribute("aria-label", isPlaying ? words.pause : words.play);
  }

  #seeking() {
    // However somebody seeks, in full screen or by the keys of a headset too, the limit is the same.
    if (video.currentTime > this.#furthest() + REACH_S) {
      this.seekTo(video.currentTime);
      return;
    }
    const wasRunning = this.#beats.isRunning;
    this.#beats.cut(false);
    // Where the jump leads is known now; what is played from there is a new stretch.
    this.#beats.jumpTo(position(), wasRunning && !video.paused);
  }

  #seeked() {
    this.#beats.jumpTo(position(), !video.paused);
    this.#ledger.draw();
    this.#asks.askIfDue();
  }

  #moved() {
    if (!this.#isMounted) return; // it is being loaded: its place is not here
    if (!video.seeking) {
      this.#beats.setAt(position());
      if (this.#beats.isRunning) this.#frontier = Math.max(this.#frontier, video.currentTime);
      this.#asks.askIfDue();
    }
    const place = `${meter(video.currentTime)} / ${meter(data.seconds)}`;
    at("seek").value = String(Math.floor(video.currentTime));
    at("seek").setAttribute("aria-valuetext", place);
    at("time").textContent = place;
    this.#asks.moved();
  }

  #rateChanged() {
    const top = data.counting ? data.topSpeed / 100 : 2;
    if (video.playbackRate > top) {
      video.playbackRate = top;
      this.#notices.note("speed", fill(words.top, { times: top }));
      return;
    }
    if (at("speed")) at("speed").value = String(video.playbackRate);
    if (!this.#saySpeed()) this.#notices.takeBack("speed");
  }

  #saySpeed() {
    if (video.playbackRate <= 1 || !data.counting) return false;
    this.#notices.note("speed", fill(words.speed, { times: video.playbackRate }));
    return true;
  }
}
