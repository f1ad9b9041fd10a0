/* Reporting what was played. Nothing is decided here: the server credits by its own clock.

   A beat is cut at each interval and whenever play is interrupted (pause, seek, end, page hidden). It is
   sent until it is answered, always with the same number, so a lost reply costs nothing. While the network
   is away the video waits, because time that nobody can record would be watched for nothing. A beat holds no
   more than one interval and is sent when the server's time pays for it, so what was played before the video was
   held is credited in full once the network is back, whatever the interval. */

import { interrupt } from "./full-screen.js";
import { data, pause, play, position, video, words } from "./page.js";

const TICK_MS = 250;
const SILENCE_MS = 3000; // a slow server that works does not stop the picture
const KEPT_MS = 1000; // with half an interval: the unused time that stays usable, as in policy.credited_until_after
const LEAVE_WAIT_MS = 20000;

export class Beats {
  /* The study session: { lease, seq, next, interval }, or null before it is opened. */
  session = null;

  /* Nothing is recorded on this page, or no longer. */
  isStopped = !data.counting;

  /* The video waits for the network. */
  isHeld = false;

  #wire;
  #notices;
  #seen;
  #asks;
  #opening = null;
  #waiting = []; // stretches of play that are cut but not answered yet
  #isSending = false;
  #from = null; // where the stretch that is being played began, in milliseconds
  #last = 0; // how far it was played
  #cutAt = 0;
  #askedSince = null; // since when a request has no answer
  #creditedUntil = 0; // up to when the server has settled credit, at the latest, by this page's clock
  #isGoing = false; // the page is being left
  #hurry = () => {}; // ends a wait for the server's time
  #reopened = 0;

