// Markdown to a document and back. What stands in a text and cannot come back unharmed is not taken in: the text stays a text.
import MarkdownIt from "markdown-it";
import { Fragment } from "prosemirror-model";
import { MarkdownParser, MarkdownSerializerState, defaultMarkdownParser, defaultMarkdownSerializer } from "prosemirror-markdown";
import { schema } from "./schema.js";

const COMMENT = /^\s*<!--([\s\S]*?)-->\s*$/;

const tokenizer = new MarkdownIt("commonmark", { html: true, linkify: true }).enable(["table", "strikethrough", "linkify"]);
// Addresses stay as they were typed, whatever they are: the server says where links may lead.
tokenizer.normalizeLink = (address) => address;
tokenizer.normalizeLinkText = (text) => text;
tokenizer.validateLink = () => true;
// Words with a dot in them are no addresses.
tokenizer.linkify.set({ fuzzyLink: false, fuzzyIP: false });

// Comments get tokens of their own, and the words of a cell a line of their own.
tokenizer.core.ruler.push("ours", (state) => {
  const tokens = [];
  for (const token of state.tokens) {
    const comment = token.type === "html_block" && COMMENT.exec(token.content);
    if (comment && !comment[1].includes("<!--")) {
      // An empty one only stands between two lists, to keep them apart.
      if (!comment[1].trim()) continue;
      token.type = "comment";
      token.meta = comment[1];
      token.content = "";
    }
    const last = tokens.at(-1);
    const inCell = token.type === "inline" && (last?.type === "th_open" || last?.type === "td_open");
    if (!inCell) {
      tokens.push(token);
      continue;
    }
    const open = new state.Token("cell_text_open", "", 1);
    const close = new state.Token("cell_text_close", "", -1);
    open.hidden = close.hidden = true;
    tokens.push(open, token, close);
  }
  state.tokens = tokens;
});

// The library forgets what is escaped within an image.
const altOf = (token) =>
  token.children ? token.children.map(altOf).join("") : /break$/.test(token.type) ? " " : token.nesting ? "" : token.content;

const cell = (token) => ({ align: /text-align:(\w+)/.exec(token.attrGet("style") ?? "")?.[1] ?? null });

// Whether the items of a list follow one another without blank lines.
const isTight = (tokens, start) => {
  const { level } = tokens[start];
  for (let at = start + 1; tokens[at].level > level; at++) {
    if (tokens[at].type === "paragraph_open" && tokens[at].level === level + 2) return tokens[at].hidden;
  }
  return true;
};

const parser = new MarkdownParser(schema, tokenizer, {
  ...defaultMarkdownParser.tokens,
  bullet_list: { block: "bullet_list", getAttrs: (_, tokens, at) => ({ tight: isTight(tokens, at) }) },
  ordered_list: {
    block: "ordered_list",
    getAttrs: (token, tokens, at) => ({ order: Number(token.attrGet("start") ?? 1), tight: isTight(tokens, at) }),
  },
  table: { block: "table" },
  thead: { ignore: true },
  tbody: { ignore: true },
  tr: { block: "table_row" },
  th: { block: "table_header", getAttrs: cell },
  td: { block: "table_cell", getAttrs: cell },
  cell_text: { block: "cell_text" },
  comment: { node: "comment", noCloseToken: true, getAttrs: (token) => ({ text: token.meta }) },
  image: {
    node: "image",
    getAttrs: (token) => ({
      src: token.attrGet("src"),
      alt: altOf(token),
      title: token.attrGet("title"),
    }),
  },
  s: { mark: "strike" },
});

// What a block was before anybody touched it. Blocks are never changed, only replaced: one that is still the same is written as
// it was, so that the difference between two texts is what somebody has written.
const sources = new WeakMap();

class State extends MarkdownSerializerState {
  constructor() {
    super(nodes, marks, { hardBreakNodeName: "hard_break" });
  }

