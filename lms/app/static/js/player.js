/* The lesson player: plays, reports what was played (beats), and keeps the ledger on the page true. Nothing is
   decided here: the server credits by its own clock, and every figure shown is the one in its last reply.

   A beat is cut at each interval and whenever play is interrupted (pause, seek, end, page hidden). It is
   sent until it is answered, always with the same number, so a lost reply costs nothing. While the network
   is away the video waits, because time that nobody can record would be watched for nothing. A beat holds no
   more than one interval and is sent when the server's time pays for it, so what was played before the video was
   held is credited in full once the network is back, whatever the interval.

   Where a plan wants the first view in order, or a question stands in the way, this page only keeps people from
   watching for nothing: what counts is judged by the server all the same. */

import { COUNTED, Coverage, REFUSED, shape } from "./coverage.js";
import { fill, inWords as saidIn, meter } from "./durations.js";

const data = JSON.parse(document.getElementById("study-data").textContent);
const words = document.getElementById("words").dataset;
const CHINESE = /\p{Script=Han}/u;
const video = document.getElementById("video");
const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const at = (id) => document.getElementById(id);

const SKIP_S = 10;
const REQUEST_LIMIT_MS = 8000;
const LONGEST_WAIT_MS = 15000;
const REACH_S = 0.5; // how far behind a limit a jump may land: browsers do not hit a moment exactly
const EARLY_S = 0.9; // a second played so far counts, so the stop for a question must not come later
const LEAVE_WAIT_MS = 20000;
const LATE_MS = 2000;
const REWATCH_S = 60;
const SILENCE_MS = 3000; // a slow server that works does not stop the picture
const KEPT_MS = 1000; // with half an interval: the unused time that stays usable, as in policy.credited_until_after
const MEDIA_KEYS = new Set([" ", "ArrowLeft", "ArrowRight", "m", "M", "c", "C"]);

/* ---- the ledger on the page ---------------------------------------------------------------------- */

const seen = new Coverage(data, words, document.querySelector("#cover svg"), at("cover-say"));
const totals = { counted: data.counted, pending: data.pending, required: data.required };

const inWords = (seconds) => saidIn(seconds, words);

function drawCover() {
  seen.draw(video.currentTime, question?.at ?? null);
  if (!at("lesson-bar")) return;
  const [counted, lacking] = [seen.sum(COUNTED), Math.max(0, data.minimum - seen.done())];
  at("lesson-bar").value = counted;
  at("lesson-figure").textContent = `${meter(counted)} / ${meter(data.seconds)}`;
  if (!at("lesson-lack")) return;
  at("lesson-lack").textContent = lacking ? fill(words.lacking, { time: meter(lacking) }) : words.enough;
}

function drawRing() {
  const { counted, pending, required } = totals;
  const svg = document.querySelector("#ring svg");
  svg.querySelectorAll(".pending, .counted").forEach((circle) => circle.remove());
  const figure = svg.querySelector("text");
  // As the server draws it: the last degrees close with the last second.
  const bound = (seconds) => (counted >= required ? required : Math.min(seconds, required - required / 90));
  const arc = (kind, seconds) => {
    if (seconds <= 0) return;
    figure.before(shape("circle", {
      class: kind, cx: 60, cy: 60, r: 52, pathLength: required, "stroke-dasharray": `${bound(seconds)} ${required}`,
    }));
  };
  if (pending) arc("pending", counted + pending);
  arc("counted", counted);
  figure.textContent = meter(counted);
  const waiting = svg.querySelector(".sub-pending");
  waiting.textContent = pending ? fill(waiting.dataset.words, { time: meter(pending) }) : "";
  svg.setAttribute("aria-label", fill(words.ring, {
    counted: inWords(counted), pending: inWords(pending), required: inWords(required),
  }));
  at("left").textContent = inWords(Math.max(0, required - counted));
  at("pending").textContent = inWords(pending);
}

let stateShown = "";

function showState(kind, text) {
  if (stateShown === text) return;
  stateShown = text;
  const pill = at(`pill-${kind}`).content.cloneNode(true);
  pill.firstElementChild.append(text);
  at("state").replaceChildren(pill);
}

function showNet(text) {
  at("net").hidden = !text;
  at("net").querySelector("p").textContent = text;
}

/* A line about what may be played now, with one way on; `kind` lets it be taken back. */
let noteShown = data.full;

function showNote(kind, text, way = null) {
  if (!at("note")) return; // nothing is counted on this page, so nothing stands in the way
  noteShown = kind;
  at("note").hidden = !text;
  at("note").querySelector("p").textContent = text;
  const link = at("note-way");
  link.hidden = !way;
  if (!way) return;
  link.href = way.url;
  link.textContent = fill(words.go, { n: way.position, title: way.title });
}

