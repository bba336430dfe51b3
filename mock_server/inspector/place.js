// The place: what the page shows, as its URL says it, e.g. `#requests?account=demo&status=4xx`.

const DEFAULT_ACCOUNT = "demo";

export class Place {
  constructor(view, account, filters) {
    this.view = view;
    this.account = account;
    this.filters = filters; // URLSearchParams without the account
  }

  static current(views) {
    const [view, query = ""] = split(location.hash.slice(1));
    const filters = new URLSearchParams(query);
    const account = filters.get("account") || DEFAULT_ACCOUNT;
    filters.delete("account");
    return new Place(views.includes(view) ? view : views[0], account, filters);
  }

  // The place with other filters, an object whose empty values are left out; in another view if named.
  with(filters, view = this.view) {
    const kept = new URLSearchParams(view === this.view ? this.filters : "");
    for (const [name, value] of Object.entries(filters)) {
      if (value == null || value === "") kept.delete(name);
      else kept.set(name, value);
    }
    return new Place(view, this.account, kept);
  }

  of(account) {
    return new Place(this.view, account, new URLSearchParams());
  }

  get href() {
    const query = new URLSearchParams([["account", this.account], ...this.filters]);
    return `#${this.view}?${query}`;
  }
}

function split(hash) {
  const mark = hash.indexOf("?");
  return mark < 0 ? [hash] : [hash.slice(0, mark), hash.slice(mark + 1)];
}
