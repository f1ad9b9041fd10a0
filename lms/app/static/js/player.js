/* The lesson player: plays, reports what was played (beats), and keeps the ledger on the page true. Nothing is
   decided here: the server credits by its own clock, and every figure shown is the one in its last reply.

   Each part of it is a file of `player/` and is given what it needs here; this file says what an answer of the
   server means for all of them. */

import { Beats } from "./player/beats.js";
import { takeControls } from "./player/controls.js";
import { fill, inWords, meter } from "./player/durations.js";
import { interrupt, leaveFullScreen } from "./player/full-screen.js";
import { Film } from "./player/film.js";
import { Ledger } from "./player/ledger.js";
import { Missing } from "./player/missing.js";
import { Notices } from "./player/notices.js";
import { at, data, play, video, words } from "./player/page.js";
import { PresenceCheck } from "./player/presence.js";
import { LessonQuestion } from "./player/question.js";
import { Reasons } from "./player/reasons.js";
import { Wire, reasonOf } from "./player/wire.js";

const WORTH_SAYING_S = 2; // a single second stands in the picture only
const LAST_BEATS = 3; // intervals: so much may still be on its way when a page is left

const notices = new Notices();
const wire = new Wire(notices);
const ledger = new Ledger(() => question.second);
const beats = new Beats({
  wire, notices, seen: ledger.seen,
  asks: { isAsked: () => presence.isOpen, answered: () => film.mend(), opened, closed, taken, turnedDown },
});
const film = new Film({
  beats, ledger, notices,
  asks: {
    questionAt: () => question.second, askIfDue: () => question.askIfDue(), isBusy, ended,
    moved: () => missing.skipWhatIsDone(),
  },
});
const missing = new Missing({ beats, film, seen: ledger.seen, isBusy });
const presence = new PresenceCheck({ beats, ledger, notices, wire, asks: { confirmed, playOn, turnedDown } });
const question = new LessonQuestion({
  beats, ledger, notices, wire,
  asks: {
    mayBe: (second) => film.mayBe(second), isChecked: () => presence.isOpen, seekTo: goTo,
    playOn, stop, turnedDown,
  },
});
const reasons = new Reasons({ film, missing, notices, hasQuestion: () => question.second !== null });

/* A dialog keeps the video from playing. */
function isBusy() {
  return presence.isOpen || question.isOpen || at("missed").open;
}

/* ---- what the server answers ---- */

function opened(told) {
  const { counted, pending } = ledger.totals;
  if (!isAsKnown(told)) {
    lookAgain();
    return;
  }
  if (pending && !told.pending) presence.miss(pending);
  ledger.takeTotals(told);
  if (told.check) presence.raise(told.check);
}

/* Whether the totals are those of this page: as they were; without what was pending; or with a check that nobody
   answered, which the page was not shown as pending. The page before this one reports its last seconds as it is left,
   which this one may have been too early to hear of. */
function isAsKnown(told) {
  const { counted, pending } = ledger.totals;
  if (told.counted !== counted) return false;
  const more = told.pending - pending;
  return !told.pending || told.check?.answer_in_ms <= 0 || (more >= 0 && more <= LAST_BEATS * told.interval);
}

/* Somebody studied on elsewhere: which seconds count, and how far one may go, is not what this page says. */
function lookAgain() {
  interrupt();
  beats.stop();
  location.assign(data.here.url + (missing.isOn ? "&missing=1" : ""));
}

function closed(status, told) {
  stop(status === 401 ? words.expired : fill(words.refused, { why: reasonOf(told) }));
}