function takeTotals(reply) {
  Object.assign(totals, { counted: reply.counted, pending: reply.pending, required: reply.required });
  drawRing();
  drawCover();
}

/* ---- beats --------------------------------------------------------------------------------------- */

let session = null; // { lease, seq, next, interval }
let opening = null;
let stopped = !data.counting;
let reopened = 0;
let check = null;
let missedId = ""; // the check whose answer time ran out on this page
let heldUntil = 0; // till then the server still waits for an answer to it, and credits nothing
let waiting = []; // stretches of play that are cut but not answered yet
let sending = false;
let stretchFrom = null; // where the stretch that is being played began, in milliseconds
let lastPosition = 0;
let cutAt = 0;
let heldByNet = false;
let askedSince = null; // since when a request of beats has no answer
let creditedUntil = 0; // up to when the server has settled credit, at the latest, by this page's clock
let isGoing = false; // the page is being left
let hurry = () => {}; // ends a wait for the server's time
let question = data.question; // the in-lesson question that is to be answered next, or null
let reached = data.reached; // one past the furthest second that was ever credited
let frontier = data.reached; // how far the picture has come, in seconds
let heldFor = data.full; // why credit stopped, so that the video is held once for it

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const backOnline = () => new Promise((done) => {
  window.addEventListener("online", () => setTimeout(done, 500 * Math.random()), { once: true });
});
const position = () => Math.round(video.currentTime * 1000);

async function post(url, body, headers = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), REQUEST_LIMIT_MS);
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
      body: JSON.stringify(body),
      signal: limit.signal,
      keepalive: true,
      credentials: "same-origin",
    });
    const told = await reply.json().catch(() => ({}));
    return { status: reply.status, told };
  } finally {
    clearTimeout(timer);
  }
}

/* Send until there is an answer that is not about the network or a busy server. */
async function postSurely(url, body, headers) {
  for (let round = 0; ; round += 1) {
    try {
      const answer = await post(url, body, headers);
      if (answer.status < 500 && answer.status !== 429) return answer;
    } catch {
      // No answer at all: the same request again, later.
    }
    showState("offline", words.offline);
    // With jitter, so that many players do not come back in the same moment; when the network is back, soon.
    await Promise.race([pause(Math.min(LONGEST_WAIT_MS, 500 * 2 ** round) * (0.5 + Math.random())), backOnline()]);
  }
}

/* The same from a dialog, which hides the rest of the page: a reply that takes long is explained there. */
async function postFromDialog(place, url, body) {
  const late = setTimeout(() => {
    place.textContent = words.offline;
    place.hidden = false;
  }, LATE_MS);
  const answer = await postSurely(url, body);
  clearTimeout(late);
  place.hidden = true;
  return answer;
}

function reasonOf(told) {
  const reason = told.reasons?.[0];
  return reason ? [reason.rule, reason.now, reason.way_out].filter(Boolean).join(words.sentence) : told.title ?? "";
}

function stop(text) {
  stopped = true;
  session = null;
  waiting = [];
  stretchFrom = null;
  heldByNet = false;
  video.pause();
  showState("offline", words.stopped);
  if (text) showNet(text);
}

/* The requests that the video waits for. */
async function ask(url, body, headers) {
  askedSince = performance.now();
  try {
    return await postSurely(url, body, headers);
  } finally {
    askedSince = null;
  }
}

async function openSession() {
  if (opening) return opening;
  opening = (async () => {
    showState("saving", words.saving);
    const { status, told } = await ask(data.sessionUrl, {}, { "X-CSRFToken": csrf });
    if (status !== 201) {
      stop(status === 401 ? words.expired : fill(words.refused, { why: reasonOf(told) }));
      return false;
    }
    session = { lease: told.lease, seq: told.seq, next: told.next, interval: told.interval };
    creditedUntil = performance.now();
    if (totals.pending && !told.pending) seen.settle(REFUSED);
    takeTotals(told);
    if (told.check) raiseCheck(told.check);
    return true;
  })();
  try {
    return await opening;
  } finally {
    opening = null;
  }
}

/* Hand over what was played. While play goes on, whatever a late timer added to the interval stays in the stretch. */
function cut(playing = true) {
  if (stretchFrom === null) return;
  const [from, rate] = [stretchFrom, Math.max(1, video.playbackRate)];
  const most = playing && session ? from + Math.round(session.interval * 1000 * rate) : Infinity;
  const to = Math.min(most, Math.max(from, lastPosition));
  stretchFrom = playing ? to : null;
  cutAt = performance.now() - (Math.max(from, lastPosition) - to) / rate;
  enqueue(from, to, !document.hidden);
}

