// What a text can hold: just what our Markdown knows (CommonMark with tables and struck-out text; src/domain/markdown.rs).
import { Schema } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";

// Where links may lead: what the site lets through. Others are kept in the text, and lead nowhere.
export const isLink = (href) => /^(https?:\/\/|mailto:)/i.test(href) || (/^\//.test(href) && !/^\/[/\\]/.test(href));

// The images of our library.
export const isOurs = (src) => /^\/images\/[0-9a-f]{32}\.(png|jpg|webp)$/.test(src);

const alignment = {
  default: null,
  getFromDOM: (dom) => dom.getAttribute("align"),
  setDOMAttr: (value, attributes) => {
    if (value) attributes.align = value;
  },
};

const tables = tableNodes({ tableGroup: "block", cellContent: "cell_text", cellAttributes: { align: alignment } });

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { content: "inline*", group: "block", parseDOM: [{ tag: "p" }], toDOM: () => ["p", 0] },
    heading: {
      attrs: { level: { default: 2 } },
      content: "(text | image)*",
      group: "block",
      defining: true,
      parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
      toDOM: (node) => [`h${node.attrs.level}`, 0],
    },
    blockquote: {
      content: "block+",
      group: "block",
      defining: true,
      parseDOM: [{ tag: "blockquote" }],
      toDOM: () => ["blockquote", 0],
    },
    horizontal_rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
    code_block: {
      content: "text*",
      marks: "",
      group: "block",
      code: true,
      defining: true,
      attrs: { params: { default: "" } },
      parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
      toDOM: () => ["pre", ["code", 0]],
    },
    ordered_list: {
      content: "list_item+",
      group: "block",
      attrs: { order: { default: 1 }, tight: { default: true } },
      parseDOM: [{ tag: "ol", getAttrs: (dom) => ({ order: Number(dom.getAttribute("start") || 1) }) }],
      toDOM: (node) => (node.attrs.order === 1 ? ["ol", 0] : ["ol", { start: node.attrs.order }, 0]),
    },
    bullet_list: {
      content: "list_item+",
      group: "block",
      attrs: { tight: { default: true } },
      parseDOM: [{ tag: "ul" }],
      toDOM: () => ["ul", 0],
    },
    list_item: { content: "block+", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    // A comment: a word to the author, such as those of the outline of a case study. Readers never see it.
    comment: {
      group: "block",
      atom: true,
      attrs: { text: { default: "" } },
      parseDOM: [{ tag: "p.writer-note", priority: 60, getAttrs: (dom) => ({ text: ` ${dom.textContent} ` }) }],
      toDOM: (node) => ["p", { class: "writer-note", contenteditable: "false" }, node.attrs.text.trim()],
      leafText: () => "",
    },
    ...tables,
    // The line in a cell. Not a paragraph: a cell of Markdown has neither several nor line breaks.
    cell_text: { content: "(text | image)*", toDOM: () => ["div", 0] },
    text: { group: "inline" },
    image: {
      inline: true,
      group: "inline",
      draggable: true,
      attrs: { src: {}, alt: { default: "" }, title: { default: null } },
      parseDOM: [
        {
          tag: "img[src]",
          getAttrs: (dom) => ({ src: dom.getAttribute("src"), alt: dom.getAttribute("alt") || "", title: dom.getAttribute("title") }),
        },
      ],
      toDOM: ({ attrs: { src, alt, title } }) => [
        "img",
        { src, alt, ...(title && { title }), ...(!(alt.trim() && isOurs(src)) && { class: "to-mend" }) },
      ],
    },
    hard_break: { inline: true, group: "inline", selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
  },
  marks: {
    link: {
      attrs: { href: {}, title: { default: null } },
      inclusive: false,
      parseDOM: [
        { tag: "a[href]", getAttrs: (dom) => ({ href: dom.getAttribute("href"), title: dom.getAttribute("title") }) },
      ],
      toDOM: ({ attrs: { href, title } }) => ["a", { ...(isLink(href) && { href }), ...(title && { title }) }, 0],
    },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => ["strong", 0] },
    strike: { parseDOM: [{ tag: "del" }, { tag: "s" }, { tag: "strike" }], toDOM: () => ["del", 0] },
    code: { parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
  },
});
