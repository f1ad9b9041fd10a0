/* The exam page.

   Each choice is saved at once and in order: a question's revision grows with every change, the
   server keeps the highest. What is not acknowledged yet stays in this browser's storage and is
   sent again, also after a reload. What is written into a gap is kept at every key and sent when the
   hand rests, or leaves the gap. The countdown starts from the server's remaining time and
   goes by time passed, never by the device's clock. The server closes the attempt by itself;
   this page only saves the candidate the wait. */

const sheet = document.getElementById("sheet");
const words = JSON.parse(document.getElementById("exam-words").textContent);
const lease = sheet.elements.lease.value;
const storageKey = `exam:${sheet.dataset.attempt}`;
const SEND_TIMEOUT_MS = 12_000;
const LONGEST_WAIT_MS = 15_000;
const CLOCK_EVERY_MS = 60_000;
const LAST_SENDS_MS = 2_000;
const HAND_RESTS_MS = 900;
const LONGEST_HOLD_MS = 5_000;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/* -- Questions ------------------------------------------------------------- */

class Question {
  constructor(section) {
    this.section = section;
    this.position = Number(section.dataset.position);
    this.revision = Number(section.dataset.revision);
    this.gap = section.querySelector("input[data-gap]");
    this.inputs = this.gap ? [this.gap] : [...section.querySelectorAll(`input[name="q${this.position}"]`)];
    // A phone's pad of digits may have no minus: the page brings its own.
    if (this.gap && "number" in this.gap.dataset) this.gap.inputMode = "decimal";
    this.flagButton = section.querySelector("[data-flag]");
    this.note = section.querySelector("[data-saved]");
    this.link = document.querySelector(`#numbers .q[href="#q${this.position}"]`);
    this.flagged = false;
    this.pending = null;
    this.heldSince = 0;
    this.heldUntil = 0;
  }

  get answer() {
    if (this.gap) return { written: this.gap.value };
    return { choice: this.inputs.filter((input) => input.checked).map((input) => input.value).sort() };
  }

  set answer({ written = "", choice = [] }) {
    if (this.gap) this.gap.value = written;
    else for (const input of this.inputs) input.checked = choice.includes(input.value);
  }

  get done() {
    return this.gap ? this.gap.value.trim() !== "" : this.inputs.some((input) => input.checked);
  }

  draw() {
    for (const input of this.inputs) input.closest(".opt")?.classList.toggle("on", input.checked);
    this.link.classList.toggle("done", this.done);
    this.link.classList.toggle("flag", this.flagged);
    this.link.classList.toggle("local", this.pending !== null);
    this.link.setAttribute("aria-label", say(words.number, { n: this.position })
      + (this.done ? words.done : words.open)
      + (this.flagged ? words.flagged : "") + (this.pending ? words.kept : ""));
    this.flagButton.classList.toggle("flagged", this.flagged);
    this.flagButton.querySelector("[data-flag-word]").textContent = this.flagged ? words.unflag : words.flag;
  }
}

const questions = [...sheet.querySelectorAll("section[data-position]")].map((section) => new Question(section));
const byPosition = new Map(questions.map((question) => [question.position, question]));
let current = questions[0];
let ended = false;

function show(question, focus = true) {
  current = question;
  for (const one of questions) {
    one.section.hidden = one !== question;
    if (one === question) one.link.setAttribute("aria-current", "true");
    else one.link.removeAttribute("aria-current");
  }
  document.getElementById("previous").disabled = question === questions[0];
  document.getElementById("next").disabled = question === questions.at(-1);
  // In a gap a letter is a letter.
  document.querySelector("[data-keys]").classList.toggle("invisible", question.gap !== null);
  if (focus) {
    question.section.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }
}

function step(by) {
  const next = questions[questions.indexOf(current) + by];
  if (next) show(next);
}

function drawCounts() {
  const done = questions.filter((question) => question.done).length;
  for (const place of document.querySelectorAll("[data-done-count]")) place.textContent = done;
}

function flag(question) {
  question.flagged = !question.flagged;
  question.draw();
  keep();
}

/* -- What this browser remembers ------------------------------------------- */

function keep() {
  const kept = { flags: [], pending: {} };
  for (const question of questions) {
    if (question.flagged) kept.flags.push(question.position);
    if (question.pending) kept.pending[question.position] = question.pending;
  }
  try {
    localStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // A browser without storage still saves to the server; only a reload while offline would lose.
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(storageKey)) ?? {};
  } catch {
    return {};
  }
}

function forget() {
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Nothing was kept.
  }
}