function enqueue(from, to, visible) {
  if (stopped || to <= from) return;
  waiting.push({ from, to, visible, rate: Math.max(1, video.playbackRate), isHeld: heldByNet });
  pump();
}

/* Leave only so much in the first stretch that waits. */
function splitHead(length) {
  const [head] = waiting;
  if (length <= 0 || head.to - head.from <= length) return;
  waiting.splice(0, 1, { ...head, to: head.from + length }, { ...head, from: head.from + length });
}

/* How long until the time since the last credit pays for the first stretch that waits: the server credits whole
   seconds, and no more of them than have passed. */
function unpaid() {
  const [{ from, to, rate }] = waiting;
  return 1000 * seen.lacking(from, to).length / rate - (performance.now() - creditedUntil);
}

async function pump() {
  if (sending) return;
  sending = true;
  try {
    // Nothing is credited while a check is open: what was played before it waits for the answer.
    while (waiting.length && !stopped && !check) {
      const rest = heldUntil - performance.now();
      if (rest > 0) {
        await pause(rest);
        continue;
      }
      if (!session) {
        if (!(await openSession())) break;
        continue;
      }
      splitHead(Math.round(session.interval * 1000 * waiting[0].rate));
      if (unpaid() > 0) {
        showState("saving", words.saving);
        // A page that may be gone in a moment reports what is paid for already.
        const paid = Math.floor((performance.now() - creditedUntil) / 1000);
        if (isLeaving() && paid > 0) splitHead(paid * 1000);
        if (unpaid() > 0) {
          await Promise.race([pause(unpaid()), new Promise((done) => { hurry = done; })]);
          continue;
        }
      }
      await send(waiting[0]);
    }
  } finally {
    sending = false;
  }
  if (!waiting.length && session) goOnAfterHold();
}

function isLeaving() {
  return isGoing || document.hidden;
}

async function send(stretch) {
  const body = {
    lease: session.lease, seq: session.seq + 1, nonce: session.next, lesson_id: data.lesson,
    from_ms: stretch.from, to_ms: stretch.to, playing: true, visible: stretch.visible,
  };
  showState("saving", words.saving);
  const { status, told } = await ask(data.beatUrl, body);
  if (!session) return; // stopped or opened anew meanwhile; what was sent is in the ledger or it is not
  if (status === 200) taken(told);
  else await turnedDown(status, told, stretch);
}

/* The video waits for the network. */
function hold() {
  heldByNet = true;
  for (const stretch of waiting) stretch.isHeld = true;
  video.pause();
  showNet(words.net);
}

function goOnAfterHold() {
  if (!heldByNet || stopped) return;
  heldByNet = false;
  showNet("");
  if (!check) video.play().catch(() => {});
}

/* What was played before the network was missed earned less than it shows: go back, so that no hole is left. */
function goBackTo(second) {
  waiting = [];
  stretchFrom = null;
  video.currentTime = second;
  showNet(fill(words.reconnected, { at: meter(second) }));
}

function taken(reply) {
  const stretch = waiting.shift();
  creditedUntil = Math.max(
    creditedUntil + reply.credit * 1000, performance.now() - session.interval * 500 - KEPT_MS,
  );
  reopened = 0;
  session.seq = reply.seq;
  session.next = reply.next;
  // The server voided the window before this beat: what was pending is to be watched again.
  if (reply.pending - reply.credit < totals.pending && reply.counted === totals.counted) seen.settle(REFUSED);
  seen.take(reply.covered);
  for (const [, end] of reply.covered) reached = Math.max(reached, end);
  if (data.reasons[reply.not_counted]) seen.refuse(stretch.from, stretch.to, reply.not_counted);
  takeTotals(reply);
  showNet("");
  if (reply.check) heldByNet = false;
  goOnAfterHold();
  const [lost] = reply.not_counted === "fast" && stretch.isHeld && stretch.rate === 1
    ? seen.lacking(stretch.from, stretch.to) : [];
  if (lost !== undefined) goBackTo(lost);
  if (reply.check) raiseCheck(reply.check);
  else if (reply.not_counted === "complete" && reply.counted >= reply.required) finish();
  else if (reply.not_counted === "closed") stop(fill(words.refused, { why: words.stopped }));
  else if (!sayWhy(reply.not_counted)) showState("saved", fill(words.saved, { at: meter(lastPosition / 1000) }));
}

