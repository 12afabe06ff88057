// A bulletin is put together: its length is shown, its articles are chosen and put in order, and its people are counted.
// The page is complete without it, with a number for each article.
"use strict";

const made = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

// How long a line is, as people count: a letter with its macron is one.
const letters = globalThis.Intl?.Segmenter ? new Intl.Segmenter("en", { granularity: "grapheme" }) : null;
const lengthOf = (text) => (letters ? [...letters.segment(text)].length : [...text].length);

for (const field of document.querySelectorAll("input[data-length]")) {
  const [phone, elsewhere] = field.dataset.length.split(" ").map(Number);
  const shown = made("p", { className: "hint", id: `${field.id}-length` });
  field.after(shown);
  const show = () => {
    const length = lengthOf(field.value.trim());
    const characters = length === 1 ? "1 character" : `${length} characters`;
    let fits = "";
    if (length > elsewhere) fits = ": longer than inboxes show";
    else if (length > phone) fits = ": a phone does not show all of it";
    shown.textContent = `${characters}${fits}`;
  };
  field.addEventListener("input", show);
  addEventListener("pageshow", show); // on the way back to the page the browser fills the field later
  show();
}

// The people whom the choices reach: counted, and some of them named, whenever one changes. What comes late is dropped.
for (const chosen of document.querySelectorAll("[data-audience]")) {
  const form = chosen.closest("form");
  const count = form.querySelector("[data-count]");
  const sample = form.querySelector("[data-sample]");
  let latest = 0;
  const ask = async (address, query) => {
    try {
      const response = await fetch(`${address}?${query}`);
      return response.ok && !response.redirected ? await response.text() : null;
    } catch {
      return null; // the network is away
    }
  };
  const look = async () => {
    const mine = ++latest;
    const event = Boolean(form.elements.symposium?.value);
    for (const words of form.querySelectorAll("[data-by]")) words.hidden = (words.dataset.by === "event") !== event;
    const names = new Set([...chosen.querySelectorAll("[name]")].map((field) => field.name));
    const query = new URLSearchParams([...new FormData(form)].filter(([name, value]) => names.has(name) && value !== ""));
    const [words, people] = await Promise.all([
      ask(count.dataset.count, query),
      sample ? ask(sample.dataset.sample, query) : null,
    ]);
    if (mine !== latest) return;
    count.textContent = words ?? "Not known";
    if (!sample) return;
    const page = new DOMParser().parseFromString(people ?? "", "text/html");
    sample.replaceChildren(...page.body.childNodes);
  };
  chosen.addEventListener("change", look);
  form.addEventListener("writing:filled", look);
  // On the way back to the page the browser chooses later what was chosen before.
  const choices = () => new URLSearchParams(new FormData(form)).toString();
  const first = choices();
  addEventListener("pageshow", () => choices() !== first && look());
}