function restore() {
  const kept = recall();
  for (const position of kept.flags ?? []) {
    const question = byPosition.get(position);
    if (question) question.flagged = true;
  }
  for (const [position, pending] of Object.entries(kept.pending ?? {})) {
    const question = byPosition.get(Number(position));
    // The server has something newer: that stands.
    if (!question || pending.revision <= question.revision) continue;
    question.answer = pending;
    question.revision = pending.revision;
    question.pending = { ...pending, restored: true };
  }
}

/* -- Saving ----------------------------------------------------------------- */

const saveState = document.getElementById("save-state");
const trouble = document.getElementById("trouble");
let sending = false;
let failures = 0;
let retryTimer = 0;

function pill(kind, text) {
  const drawn = document.querySelector(`template[data-pill="${kind}"]`).content.firstElementChild.cloneNode(true);
  drawn.append(text);
  saveState.replaceChildren(drawn);
}

function notice(kind, text, way) {
  const drawn = document.querySelector(`template[data-notice="${kind}"]`).content.firstElementChild.cloneNode(true);
  drawn.querySelector("p").textContent = text;
  const link = drawn.querySelector("[data-way]");
  if (link) {
    link.textContent = way?.word ?? "";
    link.href = way?.url ?? sheet.dataset.hereUrl;
  }
  trouble.replaceChildren(drawn);
  trouble.hidden = false;
}

function clearNotice() {
  trouble.hidden = true;
  trouble.replaceChildren();
}

function clockTime(milliseconds) {
  return new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  }).format(milliseconds);
}

async function post(url, body) {
  const reply = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ lease, ...body }),
    signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    cache: "no-store",
  });
  let content = {};
  try {
    content = await reply.json();
  } catch {
    // A proxy's own error page: the status says enough.
  }
  return { status: reply.status, content };
}

function change(question, hold = 0) {
  const now = performance.now();
  if (!question.pending) question.heldSince = now;
  question.heldUntil = hold ? Math.min(now + hold, question.heldSince + LONGEST_HOLD_MS) : 0;
  question.revision += 1;
  question.pending = { revision: question.revision, ...question.answer };
  question.note.textContent = words.saving;
  question.draw();
  drawCounts();
  keep();
  pump();
}

function waiting() {
  return questions.filter((question) => question.pending);
}

function ready() {
  const now = performance.now();
  return questions.find((question) => question.pending && question.heldUntil <= now);
}

function hurry() {
  for (const question of questions) question.heldUntil = 0;
  pump();
}

async function pump() {
  if (sending || ended) return;
  clearTimeout(retryTimer);
  sending = true;
  try {
    for (let question = ready(); question && !ended; question = ready()) {
      if (!failures) pill("saving", words.saving);
      // eslint-disable-next-line no-await-in-loop -- one at a time keeps the order of revisions
      if (!(await send(question))) return;
    }
  } finally {
    sending = false;
  }
  const held = waiting();
  if (!held.length || ended) return;
  retryTimer = setTimeout(pump, Math.min(...held.map((question) => question.heldUntil)) - performance.now());
}

async function send(question) {
  const sent = question.pending;
  let answer;
  try {
    answer = await post(sheet.dataset.saveUrl, {
      position: question.position, revision: sent.revision, choice: sent.choice, written: sent.written,
    });
  } catch {
    return later();
  }
  const { status, content } = answer;
  if (status === 200) {
    failures = 0;
    clearNotice();
    if (question.pending === sent) question.pending = null;
    else question.heldSince = performance.now();
    settle(question, `${words.saved} ${clockTime(content.received_ms)}`);
    return true;
  }
  if (content.code === "older_revision") {
    // A choice made here just now is the newest; one that only waited in storage is not.
    question.revision = Math.max(question.revision, content.revision) + 1;
    question.pending = sent.restored ? null : { revision: question.revision, ...question.answer };
    if (sent.restored) location.reload();
    question.draw();
    keep();
    return true;
  }
  if (status === 409) return finishedBy(content.code);
  if (status === 401) {
    stop();
    notice("failed", words.lease_dead, { word: words.sign_in, url: sheet.dataset.hereUrl });
    return false;
  }
  if (status >= 400 && status < 500 && status !== 429) {
    question.pending = null;
    question.note.textContent = words.refused;
    question.draw();
    keep();
    pill("failed", words.refused);
    notice("failed", words.refused_answer, { word: words.reload, url: sheet.dataset.hereUrl });
    return true;
  }
  return later();
}

function settle(question, text) {
  question.note.textContent = question.pending ? words.saving : words.saved;
  question.draw();
  keep();
  if (!waiting().length) pill("saved", text);
}