/* Say why a stretch did not count, with the way on. Play is held once for a reason that watching on cannot mend. */
function sayWhy(why) {
  if (why === "skipped") {
    frontier = reached;
    seekTo(reached);
    showNote(why, fill(words.skipped, { at: meter(reached) }));
    return true;
  }
  if (why === "question" && !question) {
    showNote(why, words.reload, { ...data.here });
    video.pause();
    return true;
  }
  if (why !== "day" && why !== "enough") {
    if (noteShown && noteShown === heldFor) showNote("", "");
    heldFor = "";
    return false;
  }
  showState("wait", words.full);
  if (heldFor === why) return true;
  heldFor = why;
  video.pause();
  const isGoing = catchUp && why === "enough" && data.missing;
  catchUp = false;
  if (isGoing) leaveFor(data.missing);
  else showNote(why, why === "day" ? words.day : words.others, why === "day" ? null : data.lacking);
  return true;
}

async function turnedDown(status, told, stretch) {
  const code = told.reasons?.[0]?.code ?? told.code ?? "";
  if (code === "study.closed.superseded") {
    stop("");
    document.querySelector("[data-takeover-now]").textContent = told.reasons[0].now;
    at("takeover").hidden = false;
    at("takeover-title").focus();
    return;
  }
  if (status === 401) {
    stop(words.expired);
    return;
  }
  if (code === "study.closed.done") {
    finish();
    return;
  }
  if (status === 409 && reopened < 1) {
    reopened += 1;
    session = null;
    waiting = [];
    const wasPlaying = !video.paused || heldByNet;
    heldByNet = false;
    stretchFrom = null;
    video.pause();
    if (!(await openSession())) return;
    video.currentTime = stretch.from / 1000;
    showNet(fill(words.reconnected, { at: meter(stretch.from / 1000) }));
    if (wasPlaying && !check) video.play().catch(() => {});
    return;
  }
  stop(fill(words.refused, { why: reasonOf(told) }));
}

function finish() {
  stopped = true;
  session = null;
  waiting = [];
  stretchFrom = null;
  showState("saved", words.done);
  catchUp = false;
  showNote("", "");
  if (at("question").open) at("question").close();
  at("missing-row")?.remove();
  at("complete").hidden = false;
  at("complete-title").focus();
}

/* ---- the presence check --------------------------------------------------------------------------- */

const dialog = at("presence");
let answering = false;
let countdown = 0;

function showQuestion(asked) {
  at("presence-seconds").textContent = meter(totals.pending);
  at("presence-prompt").textContent = asked.prompt;
  showOptions(at("presence-options"), asked.options);
}

/* What a course says stays Chinese on an English page. */
function write(element, text) {
  element.textContent = text;
  element.lang = CHINESE.test(text) ? "zh-CN" : document.documentElement.lang;
}

function showOptions(place, options) {
  place.replaceChildren(...options.map(({ letter, text }) => {
    const label = document.createElement("label");
    label.className = "opt";
    const input = document.createElement("input");
    Object.assign(input, { className: "form-check-input", type: "radio", name: "choice", value: letter });
    const mark = document.createElement("b");
    mark.textContent = letter;
    const words_ = document.createElement("span");
    write(words_, text);
    label.append(input, mark, words_);
    return label;
  }));
}

/* Read a question aloud, for those who do not see it. */
function readAloud(button, asked) {
  if (!("speechSynthesis" in window)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    speechSynthesis.cancel();
    const [heading, options] = asked();
    for (const text of [heading, ...options.flatMap(({ letter, text: words_ }) => [letter, words_])]) {
      const spoken = new SpeechSynthesisUtterance(text);
      spoken.lang = CHINESE.test(text) ? "zh-CN" : document.documentElement.lang;
      speechSynthesis.speak(spoken);
    }
  });
}

function raiseCheck(asked) {
  if (asked.answer_in_ms <= 0 || asked.id === missedId) {
    lapsed(asked.id, performance.now() + asked.void_in_ms);
    return;
  }
  video.pause();
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  showState("wait", words.check);
  if (check?.id === asked.id && dialog.open) return;
  const now = performance.now();
  check = { id: asked.id, until: now + asked.answer_in_ms, voidAt: now + asked.void_in_ms, asked };
  at("presence-wrong").hidden = true;
  showQuestion(asked);
  tickCheck();
  clearInterval(countdown);
  countdown = setInterval(tickCheck, 500);
  if (!dialog.open) dialog.showModal();
  at("presence-title").focus();
}