  /* `asks` is what is to be done about an answer:
     answered(): the server was heard;
     opened(told), closed(status, told): a session was opened, or refused;
     isAsked(): whether a presence check is open, during which nothing is credited;
     taken(reply, stretch): a beat was answered, which reported { from, to, rate, isHeld };
     turnedDown(status, told, second): a beat was refused, which began at a second. */
  constructor({ wire, notices, seen, asks }) {
    [this.#wire, this.#notices, this.#seen, this.#asks] = [wire, notices, seen, asks];
    setInterval(() => this.#tick(), TICK_MS);
    document.addEventListener("visibilitychange", () => this.#seeWhetherHidden());
    window.addEventListener("pagehide", () => {
      this.#isGoing = true;
      this.cut(false);
      this.#hurry();
    });
    window.addEventListener("pageshow", () => { this.#isGoing = false; });
    window.addEventListener("online", () => { this.pump(); });
    // A browser that knows of it need not wait for silence. Should it be mistaken, the answer to this beat goes on.
    window.addEventListener("offline", () => {
      if (this.isStopped || asks.isAsked() || this.#from === null) return;
      this.moveTo(position());
      this.cut();
      if (this.#waiting.length) this.#hold();
    });
  }

  /* The second up to which the video was played. */
  get lastSecond() {
    return this.#last / 1000;
  }

  get isRunning() {
    return this.#from !== null;
  }

  /* ---- what the video does ---- */

  begin() {
    this.jumpTo(position(), true);
    this.#cutAt = performance.now();
    if (!this.session) this.open().then(() => this.pump());
  }

  /* It was played up to a moment, if not further. */
  moveTo(ms) {
    this.#last = Math.max(this.#last, ms);
  }

  /* It is at a moment. */
  setAt(ms) {
    this.#last = ms;
  }

  /* It goes on from a moment, if it plays. */
  jumpTo(ms, isPlaying) {
    this.#last = ms;
    if (isPlaying && !this.isStopped) this.#from = ms;
  }

  /* Hand over what was played. While play goes on, whatever a late timer added to the interval stays in the stretch. */
  cut(isPlaying = true) {
    if (this.#from === null) return;
    const [from, rate] = [this.#from, Math.max(1, video.playbackRate)];
    const played = Math.max(from, this.#last);
    const most = isPlaying && this.session ? from + this.#interval(rate) : Infinity;
    const to = Math.min(most, played);
    this.#from = isPlaying ? to : null;
    this.#cutAt = performance.now() - (played - to) / rate;
    this.#enqueue(from, to, !document.hidden);
  }

  /* Report what was seen up to here, and begin no new stretch before the next play. */
  close() {
    this.moveTo(position());
    const from = this.#from;
    this.#from = null;
    if (from !== null) this.#enqueue(from, this.#last, true);
  }

  /* Whether a moment was played and is not answered yet. */
  covers(ms) {
    if (this.#from !== null && ms >= this.#from && ms < this.#last) return true;
    return this.#waiting.some(({ from, to }) => ms >= from && ms < to);
  }

  /* Forget what waits and what is being played. */
  drop() {
    this.#waiting = [];
    this.#from = null;
  }

  stop() {
    this.drop();
    this.session = null;
    this.isStopped = true;
    this.isHeld = false;
  }

  /* Wait, not for ever, until everything that was played is answered. */
  async reported() {
    const until = performance.now() + LEAVE_WAIT_MS;
    while (this.#waiting.length && !this.isStopped && !this.#asks.isAsked() && performance.now() < until) {
      await pause(100);
    }
  }

  /* ---- the session ---- */

  async open() {
    this.#opening ??= this.#open().finally(() => { this.#opening = null; });
    return this.#opening;
  }

  async #open() {
    this.#notices.state("saving", words.saving);
    const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
    const { status, told } = await this.#ask(data.sessionUrl, {}, { "X-CSRFToken": csrf });
    if (status !== 201) {
      this.#asks.closed(status, told);
      return false;
    }
    this.session = { lease: told.lease, seq: told.seq, next: told.next, interval: told.interval };
    this.#creditedUntil = performance.now();
    this.#asks.opened(told);
    return true;
  }

  /* Whether the session was not opened anew since the last answer. */
  get mayReopen() {
    return this.#reopened < 1;
  }

  /* Open it anew; what was not answered is to be played again. */
  async reopen() {
    this.#reopened += 1;
    this.drop();
    this.session = null;
    this.isHeld = false;
    video.pause();
    return this.open();
  }

  /* ---- sending ---- */

  async pump() {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      // Nothing is credited while a check is open: what was played before it waits for the answer.
      while (this.#waiting.length && !this.isStopped && !this.#asks.isAsked()) {
        if (!this.session) {
          if (!(await this.open())) break;
        } else {
          await this.#sendOrWait();
        }
      }
    } finally {
      this.#isSending = false;
    }
    if (!this.#waiting.length && this.session) this.#goOn();
  }

  #enqueue(from, to, visible) {
    if (this.isStopped || to <= from) return;
    this.#waiting.push({ from, to, visible, rate: Math.max(1, video.playbackRate), isHeld: this.isHeld });
    this.pump();
  }

  async #sendOrWait() {
    this.#notices.state("saving", words.saving);
    this.#splitHead(this.#interval(this.#waiting[0].rate));
    // A page that may be gone in a moment reports what is paid for already.
    const paid = Math.floor((performance.now() - this.#creditedUntil) / 1000);
    if (this.#unpaid() > 0 && (this.#isGoing || document.hidden)) this.#splitHead(paid * 1000);
    const rest = this.#unpaid();
    if (rest > 0) await Promise.race([pause(rest), new Promise((done) => { this.#hurry = done; })]);
    else await this.#send(this.#waiting[0]);
  }

  async #send(stretch) {
    const session = this.session;
    const { status, told } = await this.#ask(data.beatUrl, {
      lease: session.lease, seq: session.seq + 1, nonce: session.next, lesson_id: data.lesson,
      from_ms: stretch.from, to_ms: stretch.to, playing: true, visible: stretch.visible,
    });
    if (this.session !== session) return; // stopped or opened anew meanwhile; it is in the ledger or it is not
    if (status === 200) this.#taken(told);
    else await this.#asks.turnedDown(status, told, stretch.from / 1000);
  }

  #taken(reply) {
    const stretch = this.#waiting.shift();
    this.#creditedUntil = Math.max(
      this.#creditedUntil + reply.credit * 1000, performance.now() - this.#interval(0.5) - KEPT_MS,
    );
    this.#reopened = 0;
    this.session.seq = reply.seq;
    this.session.next = reply.next;
    this.#notices.net("");
    if (reply.check) this.isHeld = false;
    this.#goOn();
    this.#asks.taken(reply, stretch);
  }

  async #ask(url, body, headers) {
    this.#askedSince = performance.now();
    try {
      const answer = await this.#wire.ask(url, body, headers);
      this.#asks.answered();
      return answer;
    } finally {
      this.#askedSince = null;
    }
  }

  #interval(times) {
    return Math.round(this.session.interval * 1000 * times);
  }

  /* Leave only so much in the first stretch that waits. */
  #splitHead(length) {
    const [head] = this.#waiting;
    if (length <= 0 || head.to - head.from <= length) return;
    const middle = head.from + length;
    this.#waiting.splice(0, 1, { ...head, to: middle }, { ...head, from: middle });
  }

  /* How long until the time since the last credit pays for the first stretch that waits: the server credits whole
     seconds, and no more of them than have passed. */
  #unpaid() {
    const [{ from, to, rate }] = this.#waiting;
    return 1000 * this.#seen.lacking(from, to).length / rate - (performance.now() - this.#creditedUntil);
  }

  /* ---- holding the video ---- */

  /* Cut a beat at each interval, and hold the video when a request has not been answered for too long. */
  #tick() {
    if (this.isStopped || this.#from === null) return;
    const now = performance.now();
    if (this.session && now - this.#cutAt >= this.#interval(1)) {
      this.moveTo(position());
      this.cut();
    }
    const patience = Math.max(SILENCE_MS, (this.session?.interval ?? 0) * 500);
    const isSilent = this.#askedSince !== null && now - this.#askedSince > patience;
    if (isSilent && !this.#asks.isAsked()) this.#hold();
  }

  #hold() {
    this.isHeld = true;
    for (const stretch of this.#waiting) stretch.isHeld = true;
    interrupt();
    this.#notices.net(this.#wire.isBusy ? words.held : words.net);
  }

  /* Not behind somebody's back: a page that is hidden stays held until it is looked at. */
  #goOn() {
    if (!this.isHeld || this.isStopped || document.hidden) return;
    this.isHeld = false;
    this.#notices.net("");
    if (!this.#asks.isAsked()) play();
  }

  /* A page that nobody can see does not play: so nothing is watched that cannot be counted. */
  #seeWhetherHidden() {
    if (!document.hidden) {
      if (!this.#waiting.length && this.session) this.#goOn();
      return;
    }
    if (data.counting && !video.paused) {
      // The stretch up to here was seen; it is cut before the page counts as hidden.
      this.close();
      video.pause();
    }
    this.#hurry();
  }
}
