/* Asking the server: a request is repeated until there is an answer that is not about the network. */

import { pause, words } from "./page.js";

const REQUEST_LIMIT_MS = 8000;
const LONGEST_WAIT_MS = 15000;
const LATE_MS = 2000;

const backOnline = () => new Promise((done) => {
  window.addEventListener("online", () => setTimeout(done, 500 * Math.random()), { once: true });
});

async function post(url, body, headers) {
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
    // What stands between here and the site may answer in its place, and says nothing of what was sent.
    const told = reply.ok ? await reply.json() : await reply.json().catch(() => ({}));
    return { status: reply.status, told };
  } finally {
    clearTimeout(timer);
  }
}

/* Why the server refused, in one sentence. */
export function reasonOf(told) {
  const reason = told.reasons?.[0];
  return reason ? [reason.rule, reason.now, reason.way_out].filter(Boolean).join(words.sentence) : told.title ?? "";
}

export class Wire {
  /* The site is there and takes nothing at the moment: that is not the network's fault. */
  isBusy = false;

  #notices;

  constructor(notices) {
    this.#notices = notices;
  }

  get #why() {
    return this.isBusy ? words.busy : words.offline;
  }

  /* Send until there is an answer that is not about the network or a busy server: {status, told}. */
  async ask(url, body, headers = {}) {
    for (let round = 0; ; round += 1) {
      try {
        const answer = await post(url, body, headers);
        this.isBusy = answer.status >= 500 || answer.status === 429;
        if (!this.isBusy) return answer;
      } catch {
        this.isBusy = false; // no answer at all: the same request again, later
      }
      this.#notices.state("offline", this.#why);
      // With jitter, so that many players do not come back in the same moment; when the network is back, soon.
      await Promise.race([pause(Math.min(LONGEST_WAIT_MS, 500 * 2 ** round) * (0.5 + Math.random())), backOnline()]);
    }
  }

  /* The same from a dialog, which hides the rest of the page: a reply that takes long is explained at `place`. */
  async askFromDialog(place, url, body) {
    const late = setTimeout(() => {
      place.textContent = this.#why;
      place.hidden = false;
    }, LATE_MS);
    const answer = await this.ask(url, body);
    clearTimeout(late);
    place.hidden = true;
    return answer;
  }
}