function tickCheck() {
  const left = Math.max(0, (check.until - performance.now()) / 1000);
  at("presence-left").textContent = fill(words.left, { left: meter(Math.ceil(left)) });
  if (left <= 0 && !answering) lapsed(check.id, check.voidAt);
}

/* The answer time ran out. An answer on its way is still taken for a moment, so the server names the check
   until `voidAt`: it is not asked again, and what is played meanwhile is reported after that moment. */
function lapsed(id, voidAt) {
  heldUntil = Math.max(heldUntil, voidAt);
  if (id === missedId) return;
  missedId = id;
  video.pause();
  missed(totals.pending);
}

function closeCheck() {
  clearInterval(countdown);
  check = null;
  window.speechSynthesis?.cancel();
  dialog.close();
  pump();
}

function missed(seconds) {
  closeCheck();
  seen.settle(REFUSED);
  totals.pending = 0;
  drawRing();
  drawCover();
  showState("wait", words.ready);
  at("missed-seconds").textContent = meter(seconds);
  if (!at("missed").open) at("missed").showModal();
  at("missed-title").focus();
}

async function answer(event) {
  event.preventDefault();
  if (answering || !check) return;
  const choice = new FormData(event.target).get("choice");
  const wrong = at("presence-wrong");
  if (!choice) {
    wrong.textContent = words.choose;
    wrong.hidden = false;
    return;
  }
  answering = true;
  try {
    const body = { lease: session.lease, check_id: check.id, try: check.asked.try, choice };
    const { status, told } = await postFromDialog(wrong, data.presenceUrl, body);
    if (status === 200) answered(told);
    else {
      closeCheck();
      await turnedDown(status, told, { from: lastPosition });
    }
  } finally {
    answering = false;
  }
}

function answered(told) {
  if (told.verdict === "try_again") {
    check.asked = told.check;
    showQuestion(told.check);
    at("presence-wrong").textContent = words.wrong;
    at("presence-wrong").hidden = false;
    at("presence-title").focus();
    return;
  }
  if (told.verdict === "void") {
    missed(told.seconds);
    takeTotals(told);
    return;
  }
  stopped = told.complete; // then nothing of what is still waiting can be counted
  closeCheck();
  seen.settle(COUNTED);
  takeTotals(told);
  if (told.complete) {
    finish();
    return;
  }
  showState("saved", fill(words.saved, { at: meter(lastPosition / 1000) }));
  playOn();
}

/* Go on after a question; a lesson that is over does not begin anew by itself. */
function playOn() {
  if (catchUp || !video.ended) video.play().catch(() => {});
}

at("presence-form").addEventListener("submit", answer);
// Esc is no answer: the question stays (and what a browser closes all the same is opened again).
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => { if (check && !dialog.open) dialog.showModal(); });
at("missed").addEventListener("close", playOn);

readAloud(at("presence-listen"), () => [check.asked.prompt, check.asked.options]);

/* ---- in-lesson questions --------------------------------------------------------------------------- */

const questionDialog = at("question");
let isAnswered = false; // the right answer is given, and its explanation shown

function isAsking() {
  return questionDialog.open;
}

/* Stop where a question stands; play on from there asks it again. */
function askIfDue() {
  if (!question || stopped || check || isAsking() || video.seeking || video.currentTime < question.at) return false;
  // A jump that is about to be taken back leads to no question.
  if (!data.maySkip && Math.max(frontier, reached) + REACH_S < question.at) return false;
  video.pause();
  if (video.currentTime > question.at + EARLY_S) video.currentTime = question.at;
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  showLessonQuestion();
  questionDialog.showModal();
  at("question-title").focus();
  return true;
}

function showLessonQuestion() {
  isAnswered = false;
  write(at("question-stem"), question.stem);
  showOptions(at("question-options"), question.options);
  at("question-options").parentElement.disabled = false;
  at("question-wrong").hidden = true;
  at("question-right").hidden = true;
  at("question-listen").hidden = !("speechSynthesis" in window);
  for (const button of questionDialog.querySelectorAll("[data-until]")) {
    button.hidden = button.dataset.until === "answered";
  }
}

async function answerQuestion(event) {
  event.preventDefault();
  if (isAnswered) {
    questionDialog.close();
    return;
  }
  if (answering) return;
  const choice = new FormData(event.target).get("choice");
  const wrong = at("question-wrong");
  wrong.hidden = Boolean(choice);
  if (!choice) {
    wrong.textContent = words.choose;
    return;
  }
  answering = true;
  try {
    if (!session && !(await openSession())) {
      questionDialog.close();
      return;
    }
    const body = { lease: session.lease, question_id: question.id, try: question.try, choice };
    const { status, told: reply } = await postFromDialog(wrong, data.questionUrl, body);
    if (status === 200) {
      takeVerdict(reply);
      return;
    }
    questionDialog.close();
    const code = reply.reasons?.[0]?.code ?? "";
    if (status === 401 || code.startsWith("study.closed.")) await turnedDown(status, reply, { from: lastPosition });
    else stop(fill(words.refused, { why: reasonOf(reply) }));
  } finally {
    answering = false;
  }
}

