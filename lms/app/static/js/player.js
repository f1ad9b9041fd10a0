/* The lesson player: plays at normal speed, reports what was played (beats), and keeps the ledger on the
   page true. Nothing is decided here: the server credits by its own clock, and every figure shown is the
   one in its last reply.

   A beat is cut at each interval and whenever play is interrupted (pause, seek, end, page hidden). It is
   sent until it is answered, always with the same number, so a lost reply costs nothing. While the network
   is away the video waits, because time that nobody can record would be watched for nothing. */

const data = JSON.parse(document.getElementById("study-data").textContent);
const words = document.getElementById("words").dataset;
const CHINESE = /\p{Script=Han}/u;
const video = document.getElementById("video");
const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const at = (id) => document.getElementById(id);

const SKIP_S = 10;
const REQUEST_LIMIT_MS = 8000;
const LONGEST_WAIT_MS = 15000;
const REFUSED = 3;
const PENDING = 2;
const COUNTED = 1;
const KINDS = { counted: COUNTED, pending: PENDING, refused: REFUSED };
const MEDIA_KEYS = new Set([" ", "ArrowLeft", "ArrowRight", "m", "M", "c", "C"]);

/* ---- words -------------------------------------------------------------------------------------- */

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function meter(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function inWords(seconds) {
  const [m, s] = [Math.floor(seconds / 60), seconds % 60];
  if (!m) return fill(words.seconds, { s });
  return s ? fill(words.minutes, { m, s }) : fill(words.whole, { m });
}

/* ---- the ledger on the page ---------------------------------------------------------------------- */

const seen = new Uint8Array(data.seconds);
for (const [start, end, kind] of data.spans) seen.fill(KINDS[kind], start, end);
const totals = { counted: data.counted, pending: data.pending, required: data.required };

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function drawCover() {
  const svg = document.querySelector("#cover svg");
  const sums = [0, 0, 0, 0];
  svg.querySelectorAll("rect:not(.track):not(.edge):not(defs rect)").forEach((rect) => rect.remove());
  const edge = svg.querySelector(".edge");
  const share = (seconds) => `${(100 * seconds / Math.max(1, data.seconds)).toFixed(4)}%`;
  for (let start = 0; start < seen.length;) {
    const kind = seen[start];
    let end = start + 1;
    while (end < seen.length && seen[end] === kind) end += 1;
    sums[kind] += end - start;
    if (kind) {
      const rect = shape("rect", { x: share(start), y: 4, width: share(end - start), height: 14 });
      if (kind === COUNTED) rect.setAttribute("class", "counted");
      else rect.setAttribute("fill", `url(#cover-${kind === PENDING ? "pending" : "refused"})`);
      edge.before(rect);
    }
    start = end;
  }
  svg.append(shape("rect", { class: "head", x: share(video.currentTime), y: 0, width: 3, height: 22, rx: 1 }));
  const [unseen, counted, pending, refused] = sums;
  svg.setAttribute("aria-label", fill(words.cover, {
    whole: inWords(data.seconds), counted: inWords(counted), pending: inWords(pending),
    refused: inWords(refused), unseen: inWords(unseen),
  }));
  const figures = document.querySelectorAll("#cover .legend b");
  [counted, pending, refused, unseen].forEach((value, place) => { figures[place].textContent = meter(value); });
  if (at("lesson-bar")) {
    at("lesson-bar").value = counted;
    at("lesson-figure").textContent = `${meter(counted)} / ${meter(data.seconds)}`;
  }
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

function settlePending(kind) {
  for (let second = 0; second < seen.length; second += 1) {
    if (seen[second] === PENDING) seen[second] = kind;
  }
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
let headSince = 0;

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
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
    // With jitter, so that many players do not come back in the same moment.
    await pause(Math.min(LONGEST_WAIT_MS, 500 * 2 ** round) * (0.5 + Math.random()));
  }
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
  video.pause();
  showState("offline", words.stopped);
  if (text) showNet(text);
}

async function openSession() {
  if (opening) return opening;
  opening = (async () => {
    showState("saving", words.saving);
    const { status, told } = await postSurely(data.sessionUrl, {}, { "X-CSRFToken": csrf });
    if (status !== 201) {
      stop(status === 401 ? words.expired : fill(words.refused, { why: reasonOf(told) }));
      return false;
    }
    session = { lease: told.lease, seq: told.seq, next: told.next, interval: told.interval };
    if (totals.pending && !told.pending) settlePending(REFUSED);
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

function cut(playing = true) {
  if (stretchFrom === null) return;
  const from = stretchFrom;
  const to = Math.max(from, lastPosition);
  stretchFrom = playing ? to : null;
  cutAt = performance.now();
  if (stopped || to === from) return;
  if (!waiting.length) headSince = cutAt;
  waiting.push({ from, to, visible: !document.hidden });
  pump();
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
        headSince = performance.now();
        continue;
      }
      if (!session && !(await openSession())) break;
      const stretch = waiting[0];
      const body = {
        lease: session.lease, seq: session.seq + 1, nonce: session.next, lesson_id: data.lesson,
        from_ms: stretch.from, to_ms: stretch.to, playing: true, visible: stretch.visible,
      };
      showState("saving", words.saving);
      const { status, told } = await postSurely(data.beatUrl, body);
      if (!session) break; // stopped or opened anew meanwhile; what was sent is in the ledger or it is not
      if (status === 200) taken(told);
      else await turnedDown(status, told, stretch);
    }
  } finally {
    sending = false;
  }
}

function taken(reply) {
  waiting.shift();
  headSince = performance.now();
  reopened = 0;
  session.seq = reply.seq;
  session.next = reply.next;
  // The server voided the window before this beat: what was pending is to be watched again.
  if (reply.pending - reply.credit < totals.pending && reply.counted === totals.counted) settlePending(REFUSED);
  for (const [start, end] of reply.covered) seen.fill(PENDING, start, end);
  takeTotals(reply);
  showNet("");
  if (heldByNet) {
    heldByNet = false;
    if (!reply.check) video.play().catch(() => {});
  }
  if (reply.check) raiseCheck(reply.check);
  else if (reply.not_counted === "complete" && reply.counted >= reply.required) finish();
  else if (reply.not_counted === "closed") stop(fill(words.refused, { why: words.stopped }));
  else showState("saved", fill(words.saved, { at: meter(lastPosition / 1000) }));
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
    const wasPlaying = !video.paused;
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
  at("presence-options").replaceChildren(...asked.options.map(({ letter, text }) => {
    const label = document.createElement("label");
    label.className = "opt";
    const input = document.createElement("input");
    Object.assign(input, { className: "form-check-input", type: "radio", name: "choice", value: letter });
    const mark = document.createElement("b");
    mark.textContent = letter;
    const words_ = document.createElement("span");
    words_.textContent = text;
    label.append(input, mark, words_);
    return label;
  }));
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
  headSince = performance.now();
  pump();
}

function missed(seconds) {
  closeCheck();
  settlePending(REFUSED);
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
    const { status, told } = await postSurely(data.presenceUrl, body);
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
  settlePending(COUNTED);
  takeTotals(told);
  if (told.complete) {
    finish();
    return;
  }
  showState("saved", fill(words.saved, { at: meter(lastPosition / 1000) }));
  video.play().catch(() => {});
}

at("presence-form").addEventListener("submit", answer);
// Esc is no answer: the question stays (and what a browser closes all the same is opened again).
dialog.addEventListener("cancel", (event) => event.preventDefault());
dialog.addEventListener("close", () => { if (check && !dialog.open) dialog.showModal(); });
at("missed").addEventListener("close", () => video.play().catch(() => {}));

if ("speechSynthesis" in window) {
  at("presence-listen").hidden = false;
  at("presence-listen").addEventListener("click", () => {
    speechSynthesis.cancel();
    for (const text of [check.asked.prompt, ...check.asked.options.flatMap(({ letter, text }) => [letter, text])]) {
      const spoken = new SpeechSynthesisUtterance(text);
      // Titles of lessons stay Chinese on an English page; everything else is in the page's language.
      spoken.lang = CHINESE.test(text) ? "zh-CN" : document.documentElement.lang;
      speechSynthesis.speak(spoken);
    }
  });
}

/* ---- the video ------------------------------------------------------------------------------------ */

let catchUp = false; // play only what is missing

function nextMissing(from) {
  for (let second = from; second < seen.length; second += 1) {
    if (seen[second] !== COUNTED && seen[second] !== PENDING) return second;
  }
  return null;
}

function seekTo(seconds) {
  video.currentTime = Math.min(Math.max(0, seconds), data.seconds);
}

function skipWhatIsDone() {
  if (!catchUp || video.seeking) return;
  const here = Math.floor(video.currentTime + 0.25);
  if (here >= seen.length || (seen[here] !== COUNTED && seen[here] !== PENDING)) return;
  // Seconds that are being reported right now look missing until their reply; they are behind us anyway.
  const next = nextMissing(here) ?? nextMissing(0);
  if (next === null) {
    catchUp = false;
    video.pause();
    if (data.missing) location.assign(data.missing);
    else at("missing-note").textContent = words.none;
    return;
  }
  seekTo(next);
}

video.addEventListener("loadedmetadata", () => { seekTo(data.startMs / 1000); }, { once: true });

video.addEventListener("play", () => {
  if (check || heldByNet) {
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
  if (!session) openSession();
});

video.addEventListener("pause", () => {
  document.querySelector("#play [data-when=paused]").hidden = false;
  document.querySelector("#play [data-when=playing]").hidden = true;
  at("play").setAttribute("aria-label", words.play);
  if (!video.seeking) lastPosition = Math.max(lastPosition, stretchFrom === null ? 0 : position());
  cut(false);
});

video.addEventListener("seeking", () => {
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
});

video.addEventListener("ended", () => { cut(false); });

video.addEventListener("timeupdate", () => {
  if (!video.seeking) lastPosition = position();
  at("seek").value = String(Math.floor(video.currentTime));
  at("seek").setAttribute("aria-valuetext", `${meter(video.currentTime)} / ${meter(data.seconds)}`);
  at("time").textContent = `${meter(video.currentTime)} / ${meter(data.seconds)}`;
  skipWhatIsDone();
});

video.addEventListener("ratechange", () => {
  if (video.playbackRate === 1 || stopped) return;
  video.playbackRate = 1;
  showNet(words.speed);
});

/* Cut a beat at each interval, and hold the video when the last one has not been answered for too long. */
setInterval(() => {
  if (stopped || !session || stretchFrom === null) return;
  const now = performance.now();
  if (now - cutAt >= session.interval * 1000) {
    lastPosition = Math.max(lastPosition, position());
    cut();
  }
  if (waiting.length && !check && now > heldUntil && now - headSince > Math.max(3000, session.interval * 500)) {
    heldByNet = true;
    video.pause();
    showNet(words.net);
  }
}, 250);

/* Report what was played up to here, and begin no new stretch before the next play. */
function closeStretch() {
  lastPosition = Math.max(lastPosition, position());
  const from = stretchFrom;
  stretchFrom = null;
  if (from !== null && lastPosition > from && !stopped) {
    if (!waiting.length) headSince = performance.now();
    waiting.push({ from, to: lastPosition, visible: true });
    pump();
  }
}

/* A page that nobody can see does not play: so nothing is watched that cannot be counted. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden && data.counting && !video.paused) {
    // The stretch up to here was seen; it is cut before the page counts as hidden.
    closeStretch();
    video.pause();
  }
});
window.addEventListener("pagehide", () => { cut(false); });
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
  const wasPlaying = !video.paused;
  closeStretch();
  video.pause();
  rendition = name;
  showRendition();
  video.src = name === "low" ? data.low : data.high;
  video.addEventListener("loadedmetadata", () => {
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
  const next = nextMissing(Math.floor(video.currentTime)) ?? nextMissing(0);
  if (next === null && data.missing) {
    location.assign(data.missing);
    return;
  }
  if (next === null) {
    at("missing-note").textContent = words.none;
    return;
  }
  catchUp = true;
  seekTo(next);
  video.play().catch(() => {});
});
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
if (data.counting) showState("wait", words.ready);