function later() {
  failures += 1;
  for (const question of waiting()) {
    question.note.textContent = words.local;
    question.draw();
  }
  pill("offline", words.local);
  notice("offline", say(words.offline, { list: waiting().map((question) => question.position).join(words.comma) }));
  // Jitter, so that a room whose network comes back does not knock in one instant.
  const pause = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
  retryTimer = setTimeout(pump, pause);
  return false;
}

function finishedBy(code) {
  stop();
  if (code === "taken_over") {
    notice("failed", words.taken_over, { word: words.continue_here, url: sheet.dataset.hereUrl });
    pill("failed", words.refused);
  } else {
    leave();
  }
  return false;
}

function stop() {
  ended = true;
  clearTimeout(retryTimer);
  for (const question of questions) for (const input of question.inputs) input.disabled = true;
}

function leave() {
  ended = true;
  forget();
  location.assign(sheet.dataset.resultUrl);
}

/* -- Handing in ------------------------------------------------------------- */

const dialog = document.getElementById("hand-in");
const really = dialog.querySelector("[data-really]");

function fillList(name, some) {
  const part = dialog.querySelector(`[data-list="${name}"]`);
  part.hidden = some.length === 0;
  part.querySelector("ol").replaceChildren(...some.map((question) => {
    const item = document.createElement("li");
    const link = question.link.cloneNode(true);
    link.removeAttribute("aria-current");
    item.append(link);
    return item;
  }));
}

function drawFigure(place, count, colour) {
  const figure = dialog.querySelector(place);
  figure.textContent = count;
  figure.classList.toggle(colour, count > 0);
}

function askToHandIn() {
  const open = questions.filter((question) => !question.done);
  const flagged = questions.filter((question) => question.flagged);
  dialog.querySelector("[data-answered]").textContent = questions.length - open.length;
  drawFigure("[data-unanswered]", open.length, "t-refused");
  drawFigure("[data-flagged]", flagged.length, "t-pending");
  fillList("unanswered", open);
  fillList("flagged", flagged);
  const unsaved = waiting().length;
  dialog.querySelector("[data-unsaved]").textContent = unsaved
    ? say(words.unsaved, { n: unsaved })
    : say(words.all_saved, { n: questions.length - open.length });
  really.textContent = open.length ? say(words.hand_in_anyway, { n: open.length }) : words.hand_in;
  if (!dialog.open) dialog.showModal();
  tick();
}

