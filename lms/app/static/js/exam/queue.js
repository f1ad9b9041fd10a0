/* What is on its way to the server: the last change of each question, sent one at a time in the order of hands.

   A change is kept in this browser first and forgotten only when the server has said that it is stored. Its revision
   grows with every change, the server keeps the highest, and the same one again is the same change: so it may be sent
   as often as it takes. Whoever is told about it: `heard.saved`, `.waiting`, `.refused`, `.older`, `.ended`.

   `isKept` of a row: this browser has it, does not have it, or (null) is still writing it. */

const LONGEST_WAIT_MS = 15_000;
const LONGEST_HOLD_MS = 5_000;

export class Queue {
  constructor(wire, store, heard) {
    this.wire = wire;
    this.store = store;
    this.heard = heard;
    this.rows = new Map();
    this.order = 0;
    this.failures = 0;
    this.isSending = false;
    this.isOver = false;
    this.timer = 0;
  }

  get waiting() {
    return [...this.rows.values()].sort((one, other) => one.order - other.order);
  }

  has(key) {
    return this.rows.has(key);
  }

  /* Take up what an earlier page of this sitting left behind. */
  restore(row) {
    this.order = Math.max(this.order, row.order);
    this.rows.set(row.key, { ...row, isKept: true, isRestored: true, heldUntil: 0, heldSince: 0 });
  }

  /* row: {key, url, position, body: {revision, …}}. `hold` waits for a hand that is still writing. */
  add(row, hold = 0) {
    const now = performance.now();
    const heldSince = this.rows.get(row.key)?.heldSince ?? now;
    this.order += 1;
    const fresh = {
      ...row, order: this.order, isKept: null, isRestored: false, heldSince,
      heldUntil: hold ? Math.min(now + hold, heldSince + LONGEST_HOLD_MS) : 0,
    };
    this.rows.set(row.key, fresh);
    this.keep(fresh);
    if (this.failures) this.heard.waiting(this.waiting);
    // Also while it is held: what was said of the change before must not be read as said of this one.
    else this.heard.sending(this.failures);
    this.pump();
  }

  async keep(row) {
    const { key, url, position, body, order } = row;
    row.isKept = await this.store.put({ key, url, position, body, order });
    // It was stored by the server while this browser was still writing.
    if (!this.rows.has(key)) this.store.remove(key);
    else if (this.failures) this.heard.waiting(this.waiting);
  }

  hurry() {
    for (const row of this.rows.values()) row.heldUntil = 0;
    this.pump();
  }

  async pump() {
    if (this.isSending || this.isOver) return;
    clearTimeout(this.timer);
    this.isSending = true;
    try {
      for (let row = this.ready(); row && !this.isOver; row = this.ready()) {
        this.heard.sending(this.failures);
        // eslint-disable-next-line no-await-in-loop -- one at a time keeps the order
        if (!(await this.send(row))) return;
      }
    } finally {
      this.isSending = false;
    }
    const held = this.waiting.map((row) => row.heldUntil);
    if (held.length && !this.isOver) {
      this.timer = setTimeout(() => this.pump(), Math.min(...held) - performance.now());
    }
  }

  ready() {
    const now = performance.now();
    return this.waiting.find((row) => row.heldUntil <= now);
  }

  /* Return whether the next one may follow. */
  async send(row) {
    let reply;
    try {
      reply = await this.wire.post(row.url, { position: row.position, ...row.body });
    } catch {
      return this.later();
    }
    const { status, content } = reply;
    if (status === 200 && content.saved === true) {
      this.failures = 0;
      this.settle(row);
      this.heard.saved(row, content);
      return true;
    }
    if (content.code === "older_revision") {
      this.settle(row);
      this.heard.older(row, content.revision);
      return true;
    }
    if (status === 409 || status === 401) {
      this.stop();
      this.heard.ended(content.code);
      return false;
    }
    if (status >= 400 && status < 500 && status !== 429) {
      this.settle(row);
      this.heard.refused(row);
      return true;
    }
    return this.later();
  }

  settle(row) {
    if (this.rows.get(row.key) === row) {
      this.rows.delete(row.key);
      this.store.remove(row.key);
    } else {
      const newer = this.rows.get(row.key);
      if (newer) newer.heldSince = performance.now();
    }
  }

  later() {
    this.failures += 1;
    this.heard.waiting(this.waiting);
    // Jitter, so that a room whose network comes back does not knock in one instant.
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (this.failures - 1)) * (0.5 + Math.random() / 2);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), wait);
    return false;
  }

  stop() {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}