function takeVerdict(reply) {
  question = reply.question;
  if (!reply.right) {
    showLessonQuestion();
    at("question-wrong").textContent = words.again;
    at("question-wrong").hidden = false;
    at("question-title").focus();
    return;
  }
  isAnswered = true;
  drawCover();
  showState("saved", words.right);
  if (!reply.explanation) {
    questionDialog.close();
    return;
  }
  at("question-options").parentElement.disabled = true;
  at("question-wrong").hidden = true;
  at("question-listen").hidden = true;
  write(at("question-explanation"), reply.explanation);
  at("question-right").hidden = false;
  for (const button of questionDialog.querySelectorAll("[data-until]")) {
    button.hidden = button.dataset.until !== "answered";
  }
  questionDialog.querySelector("[data-until=answered]").focus();
}

at("question-form").addEventListener("submit", answerQuestion);
at("question-back").addEventListener("click", () => {
  const from = question?.at ?? video.currentTime;
  questionDialog.close();
  seekTo(from - REWATCH_S);
  video.play().catch(() => {});
});
questionDialog.addEventListener("close", () => {
  window.speechSynthesis?.cancel();
  if (isAnswered && !stopped) playOn();
  isAnswered = false;
});
readAloud(at("question-listen"), () => [question.stem, question.options]);

/* ---- the video ------------------------------------------------------------------------------------ */

let catchUp = false; // play only what is missing
let leaving = false;

/* How far the picture may go: the next question, and where the first view goes in order also what was reached. */
function furthest() {
  if (stopped) return data.seconds;
  const stopAt = question?.at ?? data.seconds;
  return data.maySkip ? stopAt : Math.min(stopAt, Math.max(frontier, reached));
}

/* Whether a second is neither credited nor on its way to the server. */
function isMissing(second) {
  if (seen.isDone(second)) return false;
  const here = second * 1000 + 500;
  if (stretchFrom !== null && here >= stretchFrom && here < lastPosition) return false;
  return !waiting.some(({ from, to }) => here >= from && here < to);
}

function nextMissing(from) {
  for (let second = from; second < data.seconds; second += 1) {
    if (isMissing(second)) return second;
  }
  return null;
}

function seekTo(seconds) {
  const wanted = Math.min(Math.max(0, seconds), data.seconds);
  const most = furthest();
  if (wanted > most + REACH_S) sayLimit(most);
  video.currentTime = Math.min(wanted, most);
}

function sayLimit(most) {
  if (question && most >= question.at) return; // the question itself says why
  showNote("order", fill(words.order, { at: meter(most) }));
}

/* Play what is missing, one stretch after the other, at the speed of the clock: faster, half of it would be missing
   again. */
function playMissing() {
  const next = nextMissing(0);
  if (next === null) {
    goOn();
    return;
  }
  catchUp = true;
  video.playbackRate = 1;
  seekTo(next);
  video.play().catch(() => {});
}

function skipWhatIsDone() {
  if (!catchUp || video.seeking) return;
  const here = Math.floor(video.currentTime + 0.25);
  if (here >= data.seconds || isMissing(here) || !seen.isDone(here)) return;
  const next = nextMissing(here) ?? nextMissing(0);
  if (next === null) goOn();
  else seekTo(next);
}

/* Nothing is missing here that was not reported: wait for the last replies, then look again or go to the next lesson. */
async function goOn() {
  if (leaving) return;
  leaving = true;
  video.pause();
  closeStretch();
  await reported();
  leaving = false;
  if (stopped || check || isAsking()) return;
  const left = nextMissing(0);
  if (left !== null && catchUp) {
    seekTo(left);
    video.play().catch(() => {});
  } else if (data.missing) {
    location.assign(data.missing);
  } else {
    catchUp = false;
    at("missing-note").textContent = words.none;
  }
}

async function reported() {
  const until = performance.now() + LEAVE_WAIT_MS;
  while (waiting.length && !stopped && !check && performance.now() < until) await pause(100);
}

async function leaveFor(address) {
  await reported();
  if (!stopped && !check) location.assign(address);
}

video.addEventListener("loadedmetadata", () => {
  seekTo(data.startMs / 1000);
  if (data.catchUp) playMissing();
}, { once: true });

