/* The exam page, put together: the sheet, the queue of what is to be saved, the clock, the hands, the hand-in.

   The server owns time and answers: it closes the attempt by itself, and what it acknowledged is what gets graded.
   This page shows the questions one by one, keeps what is not acknowledged yet, and saves the candidate the wait. */

import { Clock } from "./exam/clock.js";
import { Comfort } from "./exam/comfort.js";
import { HandIn } from "./exam/hand-in.js";
import { Hands } from "./exam/hands.js";
import { clearNotice, notice, pill } from "./exam/notices.js";
import { Queue } from "./exam/queue.js";
import { Sheet } from "./exam/sheet.js";
import { Store } from "./exam/store.js";
import { takeOver } from "./exam/tabs.js";
import { Watch } from "./exam/watch.js";
import { Wire } from "./exam/wire.js";
import { clockTime, pause, say, wordsOf } from "./exam/words.js";

const LAST_SENDS_MS = 2_000;
const END_AGAIN_MS = 2_000;

const form = document.getElementById("sheet");
const words = wordsOf("exam-words");
const page = form.dataset;
const wire = new Wire(form.elements.lease.value);
const store = new Store(page.attempt);
const sheet = new Sheet(form, words);
const comfort = new Comfort();
const answerKey = (question) => `a${question.position}`;
const markKey = (question) => `m${question.position}`;

/* -- What the queue tells ---------------------------------------------------- */

function drawUnsent(question) {
  question.isUnsent = queue.has(answerKey(question)) || queue.has(markKey(question));
  question.draw();
}

function saved(row, content) {
  const question = sheet.byPosition.get(row.position);
  clearNotice("offline");
  if (!queue.has(answerKey(question)) && question.revision) question.note.textContent = words.saved;
  drawUnsent(question);
  if (!queue.waiting.length) pill("saved", `${words.saved} ${clockTime(content.received_ms)}`);
}

function older(row, revision) {
  const question = sheet.byPosition.get(row.position);
  if (row.isRestored) {
    // What only waited in this browser is not the newest: another device went on meanwhile.
    location.reload();
    return;
  }
  // A choice made here just now is the newest.
  if (row.key === markKey(question)) {
    question.markRevision = Math.max(question.markRevision, revision);
    keepMark(question);
  } else {
    question.revision = Math.max(question.revision, revision);
    change(question);
  }
}

function refused(row) {
  const question = sheet.byPosition.get(row.position);
  question.note.textContent = words.refused;
  drawUnsent(question);
  pill("failed", words.refused);
  notice("failed", words.refused_answer, { word: words.reload, url: page.hereUrl });
}

function waiting(rows) {
  // What stood here may promise too much for what was done just now; it is said again when the browser has it.
  if (rows.some((row) => row.isKept === null)) {
    pill("saving", words.saving);
    return;
  }
  const positions = [...new Set(rows.map((row) => row.position))].sort((one, other) => one - other);
  const isKept = rows.every((row) => row.isKept);
  for (const position of positions) {
    const question = sheet.byPosition.get(position);
    question.note.textContent = isKept ? words.local : words.saving;
    drawUnsent(question);
  }
  pill("offline", isKept ? words.local : words.no_network);
  notice("offline", say(isKept ? words.offline : words.offline_unkept, { list: positions.join(words.comma) }));
}

function ended(code) {
  stop();
  if (code === "taken_over") {
    pill("failed", words.refused);
    notice("failed", words.taken_over, { word: words.continue_here, url: page.hereUrl });
  } else if (code === "attempt_closed" || code === "time_up") leave();
  else {
    pill("failed", words.refused);
    notice("failed", words.lease_dead, { word: words.sign_in, url: page.hereUrl });
  }
}

const queue = new Queue(wire, store, {
  saved, older, refused, waiting, ended,
  sending(failures) {
    if (!failures) pill("saving", words.saving);
  },
});

/* -- What hands do ------------------------------------------------------------- */

/* Changes on this device count as newer than those on the one before, however often something was changed there. */
const nextRevision = (revision) => Math.max(revision + 1, Number(page.firstRevision));

function change(question, hold = 0) {
  question.revision = nextRevision(question.revision);
  question.note.textContent = words.saving;
  queue.add({
    key: answerKey(question), url: page.saveUrl, position: question.position,
    body: { revision: question.revision, ...question.answer },
  }, hold);
  drawUnsent(question);
  sheet.drawCounts();
}

function keepMark(question) {
  question.markRevision = nextRevision(question.markRevision);
  queue.add({
    key: markKey(question), url: page.markUrl, position: question.position,
    body: { revision: question.markRevision, marked: question.marked },
  });
  drawUnsent(question);
}

function mark(question) {
  question.marked = !question.marked;
  keepMark(question);
}

/* -- The end -------------------------------------------------------------------- */

function stop() {
  queue.stop();
  sheet.lock();
  watch?.stop();
}

function leave() {
  stop();
  store.clear().finally(() => location.assign(page.resultUrl));
}