async function handIn() {
  really.disabled = true;
  pill("saving", words.handing_in);
  const until = performance.now() + SEND_TIMEOUT_MS;
  while (waiting().length && performance.now() < until && !ended) {
    hurry();
    // eslint-disable-next-line no-await-in-loop -- waiting for the last saves
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  really.disabled = false;
  if (ended) return;
  if (waiting().length) {
    askToHandIn();
    return;
  }
  await submit();
}

async function submit() {
  try {
    const { status, content } = await post(sheet.dataset.submitUrl, {});
    if (status === 200 || (status === 409 && content.code !== "taken_over")) {
      leave();
      return true;
    }
    if (status === 409) finishedBy(content.code);
    if (status === 401) {
      stop();
      notice("failed", words.lease_dead, { word: words.sign_in, url: sheet.dataset.hereUrl });
      return true;
    }
  } catch {
    later();
  }
  return ended;
}

/* -- Time -------------------------------------------------------------------- */

const remaining = document.getElementById("remaining");
const clock = document.getElementById("clock");
const announce = document.getElementById("announce");
let endsAt = performance.now() + Number(sheet.dataset.remainingMs);
let isOver = false;
const LAST_MINUTES_S = 300;

const announcements = (() => {
  const total = Number(sheet.dataset.remainingMs) / 1000;
  const list = [
    [600, say(words.minutes, { n: 10 })], [300, say(words.minutes, { n: 5 })], [120, say(words.minutes, { n: 2 })],
    [60, say(words.minutes, { n: 1 })], [30, say(words.seconds, { n: 30 })],
  ];
  if (total > 1200) list.unshift([total / 2, words.half]);
  return list.filter(([at]) => at < total);
})();

function tick() {
  const left = Math.max(0, endsAt - performance.now());
  const seconds = Math.ceil(left / 1000);
  const minutes = Math.floor(seconds / 60);
  remaining.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  clock.setAttribute("aria-label", say(words.left_aria, { m: minutes, s: seconds % 60 }));
  clock.classList.toggle("clock-low", seconds <= LAST_MINUTES_S);
  if (dialog.open) dialog.querySelector("[data-left]").textContent = remaining.textContent;
  while (announcements.length && seconds <= announcements[0][0]) announce.textContent = announcements.shift()[1];
  if (left === 0 && !isOver) timeUp();
}

async function timeUp() {
  isOver = true;
  announce.textContent = words.over;
  for (const question of questions) for (const input of question.inputs) input.disabled = true;
  pill("saving", words.over);
  hurry();
  const until = performance.now() + LAST_SENDS_MS;
  while (waiting().length && performance.now() < until && !ended) {
    // eslint-disable-next-line no-await-in-loop -- answers in flight get their last moment
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // The server closes by itself; we only wait until it says so.
  // eslint-disable-next-line no-await-in-loop -- one try after the other
  while (!ended && !(await submit())) await new Promise((resolve) => setTimeout(resolve, 2000));
}

async function askClock() {
  if (ended) return;
  const asked = performance.now();
  try {
    const reply = await fetch(sheet.dataset.clockUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!reply.ok) return;
    const state = await reply.json();
    if (!state.open) leave();
    else if (!state.held) finishedBy("taken_over");
    else endsAt = (asked + performance.now()) / 2 + state.remaining_ms;
  } catch {
    // Offline: the countdown goes on by itself.
  }
}

/* -- Hands -------------------------------------------------------------------- */

function questionOf(element) {
  const section = element.closest("section[data-position]");
  return section && !ended && !isOver ? byPosition.get(Number(section.dataset.position)) : undefined;
}

function written(event) {
  const question = questionOf(event.target);
  // What an input method shows on the way to a word is no answer yet.
  if (question?.gap && !event.isComposing) change(question, HAND_RESTS_MS);
}

sheet.addEventListener("change", (event) => {
  const question = questionOf(event.target);
  if (question?.gap) hurry();
  else if (question) change(question);
});
sheet.addEventListener("input", written);
sheet.addEventListener("compositionend", written);
sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  askToHandIn();
});
sheet.addEventListener("click", (event) => {
  if (event.target.closest("[data-flag]")) flag(current);
  const question = event.target.closest("[data-sign]") && questionOf(event.target);
  if (question) {
    const text = question.gap.value.trim();
    question.gap.value = /^[-−]/.test(text) ? text.slice(1) : `-${text}`;
    question.gap.focus();
    change(question, HAND_RESTS_MS);
  }
});
document.getElementById("previous").addEventListener("click", () => step(-1));
document.getElementById("next").addEventListener("click", () => step(1));
document.addEventListener("click", (event) => {
  const link = event.target.closest(".q[href^='#q']");
  if (link) {
    event.preventDefault();
    dialog.close();
    show(byPosition.get(Number(link.hash.slice(2))));
  }
  if (event.target.closest("[data-retry]")) pump();
});
really.addEventListener("click", handIn);

function keyInGap(event) {
  if (event.isComposing) return;
  if (event.key === "Enter") {
    event.preventDefault();
    hurry();
    step(1);
  } else if (event.key === "Escape") {
    current.section.focus({ preventScroll: true });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || dialog.open || ended || isOver) return;
  if (event.target.closest("[data-gap]")) {
    keyInGap(event);
  } else if (current.gap && event.target === current.section && (event.key.length === 1 || event.key === "Process")) {
    // The key itself goes on into the gap.
    current.gap.focus();
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    event.preventDefault();
    step(event.key === "ArrowLeft" ? -1 : 1);
  } else if (!current.gap && /^[a-h]$/i.test(event.key)) {
    const input = current.inputs[event.key.toUpperCase().charCodeAt(0) - 65];
    if (input && !(input.type === "radio" && input.checked)) {
      input.checked = input.type === "radio" || !input.checked;
      change(current);
    }
  } else if (/^m$/i.test(event.key)) {
    flag(current);
  }
});
window.addEventListener("online", pump);
window.addEventListener("beforeunload", (event) => {
  if (!ended && waiting().length) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hurry();
  else askClock();
});

/* Pictures of later questions come one after the other, so that they are here when the network is not. */
async function fetchPictures() {
  for (const image of sheet.querySelectorAll("img[loading=lazy]")) {
    image.loading = "eager";
    // eslint-disable-next-line no-await-in-loop -- a room that starts together must not ask for everything at once
    await image.decode().catch(() => {});
  }
}

restore();
for (const question of questions) question.draw();
drawCounts();
show(byPosition.get(Number(location.hash.slice(2))) ?? questions.find((question) => !question.done) ?? questions[0], false);
tick();
setInterval(tick, 250);
setInterval(askClock, CLOCK_EVERY_MS);
fetchPictures();
pump();
