// What is pasted: from Word and from web pages structure is kept and dirt is dropped; from plain text, Markdown is understood.
import { Fragment, Slice } from "prosemirror-model";
import { read } from "./markdown.js";
import { isLink, isOurs, schema } from "./schema.js";

const KEPT = {
  a: ["href"],
  img: ["src", "alt"],
  ol: ["start"],
  td: ["align"],
  th: ["align"],
};

const BLOCKS = "p, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, pre, table, div, section, article, header, footer, main, aside, figure, dl, dt, dd";

const unwrap = (element) => element.replaceWith(...element.childNodes);

const renamed = (element, name) => {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  for (const { name: attribute, value } of element.attributes) other.setAttribute(attribute, value);
  element.replaceWith(other);
  return other;
};

const style = (element) => (element.getAttribute("style") ?? "").toLowerCase();

// What is no text: styles, scripts, Office's own elements, comments (conditional ones are comments, too).
const dropDirt = (body) => {
  for (const element of body.querySelectorAll("style, script, noscript, template, meta, link, title, xml, svg, iframe, object, button, input, select, textarea, nav")) {
    element.remove();
  }
  // What somebody struck out while changes were tracked.
  for (const element of body.querySelectorAll("del[cite], .msoDel, [style*='mso-element:comment']")) element.remove();
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
  for (const element of [...body.querySelectorAll("*")]) {
    if (!element.localName.includes(":")) continue;
    // <o:p> and <st1:place> hold text; <w:data> and the like do not.
    if (/^(o|st1):/.test(element.localName)) unwrap(element);
    else element.remove();
  }
  for (const element of body.querySelectorAll("[hidden], [aria-hidden='true'], [style]")) {
    if (element.matches("[style]:not([hidden], [aria-hidden='true'])") && !/display:\s*none|mso-hide:\s*all/.test(style(element))) continue;
    element.remove();
  }
};

const ORDERED = /^\(?(\d+|[a-z]|[ivxlc]+)[.)]/i;

// Word writes lists as paragraphs, each with its level in its style, and its mark as text.
const wordLists = (body) => {
  const isItem = (element) => /mso-list:\s*l\d+/.test(style(element)) && element.localName !== "li";
  const items = [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div")].filter(isItem);
  const done = new Set();
  for (const first of items) {
    if (done.has(first)) continue;
    const run = [];
    for (let next = first; next && isItem(next); next = next.nextElementSibling) run.push(next);
    // Open lists, the outermost first.
    const open = [];
    const place = body.ownerDocument.createElement("div");
    first.before(place);
    for (const item of run) {
      done.add(item);
      const level = Math.max(1, Number(/level(\d+)/.exec(style(item))?.[1] ?? 1));
      const mark = [...item.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/.test(style(span)));
      const marker = (mark?.textContent ?? "").trim();
      mark?.remove();
      const name = ORDERED.test(marker) ? "ol" : "ul";
      while (open.length > level || (open.length === level && open.at(-1).localName !== name)) open.pop();
      while (open.length < level) {
        const list = body.ownerDocument.createElement(name);
        const start = Number.parseInt(marker, 10);
        if (name === "ol" && start > 1) list.setAttribute("start", start);
        const parent = open.at(-1);
        if (!parent) place.append(list);
        else if (parent.lastElementChild) parent.lastElementChild.append(list);
        else {
          const step = body.ownerDocument.createElement("li");
          step.append(list);
          parent.append(step);
        }
        open.push(list);
      }
      const step = body.ownerDocument.createElement("li");
      const line = body.ownerDocument.createElement("p");
      line.append(...item.childNodes);
      step.append(line);
      open.at(-1).append(step);
      item.remove();
    }
    unwrap(place);
  }
  // A list right in a list belongs to the item before it.
  for (const list of body.querySelectorAll("ul > ul, ul > ol, ol > ul, ol > ol")) {
    if (list.previousElementSibling?.localName === "li") list.previousElementSibling.append(list);
  }
};

// Bold and italics that are said in styles only; and what says the contrary of its name.
const emphasis = (body) => {
  for (const element of body.querySelectorAll("b, strong, i, em")) {
    if (/(?<![\w-])(font-weight:\s*(normal|400)|font-style:\s*normal)/.test(style(element))) unwrap(element);
  }
  for (const element of body.querySelectorAll("span")) {
    const said = style(element);
    if (/font-weight:\s*(bold|[6-9]00)/.test(said)) renamed(element, "strong");
    else if (/font-style:\s*italic/.test(said)) renamed(element, "em");
    else if (/text-decoration:[^;]*line-through/.test(said)) renamed(element, "del");
  }
  for (const element of body.querySelectorAll("p.MsoTitle, p[class*='Heading1']")) renamed(element, "h1");
};

// Headings are bold by themselves.
const plainHeadings = (body) => {
  for (const bold of body.querySelectorAll(["h1", "h2", "h3", "h4", "h5", "h6", "th"].map((name) => `${name} :is(b, strong)`).join())) unwrap(bold);
};

// The title of an article is its highest heading: those of its text begin one level lower.
const headings = (body) => {
  if (!body.querySelector("h1")) return;
  for (let level = 5; level >= 1; level--) {
    for (const heading of body.querySelectorAll(`h${level}`)) renamed(heading, `h${level + 1}`);
  }
};

// A table of Markdown has a first row of headings, as many cells in each row, and a line of text in each cell.
const tables = (body) => {
  for (const inner of body.querySelectorAll("table table")) inner.replaceWith(inner.textContent);
  for (const table of body.querySelectorAll("table")) {
    const rows = [...table.querySelectorAll("tr")].filter((row) => row.textContent.trim() || row.querySelector("img"));
    const width = Math.max(0, ...rows.map((row) => [...row.children].reduce((sum, cell) => sum + (cell.colSpan || 1), 0)));
    if (rows.length === 0 || width < 2) {
      // One column is no table: it holds a page together.
      table.replaceWith(...rows.flatMap((row) => [...row.children].flatMap((cell) => [...cell.childNodes])));
      continue;
    }
    const fresh = body.ownerDocument.createElement("table");
    // What reaches down from rows above, by column.
    const reaching = new Array(width).fill(0);
    rows.forEach((row, index) => {
      const line = fresh.insertRow();
      const add = (cell) => {
        const made = body.ownerDocument.createElement(index === 0 ? "th" : "td");
        if (cell) {
          const align = cell.getAttribute("align") ?? /text-align:\s*(center|right)/.exec(style(cell))?.[1] ?? "";
          if (/^(center|right)$/i.test(align)) made.setAttribute("align", align.toLowerCase());
          for (const block of [...cell.querySelectorAll(`${BLOCKS}, br`)]) {
            block.before(" ");
            block.after(" ");
            if (block.localName === "br") block.remove();
            else unwrap(block);
          }
          made.append(...cell.childNodes);
        }
        line.append(made);
      };
      const cells = [...row.children];
      for (let column = 0; column < width; column++) {
        if (reaching[column] > 0) {
          reaching[column]--;
          add(null);
          continue;
        }
        const cell = cells.shift();
        add(cell);
        const span = Math.min(cell?.colSpan || 1, width - column);
        for (let more = 0; more < span; more++) {
          reaching[column + more] = Math.max(0, (cell?.rowSpan || 1) - 1);
          if (more > 0) add(null);
        }
        column += span - 1;
      }
    });
    table.replaceWith(fresh);
  }
};

const links = (body, origin) => {
  for (const link of body.querySelectorAll("a")) {
    let href = (link.getAttribute("href") ?? "").trim();
    if (href.startsWith(`${origin}/`)) href = href.slice(origin.length);
    if (isLink(href)) link.setAttribute("href", href);
    else unwrap(link);
  }
};

// Images of our library stay. Others are left out, and counted: each has to be looked at before it is brought here.
const images = (body, origin) => {
  let left = 0;
  for (const image of body.querySelectorAll("img")) {
    let src = image.getAttribute("src") ?? "";
    if (src.startsWith(`${origin}/`)) src = src.slice(origin.length);
    if (isOurs(src)) {
      image.setAttribute("src", src);
      continue;
    }
    // Specks that count readers are no loss.
    if (!(Number(image.getAttribute("width")) === 1)) left++;
    image.remove();
  }
  return left;
};

// Spaces that keep a line together, soft hyphens, marks of bullets in fonts of their own.
const characters = (body) => {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    node.data = node.data.replace(/[\u00ad\u200b-\u200d\u2060\ufeff\ue000-\uf8ff]/g, "").replace(/\u00a0/g, " ");
  }
};