/* Returns what the server said, or null when it said nothing that can be understood. */
async function submit(how = {}) {
  let reply;
  try {
    reply = await wire.post(page.submitUrl, how);
  } catch {
    return null;
  }
  const { status, content } = reply;
  if (status === 200 && content.submitted === true) leave();
  else if (status === 409 || status === 401) ended(content.code);
  return status === 200 ? content : null;
}

/* How saving stands, when nothing else is to be said in its place. */
function tellSaving() {
  if (queue.failures && queue.waiting.length) waiting(queue.waiting);
  else if (queue.waiting.length) pill("saving", words.saving);
  else pill("saved", words.saved);
}

const handIn = new HandIn(sheet, queue, words, {
  async submit() {
    await submit();
    return queue.isOver;
  },
  said: (text) => pill("saving", text), calledOff: tellSaving,
});

/* By the count of this page nothing is left. The server may know better: staff gave time, or paused, while there was
   no network here. So this page hands nothing in that has time left, and what waits is sent first. */
async function timeUp() {
  sheet.lock();
  pill("saving", words.over);
  while (!queue.isOver) {
    queue.hurry();
    const until = performance.now() + LAST_SENDS_MS;
    // eslint-disable-next-line no-await-in-loop -- answers in flight get their last moment
    while (queue.waiting.length && performance.now() < until && !queue.isOver) await pause(100);
    if (queue.isOver) return;
    // eslint-disable-next-line no-await-in-loop -- one try after the other
    const said = await submit({ at_end: true });
    if (said?.submitted === false) {
      sheet.unlock();
      clock.goOn(said.remaining_ms);
      tellSaving();
      return;
    }
    // eslint-disable-next-line no-await-in-loop -- as above
    if (!queue.isOver) await pause(END_AGAIN_MS);
  }
}

async function askClock() {
  if (queue.isOver) return null;
  try {
    const { status, content } = await wire.get(page.clockUrl);
    if (status === 401) ended("lease_dead");
    if (status !== 200) return null;
    if (content.open === false) leave();
    else if (content.held === false) ended("taken_over");
    else return content.remaining_ms ?? null;
  } catch {
    // Offline: the countdown goes on by itself.
  }
  return null;
}

const clock = new Clock(
  Number(page.remainingMs), words, { tick: (text) => handIn.drawLeft(text), over: timeUp }, askClock,
);

// A rehearsal has nobody who watches over it.
const watch = document.getElementById("paused") && new Watch(form, form.elements.lease.value, {
  clock: (left, isPaused) => clock.set(left, isPaused), ended: leave, taken: () => ended("taken_over"),
  refused: () => ended("lease_dead"),
});

/* -- The beginning ----------------------------------------------------------------- */

/* Take up what an earlier page kept; where the server has something newer, that stands. */
function restore(rows) {
  for (const row of rows) {
    const question = sheet.byPosition.get(row.position);
    const isMark = question && row.key === markKey(question);
    if (!question || row.body.revision <= (isMark ? question.markRevision : question.revision)) {
      store.remove(row.key);
    } else if (isMark) {
      question.marked = row.body.marked;
      question.markRevision = row.body.revision;
      queue.restore({ ...row, url: page.markUrl });
    } else {
      question.answer = row.body;
      question.revision = row.body.revision;
      queue.restore({ ...row, url: page.saveUrl });
    }
    if (question) question.isUnsent = queue.has(answerKey(question)) || queue.has(markKey(question));
  }
}

/* Pictures of later questions come one after the other, so that they are here when the network is not. */
async function fetchPictures() {
  for (const image of form.querySelectorAll("img[loading=lazy]")) {
    image.loading = "eager";
    // eslint-disable-next-line no-await-in-loop -- a room that starts together must not ask for everything at once
    await image.decode().catch(() => {});
  }
}

const rows = await store.load();
// From here until hands are listened to, nothing waits: what a hand did while this page was made ready is found now,
// and is newer than what an earlier page kept.
const touched = sheet.questions.map((question) => ({ question, hands: question.byHand }))
  .filter(({ hands }) => hands.length);
restore(rows);
for (const { question, hands } of touched) {
  for (const again of hands) again();
  change(question);
}
sheet.draw();
sheet.show(
  sheet.byPosition.get(Number(location.hash.slice(2))) ?? touched.at(-1)?.question
    ?? sheet.questions.find((question) => !question.done) ?? sheet.questions[0],
  false,
);
takeOver(page.attempt, () => {
  stop();
  pill("failed", words.refused);
  notice("failed", words.other_page, { word: words.continue_here, url: page.hereUrl });
});
new Hands(form, sheet, handIn.dialog, comfort, {
  change, mark, hurry: () => queue.hurry(),
  handIn() {
    handIn.ask();
    clock.tick(); // the question opens with the time on it
  },
}).listen();
window.addEventListener("online", () => queue.hurry());
window.addEventListener("beforeunload", (event) => {
  if (!queue.isOver && queue.waiting.length) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) queue.hurry();
});
clock.start();
watch?.start();
form.dataset.ready = "";
fetchPictures();
queue.pump();
