// The journal: the newest requests of the account, as the server's events tell of them.

const MOST = 1000;
const ASKING = "Asking the server…";

export class Journal {
  constructor() {
    this.entries = new Map(); // By id, oldest first.
    this.recorded = this.dropped = this.newest = 0;
    this.isLive = false;
    this.trouble = ASKING; // Why it is not live.
    this.listeners = new Set();
  }

  // `listener` is called when anything has changed, until the signal ends it.
  subscribe(listener, signal) {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  begin() {
    this.entries.clear();
    this.recorded = this.dropped = this.newest = 0;
    this.tell();
  }

  add({ items, recorded, dropped }) {
    for (const entry of items) this.take(entry);
    for (const id of this.entries.keys()) {
      if (this.entries.size <= MOST) break;
      this.entries.delete(id);
    }
    Object.assign(this, { recorded, dropped });
    this.tell();
  }

  take(entry) {
    const isNew = Number(entry.id) > this.newest;
    // One that ends after it has fallen out here stays out.
    if (!isNew && !this.entries.has(entry.id)) return;
    this.entries.set(entry.id, entry);
    if (isNew) this.newest = Number(entry.id);
  }

  live(isLive, trouble = ASKING) {
    Object.assign(this, { isLive, trouble });
    this.tell();
  }

  tell() {
    for (const listener of this.listeners) listener();
  }
}