const attributes = (body) => {
  for (const element of body.querySelectorAll("*")) {
    const kept = KEPT[element.localName] ?? [];
    for (const { name } of [...element.attributes]) if (!kept.includes(name)) element.removeAttribute(name);
  }
};

const empties = (body) => {
  for (const element of [...body.querySelectorAll("strong, b, em, i, del, s, a, code, span, p, li, h1, h2, h3, h4, h5, h6, blockquote, ul, ol, div")].reverse()) {
    if (!element.textContent.trim() && !element.querySelector("img, hr, table")) {
      if (element.textContent && /^(strong|b|em|i|del|s|a|code|span)$/.test(element.localName)) element.replaceWith(" ");
      else element.remove();
    }
  }
};

// HTML of wherever, as HTML that holds only what our texts can hold: `{ html, left }`, with the number of images left out.
export const clean = (html, origin = "") => {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  dropDirt(body);
  wordLists(body);
  emphasis(body);
  headings(body);
  tables(body);
  plainHeadings(body);
  links(body, origin);
  const left = images(body, origin);
  characters(body);
  attributes(body);
  empties(body);
  return { html: body.innerHTML, left };
};

const MARKDOWN = /^ {0,3}(#{1,6} |[-*+] |\d+[.)] |> |```|\|.*\|\s*$)|!?\[[^\]\n]+\]\([^)\s]+\)|\*\*[^*\n]+\*\*/m;

// Text that is pasted: Markdown, bullets typed by hand, or lines.
export const textToSlice = (text) => {
  const tidy = text.replace(/\r\n?/g, "\n").replace(/^[ \t]*[•·▪◦‣][ \t]+/gm, "- ");
  if (MARKDOWN.test(tidy)) {
    const { doc } = read(tidy);
    if (doc) return new Slice(doc.content, doc.firstChild?.isTextblock ? 1 : 0, doc.lastChild?.isTextblock ? 1 : 0);
  }
  const paragraphs = tidy.split(/\n+/).filter((line) => line.trim());
  const blocks = paragraphs.map((line) => schema.nodes.paragraph.create(null, schema.text(line.trim())));
  return new Slice(Fragment.from(blocks), blocks.length ? 1 : 0, blocks.length ? 1 : 0);
};