function taken(reply, stretch) {
  // The server voided the window before this beat: what was pending is to be watched again.
  const { counted, pending } = ledger.totals;
  if (reply.pending - reply.credit < pending && reply.counted === counted) presence.miss(pending);
  ledger.seen.take(reply.covered);
  for (const [, end] of reply.covered) film.reach(end);
  const why = reply.not_counted;
  if (why === "") ledger.seen.believe(stretch.from, stretch.to);
  if (data.reasons[why]) ledger.seen.refuse(stretch.from, stretch.to, why);
  ledger.takeTotals(reply);
  if (why === "fast" && stretch.isHeld && stretch.rate === 1) playAgain(stretch);
  if (reply.check) presence.raise(reply.check);
  else if (why === "complete" && reply.counted >= reply.required) finish();
  else if (why === "closed") stop(words.closed);
  else {
    showKept(why, stretch);
    reasons.say(why);
  }
}

/* What was played before the network was missed earned less than it shows: go back, so that no hole is left. */
function playAgain(stretch) {
  const [lost] = ledger.seen.lacking(stretch.from, stretch.to);
  if (lost === undefined) return;
  beats.drop();
  film.seekTo(lost);
  notices.net(fill(words.reconnected, { at: meter(lost) }));
}

/* What became of a stretch: it is kept, or some of it does not count. */
function showKept(why, { from, to }) {
  const lost = data.reasons[why] ? ledger.seen.lacking(from, to).length : 0;
  if (lost < WORTH_SAYING_S) showSaved();
  else notices.state("refused", fill(words.lost, { time: inWords(lost, words) }));
}

function showSaved() {
  const { counted, pending } = ledger.totals;
  if (pending) notices.state("saved", fill(words.saved, { pending: inWords(pending, words) }));
  else notices.state("saved", fill(words.settled, { counted: inWords(counted, words) }));
}

/* A request was refused; `second` is where what it spoke of began. */
async function turnedDown(status, told, second) {
  const code = told.reasons?.[0]?.code ?? told.code ?? "";
  if (code === "study.closed.superseded") {
    stop("");
    document.querySelector("[data-takeover-now]").textContent = told.reasons[0].now;
    at("takeover").hidden = false;
    at("takeover-title").focus();
  } else if (status === 401) {
    stop(words.expired);
  } else if (code === "study.closed.done") {
    finish();
  } else if (status === 409 && beats.mayReopen) {
    const wasPlaying = !video.paused || beats.isHeld;
    if (!(await beats.reopen())) return;
    film.seekTo(second);
    notices.net(fill(words.reconnected, { at: meter(second) }));
    if (wasPlaying && !isBusy()) play();
  } else {
    stop(fill(words.refused, { why: reasonOf(told) }));
  }
}

/* ---- what follows ---- */

function confirmed(isComplete) {
  if (isComplete) {
    finish();
    return;
  }
  showSaved();
  playOn();
}

/* Go on after a question; a lesson that is over does not begin anew by itself. */
function playOn() {
  if (missing.isOn || !video.ended) play();
}

function ended() {
  if (missing.isOn) missing.goOn();
  else if (data.counting && !beats.isStopped && data.following) notices.note("ended", words.ended, data.following);
}

function stop(text) {
  beats.stop();
  interrupt();
  notices.state("offline", words.stopped);
  if (text) notices.net(text);
}

function finish() {
  beats.stop();
  leaveFullScreen();
  notices.state("saved", words.done);
  missing.isOn = false;
  notices.note("", "");
  question.close();
  at("missing-row")?.remove();
  at("complete").hidden = false;
  at("complete-title").focus();
}

/* ---- what people ask for ---- */

/* Whoever chooses a place stays there, whether it counts already or not. */
function goTo(second) {
  missing.isOn = false;
  film.seekTo(second);
}

at("missing")?.addEventListener("click", () => {
  at("missing-note").textContent = "";
  if (missing.isOn) missing.isOn = false;
  else if (reasons.isEnough && data.missing) location.assign(data.missing);
  else {
    missing.isOn = true;
    missing.start();
  }
});

// The other page studied on: what counts now, and where to go on, is read anew.
document.querySelector("[data-take-back]").addEventListener("click", () => location.assign(data.here.url));

takeControls({ film, go: goTo });
ledger.draw();
if (data.counting) notices.state("wait", words.ready);
film.begin();
if (data.catchUp) missing.start();