video.addEventListener("play", () => {
  if (check || heldByNet || isAsking() || askIfDue()) {
    video.pause();
    return;
  }
  at("start").hidden = true;
  document.querySelector("#play [data-when=paused]").hidden = true;
  document.querySelector("#play [data-when=playing]").hidden = false;
  at("play").setAttribute("aria-label", words.pause);
  if (stopped) return;
  lastPosition = position();
  stretchFrom = lastPosition;
  cutAt = performance.now();
  if (!session) openSession().then(pump);
});

video.addEventListener("pause", () => {
  document.querySelector("#play [data-when=paused]").hidden = false;
  document.querySelector("#play [data-when=playing]").hidden = true;
  at("play").setAttribute("aria-label", words.play);
  if (!video.seeking) lastPosition = Math.max(lastPosition, stretchFrom === null ? 0 : position());
  cut(false);
});

video.addEventListener("seeking", () => {
  // However somebody seeks, in full screen or by the keys of a headset too, the limit is the same.
  if (video.currentTime > furthest() + REACH_S) {
    seekTo(video.currentTime);
    return;
  }
  const wasRunning = stretchFrom !== null;
  cut(false);
  // Where the jump leads is known now; what is played from there is a new stretch.
  lastPosition = position();
  if (wasRunning && !video.paused) stretchFrom = lastPosition;
});

video.addEventListener("seeked", () => {
  lastPosition = position();
  if (!video.paused && !stopped) stretchFrom = lastPosition;
  drawCover();
  askIfDue();
});

video.addEventListener("ended", () => {
  cut(false);
  if (catchUp) goOn();
  else if (data.counting && !stopped && data.following) showNote("ended", words.ended, data.following);
});

video.addEventListener("timeupdate", () => {
  if (!video.seeking) {
    lastPosition = position();
    if (stretchFrom !== null) frontier = Math.max(frontier, video.currentTime);
    askIfDue();
  }
  at("seek").value = String(Math.floor(video.currentTime));
  at("seek").setAttribute("aria-valuetext", `${meter(video.currentTime)} / ${meter(data.seconds)}`);
  at("time").textContent = `${meter(video.currentTime)} / ${meter(data.seconds)}`;
  skipWhatIsDone();
});

video.addEventListener("ratechange", () => {
  const top = data.counting ? data.topSpeed / 100 : 2;
  if (video.playbackRate > top) {
    video.playbackRate = top;
    showNote("speed", fill(words.top, { times: top }));
    return;
  }
  if (at("speed")) at("speed").value = String(video.playbackRate);
  if (video.playbackRate > 1 && data.counting) showNote("speed", fill(words.speed, { times: video.playbackRate }));
  else if (noteShown === "speed") showNote("", "");
});

/* Cut a beat at each interval, and hold the video when a request has not been answered for too long. */
setInterval(() => {
  if (stopped || stretchFrom === null) return;
  const now = performance.now();
  if (session && now - cutAt >= session.interval * 1000) {
    lastPosition = Math.max(lastPosition, position());
    cut();
  }
  const patience = Math.max(SILENCE_MS, (session?.interval ?? 0) * 500);
  if (askedSince !== null && !check && now - askedSince > patience) hold();
}, 250);

/* A browser that knows of it need not wait for silence. Should it be mistaken, the answer to this beat goes on. */
window.addEventListener("offline", () => {
  if (stopped || check || stretchFrom === null) return;
  lastPosition = Math.max(lastPosition, position());
  cut();
  if (waiting.length) hold();
});

/* Report what was played up to here, and begin no new stretch before the next play. */
function closeStretch() {
  lastPosition = Math.max(lastPosition, position());
  const from = stretchFrom;
  stretchFrom = null;
  if (from !== null) enqueue(from, lastPosition, true);
}

/* A page that nobody can see does not play: so nothing is watched that cannot be counted. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden && data.counting && !video.paused) {
    // The stretch up to here was seen; it is cut before the page counts as hidden.
    closeStretch();
    video.pause();
  }
  if (document.hidden) hurry();
});
window.addEventListener("pagehide", () => {
  isGoing = true;
  cut(false);
  hurry();
});
window.addEventListener("pageshow", () => { isGoing = false; });
window.addEventListener("online", () => { pump(); });

/* ---- controls ------------------------------------------------------------------------------------- */

