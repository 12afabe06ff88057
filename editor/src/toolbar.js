// The bar of buttons: one stop of the Tab key, with arrows from button to button (ARIA's pattern of a toolbar).
import { lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, redoDepth, undo, undoDepth } from "prosemirror-history";
import { liftListItem, sinkListItem, wrapInList } from "prosemirror-schema-list";
import { NodeSelection, TextSelection } from "prosemirror-state";
import {
  addColumnAfter,
  addRowAfter,
  deleteColumn,
  deleteRow,
  deleteTable,
  isInTable,
  selectedRect,
} from "prosemirror-tables";
import { icon } from "./icons.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;

const around = (state, type) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type === type) return { node: $from.node(depth), depth };
  return null;
};

const hasMark = (state, type) => {
  const { from, to, empty, $from } = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
};

const isHeading = (level) => (state) => {
  const { parent } = state.selection.$from;
  return parent.type === nodes.heading && parent.attrs.level === level;
};

export const toggleHeading = (level) => (state, dispatch) =>
  isHeading(level)(state)
    ? setBlockType(nodes.paragraph)(state, dispatch)
    : setBlockType(nodes.heading, { level })(state, dispatch);

const listAround = (state) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    const node = $from.node(depth);
    if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) return { node, position: $from.before(depth) };
  }
  return null;
};

export const toggleList = (type) => (state, dispatch, view) => {
  const list = listAround(state);
  if (!list) return wrapInList(type)(state, dispatch, view);
  if (list.node.type === type) return liftListItem(nodes.list_item)(state, dispatch, view);
  dispatch?.(state.tr.setNodeMarkup(list.position, type));
  return true;
};

const toggleQuote = (state, dispatch) =>
  around(state, nodes.blockquote) ? lift(state, dispatch) : wrapIn(nodes.blockquote)(state, dispatch);

const insertTable = (state, dispatch) => {
  if (isInTable(state) || state.selection.$from.parent.type === nodes.code_block) return false;
  if (!dispatch) return true;
  const row = (type) => nodes.table_row.create(null, [0, 1, 2].map(() => type.createAndFill()));
  const table = nodes.table.create(null, [row(nodes.table_header), row(nodes.table_cell), row(nodes.table_cell)]);
  const transaction = state.tr.replaceSelectionWith(table);
  // The table stands where the cursor was, or behind the paragraph that it stood in.
  let place = null;
  transaction.doc.descendants((node, position) => {
    if (node === table || (node.type === nodes.table && position >= transaction.mapping.map(state.selection.from, -1) - 2 && place === null)) place = position;
    return place === null;
  });
  if (place !== null) transaction.setSelection(TextSelection.near(transaction.doc.resolve(place + 3)));
  dispatch(transaction.scrollIntoView());
  return true;
};

// The row of headings stays: a table of Markdown has one.
const deleteBodyRow = (state, dispatch) => {
  if (!isInTable(state) || selectedRect(state).top === 0) return false;
  return deleteRow(state, dispatch);
};

const inTable = (state) => isInTable(state);
const inList = (state) => Boolean(listAround(state));

// What the bar offers. `asks` are what the editor itself does: it needs an answer first.
const items = (asks) => [
  { name: "Undo", icon: "undo", keys: "Control+Z", run: undo, can: (state) => undoDepth(state) > 0 },
  { name: "Redo", icon: "redo", keys: "Control+Y", run: redo, can: (state) => redoDepth(state) > 0 },
  null,
  { name: "Heading", text: "Heading", run: toggleHeading(2), is: isHeading(2) },
  { name: "Subheading", text: "Subheading", run: toggleHeading(3), is: isHeading(3) },
  null,
  { name: "Bold", icon: "bold", keys: "Control+B", run: toggleMark(marks.strong), is: (state) => hasMark(state, marks.strong) },
  { name: "Italic", icon: "italic", keys: "Control+I", run: toggleMark(marks.em), is: (state) => hasMark(state, marks.em) },
  null,
  { name: "Bulleted list", icon: "bullets", run: toggleList(nodes.bullet_list), is: (state) => listAround(state)?.node.type === nodes.bullet_list },
  { name: "Numbered list", icon: "numbers", run: toggleList(nodes.ordered_list), is: (state) => listAround(state)?.node.type === nodes.ordered_list },
  { name: "Quotation", icon: "quote", run: toggleQuote, is: (state) => Boolean(around(state, nodes.blockquote)) },
  null,
  { name: "Link", icon: "link", keys: "Control+K", run: asks.link, is: (state) => hasMark(state, marks.link) },
  { name: "Image", icon: "image", run: asks.image, is: (state) => state.selection instanceof NodeSelection && state.selection.node.type === nodes.image },
  { name: "Table", icon: "table", run: insertTable },
  null,
  { name: "Indent", text: "Indent", keys: "Control+]", run: sinkListItem(nodes.list_item), when: inList },
  { name: "Outdent", text: "Outdent", keys: "Control+[", run: liftListItem(nodes.list_item), when: inList },
  { name: "Add a row", text: "Add a row", run: addRowAfter, when: inTable },
  { name: "Add a column", text: "Add a column", run: addColumnAfter, when: inTable },
  { name: "Delete the row", text: "Delete the row", run: deleteBodyRow, when: inTable },
  { name: "Delete the column", text: "Delete the column", run: deleteColumn, when: inTable },
  { name: "Delete the table", text: "Delete the table", run: deleteTable, when: inTable },
];

