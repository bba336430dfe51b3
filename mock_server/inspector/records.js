// Records: those of a collection, fetched in parts, and which of them are shown.

import { parsed, display } from "./numbers.js";

const PART = 5000;
// More would fill the memory of a browser.
export const MOST = 100_000;
// As deep as schemas that are composed of others are looked into.
const DEEPEST = 4;

const collator = new Intl.Collator("en", { numeric: true });

export class Records {
  // `fields` are those of the schema in their order, `idField` the one that tells records apart, or null.
  constructor(api, name, fields, idField) {
    this.api = api;
    this.name = name;
    this.path = `collections/${encodeURIComponent(name)}`;
    this.fields = fields;
    this.idField = idField;
    this.items = [];
    this.total = 0;
    this.search = ""; // The text that the server has searched for; empty where all were asked for.
    this.texts = new WeakMap();
    this.lap = 0;
  }

  get isWhole() {
    return this.sign !== undefined && this.items.length >= Math.min(this.total, MOST);
  }

  // Where there are more than are fetched, the server searches for a text; whether it has to search anew.
  seek(text) {
    const search = text && (this.search || this.total > MOST) ? text : "";
    const isOther = search !== this.search;
    this.search = search;
    return isOther;
  }

  // Fetches them anew; `tell` is called after each part, with whether it is the first. Of several calls,
  // the last one counts.
  async load(tell) {
    const lap = this.lap += 1;
    let items = [];
    this.sign = undefined;
    do {
      const part = await this.part(PART, items.length);
      if (lap !== this.lap) return;
      const isFirst = items.length === 0;
      items = items.concat(part.items);
      this.sign ??= sign(part);
      Object.assign(this, { items, total: part.total });
      tell(isFirst);
    } while (!this.isWhole);
  }

  // Whether the server has others than those that were loaded, as far as the first and their number tell.
  async areOthers() {
    const { sign: known, lap } = this;
    // A search of very many takes seconds.
    if (known === undefined || this.search) return false;
    const found = sign(await this.part(1, 0));
    return lap === this.lap && this.isWhole && found !== known;
  }

  async part(limit, offset) {
    const answer = await this.api.fetch(`${this.path}?limit=${limit}&offset=${offset}${this.search && `&search=${encodeURIComponent(this.search)}`}`);
    return parsed(await answer.text());
  }

  async remove(key) {
    await this.api.send("DELETE", `${this.path}/${encodeURIComponent(key)}`);
    this.items = this.items.filter((record) => this.key(record) !== key);
    this.total -= 1;
    this.sign = sign(this);
  }

  // Replaces them by generated ones; gives how many there are then.
  async generate(count, seed) {
    const { total } = await this.api.send("POST", `${this.path}/generate`, { count, seed });
    return total;
  }

  // What names a record in the URL: its id, or where it stands.
  key(record) {
    return this.idField ? display(record[this.idField]) : String(this.items.indexOf(record));
  }

  find(key) {
    return this.idField ? this.items.find((record) => this.key(record) === key) : this.items[Number(key)];
  }

  // The fields that any record has: those of the schema, then others in the order of their coming.
  get columns() {
    const there = new Set();
    for (const record of this.items) Object.keys(record).forEach((name) => there.add(name));
    return [...this.fields.filter((name) => there.delete(name)), ...there];
  }

  // Those that hold a text somewhere, sorted by a field if one is named; found out once for all pages.
  chosen({ text, field, isDescending }) {
    const { items } = this;
    const asked = JSON.stringify([text, field, isDescending]);
    if (this.last?.items !== items || this.last.asked !== asked) {
      this.last = { items, asked, found: this.found(text, field, isDescending) };
    }
    return this.last.found;
  }

  found(text, field, isDescending) {
    const wanted = text.toLowerCase();
    const found = wanted ? this.items.filter((record) => this.text(record).includes(wanted)) : [...this.items];
    if (!field) return found;
    const direction = isDescending ? -1 : 1;
    return found.sort((one, other) => compared(one[field], other[field], direction));
  }

  text(record) {
    if (!this.texts.has(record)) this.texts.set(record, Object.values(record).map(display).join("\n").toLowerCase());
    return this.texts.get(record);
  }
}

function sign({ items, total }) {
  return JSON.stringify([total, items[0] ?? null]);
}

// Those without a value come last, either way.
function compared(one, other, direction) {
  if (one == null || other == null) return (one == null) - (other == null);
  if (typeof one === "number" && typeof other === "number") return direction * (one - other);
  return direction * collator.compare(display(one), display(other));
}

// The fields that the document describes of the records of a collection. It is asked of one at a time, since
// a document may have hundreds.
export function described(document, collection) {
  const at = (part, ...names) => names.reduce((node, name) => follow(document, node?.[name]), part);
  const [media] = Object.values(at(document.paths, `/${collection}`, "get", "responses", 200, "content") ?? {});
  return Object.keys(recordProperties(document, at(media, "schema")));
}

// The properties of a list's records: of its arrays, those of the one that describes most.
function recordProperties(document, schema) {
  const members = [schema, ...Object.values(propertiesOf(document, schema))];
  const records = members.map((member) => propertiesOf(document, partsOf(document, member).find(({ items }) => items)?.items));
  return records.reduce((most, each) => (Object.keys(each).length > Object.keys(most).length ? each : most), {});
}

function propertiesOf(document, schema) {
  return Object.assign({}, ...partsOf(document, schema).map(({ properties }) => properties).filter(Boolean));
}

// A schema and those that it is composed of.
function partsOf(document, schema, depth = 0) {
  const found = follow(document, schema);
  if (typeof found !== "object" || found === null || depth > DEEPEST) return [];
  const parts = ["allOf", "oneOf", "anyOf"].flatMap((word) => found[word] ?? []);
  return [found, ...parts.flatMap((part) => partsOf(document, part, depth + 1))];
}

// A part of the document, or what it refers to, e.g. by `#/components/schemas/Thing` (RFC 6901).
function follow(document, part) {
  if (typeof part?.$ref !== "string") return part;
  const steps = decodeURIComponent(part.$ref).split("/").slice(1);
  const names = steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return follow(document, names.reduce((node, name) => node?.[name], document));
}