  // What Markdown would read as its own. More than the library knows: HTML, character references, and what begins a block after
  // a line break.
  esc(text, atStart = false) {
    const starts = atStart || /\n[ >]*$/.test(this.out.slice(-40));
    const within = (at) => /\w/.test(text[at - 1] ?? "") && /\w/.test(text[at + 1] ?? "");
    const escaped = (starts ? text.trimStart() : text)
      .replace(/[`*\\~[\]_]/g, (mark, at, all) => (mark === "_" && all === text && within(at) ? mark : `\\${mark}`))
      .replace(/<(?=[a-zA-Z/!?])/g, "\\<")
      .replace(/&(?=#?\w+;)/g, "\\&");
    if (!starts) return escaped;
    return escaped
      .replace(/^(?:[-+>]|#{1,6}|=+)(?=\s|$)/, "\\$&")
      .replace(/^>/, "\\>")
      .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2")
      .replace(/^[|:-][\s|:-]*$/, "\\$&");
  }

  renderContent(parent) {
    parent.forEach((node, _, index) => {
      const source = sources.get(node);
      if (source !== undefined && parent.type === schema.nodes.doc) {
        keepListsApart(this, node);
        this.write(source);
        this.closeBlock(node);
      } else {
        this.render(node, parent, index);
      }
    });
  }
}

// Two lists of a kind would be one: an empty comment stands between them.
const keepListsApart = (state, node) => {
  const isList = node.type === schema.nodes.bullet_list || node.type === schema.nodes.ordered_list;
  if (!isList || state.closed?.type !== node.type) return;
  state.write("<!-- -->");
  state.closeBlock({ type: null });
};

const inCell = (line) => {
  const state = new State();
  state.renderInline(line, false);
  return state.out.replace(/\|/g, "\\|").replace(/\s+/g, " ").trim();
};

const RULES = { left: ":--", center: ":-:", right: "--:" };

const address = (text) => text.replace(/[\s<>]/g, encodeURIComponent).replace(/[()"\\]/g, "\\$&");
const title = (text) => (text ? ` "${text.replace(/["\\]/g, "\\$&")}"` : "");

const nodes = {
  ...defaultMarkdownSerializer.nodes,
  heading(state, node) {
    state.write(`${"#".repeat(node.attrs.level)} `);
    state.renderInline(node, false);
    state.out = state.out.replace(/(\s)(#+)$/, "$1\\$2");
    state.closeBlock(node);
  },
  bullet_list(state, node) {
    keepListsApart(state, node);
    state.renderList(node, "  ", () => "- ");
  },
  ordered_list(state, node) {
    keepListsApart(state, node);
    const start = node.attrs.order ?? 1;
    const width = String(start + node.childCount - 1).length + 2;
    state.renderList(node, " ".repeat(width), (index) => `${start + index}. `.padEnd(width));
  },
  comment(state, node) {
    state.text(`<!--${node.attrs.text}-->`, false);
    state.closeBlock(node);
  },
  table(state, node) {
    const row = (cells) => state.write(`| ${cells.join(" | ")} |`);
    node.forEach((line, _, index) => {
      const cells = line.content.content;
      if (index > 0) state.ensureNewLine();
      row(cells.map((one) => inCell(one.firstChild)));
      if (index === 0) {
        state.ensureNewLine();
        row(cells.map((one) => RULES[one.attrs.align] ?? "---"));
      }
    });
    state.closeBlock(node);
  },
  image(state, { attrs }) {
    state.write(`![${state.esc(attrs.alt)}](${address(attrs.src)}${title(attrs.title)})`);
  },
};

const { link } = defaultMarkdownSerializer.marks;
const marks = {
  ...defaultMarkdownSerializer.marks,
  strike: { open: "~~", close: "~~", mixable: true, expelEnclosingWhitespace: true },
  link: {
    ...link,
    close(state, mark, parent, index) {
      const wasAddress = state.inAutolink;
      const closed = link.close(state, mark, parent, index);
      return wasAddress ? closed : `](${address(mark.attrs.href)}${title(mark.attrs.title)})`;
    },
  },
};

// A document as Markdown.
export const write = (doc) => {
  const state = new State();
  state.renderContent(doc);
  const text = state.out.replace(/^\n+/, "").trimEnd();
  return text ? `${text}\n` : "";
};

// What a line says, and in which marks: runs of words with the marks on them, in whatever order these were written.
const lineEssence = (children) => {
  const runs = [];
  const open = [];
  const add = (text, marks) => {
    const key = [...new Set(marks)].sort().join();
    if (runs.length > 0 && runs.at(-1)[0] === key) runs.at(-1)[1] += text;
    else runs.push([key, text]);
  };
  for (const token of children) {
    const { type, content } = token;
    if (type === "text" || type === "code_inline") {
      const marks = type === "text" ? open : [...open, "code"];
      // Whether a space is bold nobody sees.
      for (const word of content.split(/(\s+)/)) if (word) /\S/.test(word) ? add(word, marks) : add(" ", []);
    } else if (type === "softbreak") add(" ", []);
    else if (type === "hardbreak") add("\n", []);
    else if (type === "image") add(JSON.stringify([token.attrGet("src"), altOf(token), token.attrGet("title")]), ["image"]);
    else if (token.nesting === 1) open.push(JSON.stringify([token.tag, token.attrs]));
    else if (token.nesting === -1) open.pop();
    else add(content, [type]);
  }
  return runs.map(([marks, text]) => [marks, text.replace(/ +/g, " ")]).filter(([, text]) => text);
};

// What readers would see of a text, whatever its source looks like.
const essence = (markdown) =>
  JSON.stringify(
    tokenizer.parse(markdown, {}).map((token) => {
      if (token.type === "inline") return lineEssence(token.children);
      const { type, tag, attrs, hidden, content, info, meta } = token;
      return [type === "code_block" ? "fence" : type, type === "code_block" ? "code" : tag, attrs, hidden, content, info, meta];
    }),
  );

// Why a text cannot be taken in; nothing when it can.
const obstacle = (tokens, references) => {
  if (Object.keys(references ?? {}).length > 0) return "it has addresses of links collected at its end";
  for (const token of tokens) {
    const all = [token, ...(token.children ?? [])];
    for (const { type, content } of all) {
      if (type === "html_block" || type === "html_inline") {
        return content.includes("<!--") ? "it has a note to writers within a paragraph" : "it has HTML tags in it";
      }
      if (type === "text" && /(^|[^~])~[^~\s]([^~\n]*[^~\s])?~(?!~)/.test(content)) return "it has words between single tildes";
    }
  }
  return null;
};

// Below a note to the author there is room to write.
const withRoom = (doc) => {
  const blocks = [];
  doc.forEach((node, _, index) => {
    blocks.push(node);
    const next = doc.maybeChild(index + 1)?.type;
    if (node.type === schema.nodes.comment && next !== schema.nodes.paragraph && next !== schema.nodes.comment) {
      blocks.push(schema.nodes.paragraph.create());
    }
  });
  return doc.copy(Fragment.from(blocks));
};

// Markdown as a document, or the reason why it stays a text: `{ doc }` or `{ reason }`.
export const read = (markdown) => {
  const text = markdown.replace(/\r\n?/g, "\n");
  const env = {};
  const tokens = tokenizer.parse(text, env);
  const reason = obstacle(tokens, env.references);
  if (reason) return { reason };
  const doc = parser.parse(text);
  const expected = essence(text);
  if (essence(write(doc)) !== expected) return { reason: "it has a form that only plain text can keep" };
  const lines = text.split("\n");
  const blocks = tokens.filter((token) => token.level === 0 && token.nesting >= 0 && token.map && token.type !== "inline");
  if (blocks.length === doc.childCount) {
    blocks.forEach((token, index) => {
      if (token.type !== "code_block") sources.set(doc.child(index), lines.slice(...token.map).join("\n").trimEnd());
    });
    if (essence(write(doc)) !== expected) doc.forEach((node) => sources.delete(node));
  }
  return { doc: withRoom(doc) };
};

// Markdown by way of a document in which every block was touched.
export const roundTrip = (markdown) => {
  const { doc, reason } = read(markdown);
  if (reason) return { reason };
  doc.forEach((node) => sources.delete(node));
  return { markdown: write(doc) };
};