export class Toolbar {
  constructor(controls, asks, toggle) {
    this.dom = document.createElement("div");
    this.dom.className = "writing-bar";
    this.dom.setAttribute("role", "toolbar");
    this.dom.setAttribute("aria-label", "Formatting");
    this.dom.setAttribute("aria-controls", controls);
    this.buttons = [];
    const row = document.createElement("div");
    row.className = "writing-row";
    let group;
    for (const item of [null, ...items(asks)]) {
      if (!item) {
        group = document.createElement("span");
        group.className = "writing-group";
        row.append(group);
        continue;
      }
      const button = this.button(item.name, item.text, item.icon);
      if (item.keys) {
        button.setAttribute("aria-keyshortcuts", item.keys);
        button.title = `${item.name} (${item.keys.replace("Control", "Ctrl")})`;
      } else {
        button.title = item.name;
      }
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "true") return;
        item.run(this.view.state, this.view.dispatch, this.view);
        if (!item.run.asks) this.view.focus();
      });
      this.buttons.push({ button, item });
      group.append(button);
    }
    this.toggle = this.button("Plain text", "Plain text");
    this.toggle.setAttribute("aria-pressed", "false");
    this.toggle.classList.add("writing-toggle");
    this.toggle.addEventListener("click", toggle);
    row.append(this.toggle);
    // The last group, what can be done in a list or table, is a row of its own: on a small screen it alone stays in sight.
    this.here = group;
    this.here.classList.add("writing-here");
    this.dom.append(row, this.here);
    this.current = this.buttons[0].button;
    this.dom.addEventListener("keydown", (event) => this.move(event));
    this.dom.addEventListener("focusin", (event) => this.stopAt(event.target));
  }

  button(name, text, picture) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    if (picture) {
      button.append(icon(picture));
      button.setAttribute("aria-label", name);
    } else {
      button.textContent = text;
    }
    // The selection in the text stays where it is.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    return button;
  }

  reachable() {
    return [...this.dom.querySelectorAll("button")].filter((button) => !button.closest("[hidden]"));
  }

  stopAt(button) {
    if (!(button instanceof HTMLButtonElement)) return;
    for (const other of this.dom.querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
    this.current = button;
  }

  move(event) {
    const all = this.reachable();
    const at = all.indexOf(document.activeElement);
    const to = {
      ArrowRight: (at + 1) % all.length,
      ArrowLeft: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (event.key === "Escape") this.view?.focus();
    else if (to === undefined) return;
    else all[to].focus();
    event.preventDefault();
  }

  focus() {
    this.current.focus();
  }

  // Shows what is on at the cursor, and what can be done there. Without a view the text is plain, and nothing can.
  update(view) {
    this.view = view;
    for (const { button, item } of this.buttons) {
      button.hidden = !view || Boolean(item.when && !item.when(view.state));
      if (!view) continue;
      if (item.is) button.setAttribute("aria-pressed", String(item.is(view.state)));
      const can = item.can ? item.can(view.state) : item.run.asks || item.run(view.state) || item.is?.(view.state);
      button.setAttribute("aria-disabled", String(!can));
    }
    for (const group of this.dom.querySelectorAll(".writing-group")) group.hidden = [...group.children].every((one) => one.hidden);
    this.toggle.setAttribute("aria-pressed", String(!view));
    const all = this.reachable();
    if (!all.includes(this.current)) this.stopAt(all[0]);
    else this.stopAt(this.current);
  }
}
