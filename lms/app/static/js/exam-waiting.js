/* The waiting room: counts down to the opening, opens the door by itself, and says how much time a start gives.

   <div data-waiting-room data-wait-ms data-close-ms data-closes-at-ms data-full-seconds data-jitter-ms data-door-url>:
   what the server said when it made the page, of this person: his extra time and his longer window are in it. The
   device's clock is never asked, only how much time has passed since. The door is on the page already, so that a room
   that opens asks nothing of the server; who starts too early is refused by it. Now and then the page asks for the
   time anew, which also keeps the login alive. When something else is true by then, the page is loaded anew. */

import { countdown, say, timeFrom, wordsOf } from "./exam/words.js";

const room = document.querySelector("[data-waiting-room]");
const words = wordsOf("waiting-words");
const wait = room.querySelector("[data-wait]");
const door = room.querySelector("[data-door]");
const shown = room.querySelector("[data-countdown]");
const announce = room.querySelector("[data-announce]");
const DAY_S = 86_400;
const ASK_EVERY_MS = 45_000;
const SPOKEN_MINUTES = [10, 5, 1];

const state = {
  opensAt: performance.now() + Number(room.dataset.waitMs),
  closesAt: performance.now() + Number(room.dataset.closeMs),
  // Each page opens its door a little later than the clock, by its own measure.
  jitter: wait ? Math.random() * Number(room.dataset.jitterMs) : 0,
  isOpen: wait === null,
  spoken: new Set(),
};

function drawGiven() {
  const full = Number(room.dataset.fullSeconds);
  const left = Math.floor(Math.max(0, state.closesAt - performance.now()) / 1000);
  const seconds = Math.min(full, left);
  const place = door.querySelector("[data-given]");
  if (!seconds) {
    place.textContent = words.over;
    return;
  }
  // The end of day as it is told is the server's: its clock came with the last answer.
  if (state.serverAt === undefined) return;
  const now = state.serverAt + performance.now();
  const end = timeFrom(now, now + seconds * 1000, words);
  place.textContent = say(seconds % 60 ? words.given : words.whole, { m: Math.floor(seconds / 60), s: seconds % 60, end });
  door.querySelector("[data-lost]").hidden = seconds >= full;
}

function open() {
  state.isOpen = true;
  const hadFocus = wait.contains(document.activeElement);
  wait.hidden = true;
  door.hidden = false;
  for (const why of document.querySelectorAll("[data-why]")) why.hidden = true;
  announce.textContent = words.open;
  if (hadFocus) door.querySelector("button").focus();
}

function tick() {
  const left = state.opensAt - performance.now();
  if (!state.isOpen) {
    const seconds = Math.max(0, Math.ceil(left / 1000));
    if (seconds < DAY_S) shown.textContent = countdown(seconds);
    for (const minutes of SPOKEN_MINUTES) {
      if (seconds <= minutes * 60 && seconds > (minutes - 1) * 60 && !state.spoken.has(minutes)) {
        state.spoken.add(minutes);
        announce.textContent = say(words.soon, { n: minutes });
      }
    }
    if (left + state.jitter <= 0) open();
  }
  if (state.isOpen) drawGiven();
}

async function ask() {
  const asked = performance.now();
  try {
    const reply = await fetch(room.dataset.doorUrl, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (reply.status === 401) location.reload();
    if (!reply.ok) return;
    const said = await reply.json();
    const middle = (asked + performance.now()) / 2;
    const isShut = !said.opens_in_ms && !said.may_start;
    const hasOtherTerms = said.full_seconds !== Number(room.dataset.fullSeconds)
      || said.closes_at_ms !== Number(room.dataset.closesAtMs);
    if (isShut || hasOtherTerms) {
      location.reload();
      return;
    }
    state.opensAt = middle + said.opens_in_ms;
    state.closesAt = middle + said.closes_in_ms;
    state.serverAt = said.server_ms - middle;
    tick();
  } catch {
    // Without a network the countdown goes on by itself.
  }
}

tick();
setInterval(tick, 500);
// Not all at once, however many came in together.
setTimeout(ask, 500 + Math.random() * 2000);
setInterval(ask, ASK_EVERY_MS * (0.8 + Math.random() * 0.4));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask();
});