// The articles: those in the bulletin as a list in its order, the others to be added from below. The fields of the table
// move along with their articles and are what is sent.
class Assembling {
  constructor(region) {
    this.chosen = made("ol", { className: "assembled", id: "assembled" });
    this.chosen.setAttribute("aria-label", "In the bulletin, in this order");
    this.empty = made("p", { className: "hint" }, "No article yet. Add one from the list below.");
    this.search = made("input", { type: "search", id: "find-article", autocomplete: "off" });
    this.offered = made("ul", { className: "offered" });
    this.offered.setAttribute("aria-label", "Articles to add");
    this.none = made("p", { className: "hint", hidden: true }, "No other article has these words.");
    this.said = made("p", { className: "visually-hidden", id: "assembling-said" });
    this.said.setAttribute("role", "status");
    const rows = [...region.querySelectorAll("tbody tr")].map((row) => this.item(row));
    for (const item of rows.filter((item) => item.position.value.trim() !== "")) this.chosen.append(item.dom);
    for (const item of rows.filter((item) => item.position.value.trim() === "")) this.offered.append(item.dom);
    const picker = made(
      "div",
      { className: "picker" },
      made("div", { className: "field" }, made("label", { htmlFor: "find-article" }, "Find an article to add"), this.search),
      this.offered,
      this.none,
    );
    region.removeAttribute("tabindex");
    region.removeAttribute("role");
    region.removeAttribute("aria-label");
    region.className = "assembling";
    region.replaceChildren(this.chosen, this.empty, picker, this.said);
    region.closest("form").addEventListener("writing:filled", () => this.arrange());
    this.search.addEventListener("input", (event) => {
      event.stopPropagation(); // nothing of the bulletin has changed
      this.filter();
    });
    // Enter looks for an article, and does not save the bulletin.
    this.search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    region.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) region.addEventListener(end, () => this.drop());
    this.takeUp();
    region.addEventListener("input", () => this.remember());
    this.number();
  }

  // A row of the table as an entry of a list.
  item(row) {
    const title = row.querySelector("[data-title]").textContent;
    const position = row.querySelector("[name='position']");
    const item = { title, position, text: row.textContent.toLowerCase() };
    const button = (name, run, className = "plain") => {
      const one = made("button", { type: "button", className }, name);
      one.setAttribute("aria-label", `${name}: ${title}`);
      one.addEventListener("click", run);
      return one;
    };
    position.type = "hidden";
    item.handle = made("span", { className: "points-handle", title: "Drag to another place" }, "⠿");
    item.handle.setAttribute("aria-hidden", "true");
    item.up = button("Up", () => this.move(item, -1, item.up));
    item.down = button("Down", () => this.move(item, 1, item.down));
    item.remove = button("Remove", () => this.remove(item));
    item.add = button("Add", () => this.add(item), "secondary compact");
    item.form = row.querySelector("[name='form']");
    const [, words, state] = row.cells;
    const name = made("div", { className: "assembled-title" }, ...words.childNodes);
    const badge = state.firstElementChild;
    if (badge && !badge.classList.contains("published")) name.append(" ", badge);
    item.article = row.querySelector("[name='article']");
    item.dom = made("li", {}, item.handle, name, item.article, position);
    item.dom.append(item.form, made("span", { className: "points-buttons" }, item.up, item.down, item.remove), item.add);
    item.handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.dragged = item;
      item.dom.classList.add("dragged");
      item.handle.setPointerCapture(event.pointerId);
    });
    (this.items ??= new Map()).set(item.dom, item);
    return item;
  }

  // What is chosen stays with the page in the browser's history: on the way back, the browser itself would fill in the fields
  // of whichever articles stand in these places by then.
  remember() {
    const articles = this.all(this.chosen).map((item) => [item.article.value, item.form.value]);
    history.replaceState({ ...history.state, articles }, "");
  }

  takeUp() {
    for (const { position, form } of this.items.values()) position.autocomplete = form.autocomplete = "off";
    const kept = history.state?.articles;
    if (!kept || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    this.offered.prepend(...this.chosen.children);
    for (const [id, form] of kept) {
      const item = [...this.items.values()].find(({ article }) => article.value === id);
      if (!item) continue;
      item.form.value = form;
      this.chosen.append(item.dom);
    }
  }

  all(list) {
    return [...list.children].map((dom) => this.items.get(dom));
  }

  // Each has its number, those that are offered have none, and the form knows that something has changed.
  number(changed = false) {
    const chosen = this.all(this.chosen);
    chosen.forEach((item, index) => {
      item.position.value = String(index + 1);
      item.up.disabled = index === 0;
      item.down.disabled = index === chosen.length - 1;
    });
    for (const item of this.all(this.offered)) item.position.value = "";
    for (const item of this.items.values()) {
      const isIn = item.dom.parentElement === this.chosen;
      item.handle.hidden = !isIn;
      item.form.hidden = !isIn;
      item.up.parentElement.hidden = !isIn;
      item.add.hidden = isIn;
    }
    this.empty.hidden = chosen.length > 0;
    this.filter();
    if (changed) this.chosen.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // What was typed before stands in the fields again: the lists follow it.
  arrange() {
    const place = (item) => Number.parseInt(item.position.value, 10) || 0;
    const isIn = (item) => item.position.value.trim() !== "";
    const items = [...this.items.values()];
    const chosen = items.filter(isIn).sort((one, other) => place(one) - place(other));
    this.chosen.append(...chosen.map((item) => item.dom));
    this.offered.append(...items.filter((item) => !isIn(item)).map((item) => item.dom));
    this.number();
  }

  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of this.all(this.offered)) {
      item.dom.hidden = !words.every((word) => item.text.includes(word));
      if (!item.dom.hidden) shown += 1;
    }
    for (const item of this.all(this.chosen)) item.dom.hidden = false;
    this.none.hidden = shown > 0 || words.length === 0;
  }

  say(item) {
    const all = this.all(this.chosen);
    this.said.textContent = `“${item.title}” is now ${all.indexOf(item) + 1} of ${all.length}.`;
  }

  move(item, by, button) {
    const other = by < 0 ? item.dom.previousElementSibling : item.dom.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(item.dom);
    else other.after(item.dom);
    this.number(true);
    // A button that leads no further hands the focus to the one that leads back.
    (button.disabled ? (by < 0 ? item.down : item.up) : button).focus();
    this.say(item);
  }

  add(item) {
    const next = item.dom.nextElementSibling ?? item.dom.previousElementSibling;
    this.chosen.append(item.dom);
    this.number(true);
    const after = next && !next.hidden ? this.items.get(next).add : this.search;
    after.focus();
    this.say(item);
  }

  remove(item) {
    const next = item.dom.nextElementSibling ?? item.dom.previousElementSibling;
    this.offered.prepend(item.dom);
    this.number(true);
    (next ? this.items.get(next).remove : this.search).focus();
    this.said.textContent = `“${item.title}” is not in the bulletin any more.`;
  }

  drag(event) {
    if (!this.dragged) return;
    const dom = this.dragged.dom;
    for (const other of this.chosen.children) {
      if (other === dom) continue;
      const box = other.getBoundingClientRect();
      if (event.clientY < box.top || event.clientY > box.bottom) continue;
      // What lies between is moved, and not the dragged one: taken out of the page it would lose the pointer.
      const all = [...this.chosen.children];
      const [from, at] = [all.indexOf(dom), all.indexOf(other)];
      const upper = event.clientY < box.top + box.height / 2;
      if (at < from) dom.after(...all.slice(upper ? at : at + 1, from));
      else dom.before(...all.slice(from + 1, upper ? at : at + 1));
      return;
    }
  }

  drop() {
    if (!this.dragged) return;
    const item = this.dragged;
    this.dragged = null;
    item.dom.classList.remove("dragged");
    this.number(true);
    this.say(item);
  }
}

for (const region of document.querySelectorAll("[data-assemble]")) new Assembling(region);
