// The journal: the newest requests of the account, as the server's events tell of them.

const MOST = 1000;

export class Journal {
  constructor() {
    this.entries = new Map(); // By id, oldest first.
    this.recorded = this.dropped = 0;
    this.isLive = false;
    this.listeners = new Set();
  }

  // `listener` is called with {isAnew, changed: [entries]} until the signal ends it.
  subscribe(listener, signal) {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  begin() {
    this.entries.clear();
    this.recorded = this.dropped = 0;
    this.tell({ isAnew: true, changed: [] });
  }

  add({ items, recorded, dropped }) {
    for (const entry of items) this.entries.set(entry.id, entry);
    for (const id of this.entries.keys()) {
      if (this.entries.size <= MOST) break;
      this.entries.delete(id);
    }
    this.recorded = recorded;
    this.dropped = dropped;
    this.tell({ isAnew: false, changed: items });
  }

  live(isLive) {
    this.isLive = isLive;
    this.tell({ isAnew: false, changed: [] });
  }

  tell(news) {
    for (const listener of this.listeners) listener(news);
  }
}
