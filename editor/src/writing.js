// The editor in a form. The text field stays, and stays what is sent: the editor writes Markdown into it.
import { baseKeymap, chainCommands, exitCode, toggleMark } from "prosemirror-commands";
import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history, redo, undo } from "prosemirror-history";
import { InputRule, inputRules, textblockTypeInputRule, undoInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { liftListItem, sinkListItem, splitListItem } from "prosemirror-schema-list";
import { EditorState, NodeSelection, Plugin, TextSelection } from "prosemirror-state";
import { addRowAfter, goToNextCell, isInTable, selectedRect, tableEditing } from "prosemirror-tables";
import { Decoration, DecorationSet, EditorView } from "prosemirror-view";
import { askForImage, askForLink } from "./dialogs.js";
import { read, write } from "./markdown.js";
import { clean, textToSlice } from "./paste.js";
import { schema } from "./schema.js";
import { Toolbar, toggleHeading, toggleList } from "./toolbar.js";

const { nodes, marks } = schema;

// The words of a whole document are written out at most this often, in milliseconds.
const PAUSE = 150;

// Words between marks become what the marks say, as those who know Markdown type them.
const markRule = (pattern, type) =>
  new InputRule(pattern, (state, [, before, words], start, end) => {
    if (state.selection.$from.parent.type === nodes.code_block) return null;
    const from = start + before.length;
    const marked = schema.text(words, type.create().addToSet(state.selection.$from.marks()));
    return state.tr.replaceWith(from, end, marked).removeStoredMark(type);
  });

const rules = inputRules({
  rules: [
    textblockTypeInputRule(/^(#{2,4})\s$/, nodes.heading, ([, marks]) => ({ level: marks.length })),
    wrappingInputRule(/^\s*([-+*•])\s$/, nodes.bullet_list),
    wrappingInputRule(/^(\d{1,3})[.)]\s$/, nodes.ordered_list, ([, number]) => ({ order: Number(number) })),
    wrappingInputRule(/^\s*>\s$/, nodes.blockquote),
    markRule(/(^|[^*])\*\*([^\s*](?:[^*]*[^\s*])?)\*\*$/, marks.strong),
    markRule(/(^|[^*\w])\*([^\s*](?:[^*]*[^\s*])?)\*$/, marks.em),
  ],
});

const lineBreak = chainCommands(exitCode, (state, dispatch) => {
  if (!state.selection.$from.parent.type.contentMatch.matchType(nodes.hard_break)) return false;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
});

// In a table, Enter goes down; from the last row, to a new one.
const down = (state, dispatch, view) => {
  if (!isInTable(state)) return false;
  const { map, tableStart, bottom, left } = selectedRect(state);
  if (bottom >= map.height) return addRowAfter(state, dispatch, view) && down(view.state, dispatch, view);
  const cell = tableStart + map.map[bottom * map.width + left];
  dispatch?.(state.tr.setSelection(TextSelection.near(state.doc.resolve(cell + 1))).scrollIntoView());
  return true;
};

export class Writing {
  constructor(field) {
    this.field = field;
    this.label = document.querySelector(`label[for="${field.id}"]`);
    this.hint = document.getElementById(`${field.id}-hint`);
    this.images = field.dataset.editor;
    this.id = `${field.id}-editor`;
    this.dom = document.createElement("div");
    this.dom.className = "writing";
    this.said = document.createElement("p");
    this.said.className = "writing-said";
    this.said.id = `${this.id}-said`;
    this.said.setAttribute("role", "status");
    this.place = document.createElement("div");
    // The bar, and below it what is said: both stay in sight over a long text.
    this.head = document.createElement("div");
    this.head.className = "writing-head";
    this.asks = { link: () => this.askForLink(), image: () => this.askForImage() };
    this.asks.link.asks = this.asks.image.asks = true;
    this.bar = new Toolbar(this.id, this.asks, () => this.toggle());
    this.label.id ||= `${field.id}-label`;
    field.before(this.dom);
    this.head.append(this.bar.dom, this.said);
    this.dom.append(this.head, this.place, field);
    this.label.addEventListener("click", () => this.view?.focus());
    document.addEventListener("click", (event) => {
      // The summary of what is wrong leads to the field.
      if (this.view && event.target.closest?.(`a[href="#${field.id}"]`)) this.view.focus();
    });
    field.form.addEventListener("submit", () => this.flush(), true);
    // What may tell who a patient is, to be marked where it stands.
    this.marks = [];
    field.form.addEventListener("writing:marks", ({ detail }) => {
      this.marks = detail.filter((mark) => mark.field === (field.dataset.marked ?? "text"));
      this.view?.dispatch(this.view.state.tr.setMeta("marks", true));
    });
    window.addEventListener("pagehide", () => this.flush());
    // Somebody put another text into the field.
    field.addEventListener("writing:reload", () => this.open());
    // So does the browser on the way back to the page, after the editor has opened: what is in the field is what is sent.
    window.addEventListener("pageshow", () => {
      if (this.view && field.value !== this.stands) this.open();
    });
    this.open();
  }

  // Takes in what stands in the field; if it cannot come back unharmed, it stays a plain text.
  open() {
    const { doc, reason } = read(this.field.value);
    if (reason) {
      this.plain(`This text is shown as plain text, because ${reason}, which the buttons would lose.`);
      return;
    }
    this.close();
    this.stands = this.field.value;
    const writing = this;
    this.view = new EditorView(this.place, {
      // Asked for each time: the bar grows in a table.
      get scrollThreshold() {
        return writing.room(0);
      },
      get scrollMargin() {
        return writing.room(5);
      },
      state: EditorState.create({ doc: doc.childCount ? doc : undefined, schema, plugins: this.plugins() }),
      attributes: () => ({
        id: this.id,
        class: "writing-text prose",
        role: "textbox",
        "aria-multiline": "true",
        "aria-labelledby": this.label.id,
        "aria-describedby": this.said.id,
        spellcheck: "true",
        lang: "en-NZ",
      }),
      dispatchTransaction: (transaction) => {
        this.view.updateState(this.view.state.apply(transaction));
        if (transaction.docChanged) this.changed();
        const height = this.bar.dom.offsetHeight;
        this.bar.update(this.view);
        // A bar that has grown may lie over the cursor.
        if (this.bar.dom.offsetHeight > height) this.view.dispatch(this.view.state.tr.scrollIntoView());
      },
      transformPastedHTML: (html) => {
        const { html: cleaned, left } = clean(html, location.origin);
        if (left > 0) this.say(`${left === 1 ? "An image was" : `${left} images were`} left out. Bring images one by one, with the button Image or by dragging their files here.`);
        return cleaned;
      },
      clipboardTextParser: (text, _, plain) => (plain ? null : textToSlice(text)),
      handlePaste: (_, event) => this.takeFiles(event.clipboardData, null),
      handleDrop: (view, event, __, moved) => {
        if (moved) return false;
        const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
        return this.takeFiles(event.dataTransfer, place?.pos ?? null);
      },
      handleDoubleClickOn: (_, __, node) => {
        if (node.type !== nodes.image) return false;
        this.askForImage();
        return true;
      },
    });
    // What was read and is not changed is not written: a text stays byte for byte as it was.
    this.written = write(this.view.state.doc);
    this.field.hidden = true;
    if (this.hint) this.hint.hidden = true;
    this.say("");
    this.bar.update(this.view);
  }

  plugins() {
    const item = nodes.list_item;
    return [
      rules,
      keymap({
        "Mod-z": undo,
        "Mod-y": redo,
        "Shift-Mod-z": redo,
        Backspace: undoInputRule,
        "Mod-b": toggleMark(marks.strong),
        "Mod-i": toggleMark(marks.em),
        "Mod-k": this.asks.link,
        "Mod-Alt-1": toggleHeading(2),
        "Mod-Alt-2": toggleHeading(3),
        "Shift-Mod-7": toggleList(nodes.ordered_list),
        "Shift-Mod-8": toggleList(nodes.bullet_list),
        "Mod-]": sinkListItem(item),
        "Mod-[": liftListItem(item),
        Enter: chainCommands(down, splitListItem(item)),
        "Shift-Enter": lineBreak,
        "Mod-Enter": lineBreak,
        // Only within a table: everywhere else the Tab key leaves the editor, so that nobody is caught in it.
        Tab: goToNextCell(1),
        "Shift-Tab": goToNextCell(-1),
        "Alt-F10": () => {
          this.bar.focus();
          return true;
        },
      }),
      keymap(baseKeymap),
      history(),
      dropCursor({ color: false, class: "writing-drop" }),
      gapCursor(),
      tableEditing(),
      new Plugin({ props: { decorations: (state) => this.marked(state.doc) } }),
    ];
  }

  marked(doc) {
    if (this.marks.length === 0) return null;
    const found = [];
    doc.descendants((node, position) => {
      if (!node.isTextblock) return;
      const text = node.textBetween(0, node.content.size, "\n", "\n");
      for (const { text: words, why, blocks } of this.marks) {
        for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
          const from = position + 1 + at;
          const attributes = { class: blocks ? "telling blocks" : "telling", title: `This looks like ${why}.` };
          found.push(Decoration.inline(from, from + words.length, attributes));
        }
      }
    });
    return DecorationSet.create(doc, found);
  }

  // How far from the edges of the window the cursor is kept, in pixels: at the top below what stays in sight there.
  room(least) {
    const over = Math.max(this.head.offsetHeight, this.bar.here.offsetHeight + this.said.offsetHeight);
    return { top: over + least, right: least, bottom: least, left: least };
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  // Writes the text into the field, and tells the form.
  flush() {
    clearTimeout(this.timer);
    if (!this.view) return;
    const text = write(this.view.state.doc);
    if (text === this.written) return;
    this.written = text;
    this.field.value = text;
    this.stands = this.field.value;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.view?.destroy();
    this.view = null;
  }

  plain(why) {
    this.close();
    this.field.hidden = false;
    if (this.hint) this.hint.hidden = false;
    this.say(why);
    this.bar.update(null);
  }

  toggle() {
    if (this.view) {
      this.flush();
      this.plain("");
      this.field.focus();
    } else {
      this.open();
      this.view?.focus();
    }
  }

  say(words) {
    this.said.textContent = words;
  }

  async askForLink() {
    const { state } = this.view;
    let { from, to } = state.selection;
    const mark = marks.link.isInSet(state.selection.$from.marks()) ?? marks.link.isInSet(state.doc.nodeAt(from)?.marks ?? []);
    if (mark) ({ from, to } = this.extent(mark, from));
    const answer = await askForLink({ href: mark?.attrs.href, needsText: from === to });
    this.view.focus();
    if (!answer) return true;
    const transaction = this.view.state.tr;
    if (answer.remove) transaction.removeMark(from, to, marks.link);
    else if (from === to) transaction.insert(from, schema.text(answer.text, [marks.link.create({ href: answer.href })]));
    else transaction.removeMark(from, to, marks.link).addMark(from, to, marks.link.create({ href: answer.href }));
    this.view.dispatch(transaction.scrollIntoView());
    return true;
  }

  // From where to where a link goes that stands at a place.
  extent(mark, at) {
    const $at = this.view.state.doc.resolve(at);
    let from = at;
    let to = at;
    $at.parent.forEach((node, offset) => {
      const start = $at.start() + offset;
      const end = start + node.nodeSize;
      if (!mark.isInSet(node.marks)) return;
      if (end === from || (start <= from && end >= from)) from = Math.min(from, start);
      if (start === to || (start <= to && end >= to)) to = Math.max(to, end);
    });
    return { from, to };
  }

  async askForImage(file = null, place = null) {
    const { selection } = this.view.state;
    const selected = selection instanceof NodeSelection && selection.node.type === nodes.image && !file ? selection : null;
    const maxBytes = Number(this.field.dataset.maxBytes) || null;
    const answer = await askForImage({ images: this.images, file, chosen: selected?.node.attrs, maxBytes });
    this.view.focus();
    if (!answer) return true;
    const { tr } = this.view.state;
    if (answer.remove) tr.deleteSelection();
    else if (selected) tr.setNodeMarkup(selected.from, null, { ...selected.node.attrs, ...answer });
    else if (place !== null) tr.insert(Math.min(place, tr.doc.content.size), nodes.image.create(answer));
    else tr.replaceSelectionWith(nodes.image.create(answer), false);
    this.view.dispatch(tr.scrollIntoView());
    return true;
  }

  // Files that are dropped or pasted. A program that pastes text and a picture of it means the text.
  takeFiles(data, place) {
    const files = [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    const html = data?.getData("text/html") ?? "";
    if (files.length === 0 || new DOMParser().parseFromString(html, "text/html").body.textContent.trim()) return false;
    (async () => {
      for (const file of files) await this.askForImage(file, place);
    })();
    return true;
  }
}
