/* What this browser keeps until the server has it: one row per question and kind, in IndexedDB.

   It outlives a reload, a crash of the page and of the browser, and a dead network. A row that was kept says so
   (`put` tells true), because the page promises it to the candidate. Where a browser has no such store, or has it
   switched off, everything still goes to the server; only then nothing is promised. */

const DATABASE = "exam";
const ROWS = "unsent";
const TIMEOUT_MS = 3000;

/* No store may keep the exam waiting: one that does not answer within three seconds counts as none. */
const bounded = (asked) => new Promise((resolve, reject) => {
  asked(resolve, reject);
  setTimeout(() => reject(new Error("the store does not answer")), TIMEOUT_MS);
});

const done = (request) => bounded((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/* An old page of another version may hold it. */
function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: ["sitting", "key"] });
  return done(request);
}

export class Store {
  constructor(sitting) {
    this.sitting = sitting;
    this.database = null;
  }

  /* Return what is kept of this sitting, in the order in which it was done; what is left of others goes. */
  async load() {
    try {
      this.database = await open();
      const rows = await done(this.rows("readonly").getAll());
      for (const row of rows) if (row.sitting !== this.sitting) this.remove(row.key, row.sitting);
      return rows.filter((row) => row.sitting === this.sitting).sort((one, other) => one.order - other.order);
    } catch {
      this.database = null;
      return [];
    }
  }

  async put(row) {
    if (!this.database) return false;
    try {
      const transaction = this.database.transaction(ROWS, "readwrite", { durability: "strict" });
      transaction.objectStore(ROWS).put({ ...row, sitting: this.sitting });
      await bounded((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      return true;
    } catch {
      return false; // Full, or taken away: the page then asks not to be closed.
    }
  }

  async remove(key, sitting = this.sitting) {
    if (!this.database) return;
    try {
      await done(this.rows("readwrite").delete([sitting, key]));
    } catch {
      // It is sent once more after a reload; the server knows the revision.
    }
  }

  async clear() {
    if (!this.database) return;
    try {
      await done(this.rows("readwrite").delete(IDBKeyRange.bound([this.sitting], [this.sitting, []])));
    } catch {
      // What is left of a closed sitting is refused by the server, and goes with the next one.
    }
  }

  rows(mode) {
    return this.database.transaction(ROWS, mode).objectStore(ROWS);
  }
}