function toggle() {
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

function mute() {
  video.muted = !video.muted;
  at("mute").setAttribute("aria-pressed", String(video.muted));
  at("mute").setAttribute("aria-label", video.muted ? words.unmute : words.mute);
}

/* What a person chose last holds for the next lesson too; a browser that keeps nothing just forgets it. */
function remembered(name) {
  try { return localStorage.getItem(`lms.${name}`); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(`lms.${name}`, value); } catch { /* then it holds for this page */ }
}

let rendition = "high";

function showRendition() {
  const button = at("quality");
  button.setAttribute("aria-pressed", String(rendition === "low"));
  for (const word of button.querySelectorAll("[data-when]")) word.hidden = word.dataset.when !== rendition;
}

/* The other rendition goes on where this one stopped; what was played up to here is reported first. */
function useRendition(name) {
  const here = video.readyState ? video.currentTime : data.startMs / 1000;
  const [wasPlaying, rate] = [!video.paused, video.playbackRate];
  closeStretch();
  video.pause();
  rendition = name;
  showRendition();
  video.src = name === "low" ? data.low : data.high;
  video.addEventListener("loadedmetadata", () => {
    video.playbackRate = rate;
    seekTo(here);
    if (wasPlaying && !check) video.play().catch(() => {});
  }, { once: true });
}

if (data.low) {
  at("quality").addEventListener("click", () => {
    useRendition(rendition === "low" ? "high" : "low");
    remember("quality", rendition);
  });
  const wanted = remembered("quality") ?? (navigator.connection?.saveData ? "low" : "high");
  if (wanted === "low") useRendition("low");
}

function showCaptions(on) {
  video.textTracks[0].mode = on ? "showing" : "hidden";
  at("captions").setAttribute("aria-pressed", String(on));
}

function toggleCaptions() {
  if (!at("captions")) return;
  const on = at("captions").getAttribute("aria-pressed") !== "true";
  showCaptions(on);
  remember("captions", on ? "on" : "off");
}

if (at("captions")) {
  at("captions").addEventListener("click", toggleCaptions);
  showCaptions(remembered("captions") === "on");
}

video.addEventListener("error", () => { showNet(words.gone); });

at("play").addEventListener("click", toggle);
at("start").addEventListener("click", () => {
  at("play").focus({ preventScroll: true });
  toggle();
});
at("back").addEventListener("click", () => seekTo(video.currentTime - SKIP_S));
at("mute").addEventListener("click", mute);
at("seek").addEventListener("input", () => { catchUp = false; seekTo(Number(at("seek").value)); });
at("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (at("player").requestFullscreen) at("player").requestFullscreen();
  else video.webkitEnterFullscreen?.();
});
video.addEventListener("click", toggle);
at("missing")?.addEventListener("click", () => {
  at("missing-note").textContent = "";
  if (heldFor === "enough" && data.missing) {
    location.assign(data.missing);
    return;
  }
  catchUp = true;
  playMissing();
});
at("speed")?.addEventListener("change", () => { video.playbackRate = Number(at("speed").value); });

/* Keys of headsets, of keyboards and of the system's own player come here too. */
if ("mediaSession" in navigator) {
  const keys = {
    play: () => video.play().catch(() => {}), pause: () => video.pause(),
    seekbackward: (asked) => seekTo(video.currentTime - (asked.seekOffset ?? SKIP_S)),
    seekforward: (asked) => seekTo(video.currentTime + (asked.seekOffset ?? SKIP_S)),
    seekto: (asked) => seekTo(asked.seekTime ?? 0),
  };
  for (const [key, act] of Object.entries(keys)) {
    try { navigator.mediaSession.setActionHandler(key, act); } catch { /* this browser has no such key */ }
  }
}

for (const link of document.querySelectorAll("[data-seek]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    seekTo(Number(link.dataset.seek));
    at("player").scrollIntoView({ block: "nearest" });
    video.play().catch(() => {});
  });
}
document.querySelector("[data-take-back]").addEventListener("click", async () => {
  at("takeover").hidden = true;
  stopped = false;
  showNet("");
  seekTo(video.currentTime);
  if (await openSession()) {
    showState("wait", words.ready);
    if (!check) video.play().catch(() => {});
  }
});

document.addEventListener("keydown", (event) => {
  if (!MEDIA_KEYS.has(event.key) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  // Keys keep their own meaning on the controls that use them.
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  if (event.key === " ") toggle();
  else if (event.key === "ArrowLeft") seekTo(video.currentTime - SKIP_S);
  else if (event.key === "ArrowRight") seekTo(video.currentTime + SKIP_S);
  else if (event.key === "c" || event.key === "C") toggleCaptions();
  else mute();
});

// Own controls stand below the picture; the browser's would offer speeds that are not counted.
video.controls = false;
drawCover();
if (data.counting) showState("wait", words.ready);
