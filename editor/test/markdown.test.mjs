// Markdown through the editor and back: what readers see stays the same, and what cannot stay the same is refused.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { read, roundTrip, write } from "../src/markdown.js";

const reader = new MarkdownIt("commonmark", { html: true, linkify: true }).enable(["table", "strikethrough", "linkify"]);
reader.linkify.set({ fuzzyLink: false });
const seen = (markdown) => reader.render(markdown).replace(/\s+/g, " ").replace(/> </g, "><").replace(/<!--\s*-->/g, "").trim();

const comesBack = (markdown) => {
  const { markdown: back, reason } = roundTrip(markdown);
  assert.equal(reason, undefined, markdown);
  assert.equal(seen(back), seen(markdown), `${markdown}\n---\n${back}`);
  // Once written by the editor, it stays as it is.
  assert.equal(roundTrip(back).markdown, back);
  return back;
};

test("what our Markdown knows comes back", () => {
  for (const text of [
    "",
    "A line.\n",
    "## Heading\n\nText with **bold**, *italic*, `code`, ~~struck~~ and ***both***.",
    "- one\n- two\n  - two and a half\n\n    with a paragraph\n- three\n",
    "3. three\n4. four\n",
    "1. one\n\n   still one\n2. two\n",
    "- a\n\n<!-- -->\n\n- b\n",
    "1. a\n\n<!-- -->\n\n1. b\n",
    "> A quotation\n>\n> of two paragraphs\n",
    "> - list\n> - in a quotation\n",
    "Line one\\\nline two  \nline three\n",
    "![A scan \\[slice 3\\]](/images/0123456789abcdef0123456789abcdef.png)\n",
    "![x](/images/0123456789abcdef0123456789abcdef.png \"A title\")",
    "[A link](https://host.example/a_b?c=d&e=(f)) and <https://host.example/x_y_> and https://host.example/p_q.\n",
    "[mail](mailto:a@practice.example), [here](/articles \"title\")\n",
    "| A | B |\n| :-- | --: |\n| 1 \\| 2 | **x** |\n| | `a` |\n",
    "## B\n\n<!-- Another -->",
    "<!-- A word to the author. -->\n\n## Timeline\n\n<!-- Another,\nof two lines. -->\n",
    "```\ncode  \n\n  more\n```\n",
    "    indented code\n",
    "---\n\n***\n",
    "Setext\n======\n\nTwo\n---\n",
    "1 \\* 2 \\_ 3 \\` 4 \\\\ 5 \\< 6 \\[7\\]\n",
    "A &lt;b&gt; and &amp;amp; and 5 < 6 & 7.\n",
    "**a**b **c** d*e*f\n",
    "Kia ora, Māngere – “quoted”.\n",
  ]) {
    comesBack(text);
  }
});

test("what is typed as text is never taken for markup", () => {
  for (const typed of ["# a", "- a", "+ a", "* a", "> a", "1. a", "1) a", "---", "===", "a | b", "<b>x</b>", "<!-- x -->", "&copy;", "**x**", "[x](y)", "![x](y)", "`x`", "~~x~~", "\\x", "    x", "-5 °C", "+64 9"]) {
    const { doc } = read("x\n");
    const written = write(doc.copy(doc.firstChild.content.constructor.from(doc.type.schema.nodes.paragraph.create(null, doc.type.schema.text(typed)))));
    const again = read(written).doc;
    assert.equal(again.textContent, typed.trim(), written);
    assert.equal(again.firstChild.type.name, "paragraph", written);
  }
});

test("what would be lost keeps the text from the editor, with a word of why", () => {
  for (const [text, why] of [
    ["<b>x</b>", "HTML"],
    ["<div>\n\nx\n\n</div>", "HTML"],
    ["a <!-- note --> b", "note"],
    ["[a]: https://host.example\n\n[a]\n", "links"],
    ["[a]: https://host.example\n", "links"],
    ["some ~struck~ words", "tildes"],
  ]) {
    const { doc, reason } = read(text);
    assert.equal(doc, undefined, text);
    assert.match(reason, new RegExp(why), text);
  }
});

test("a block that nobody touched is written as it was", () => {
  const text = "Setext\n======\n\n* a\n* b\n\nA long\nparagraph __bold__.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
  const { doc } = read(text);
  assert.equal(write(doc), text);
});

test("below a note to the author there is room to write", () => {
  const { doc } = read("## A\n\n<!-- hint -->\n\n## B\n\n<!-- hint -->\n");
  const names = doc.content.content.map((node) => node.type.name);
  assert.deepEqual(names, ["heading", "comment", "paragraph", "heading", "comment", "paragraph"]);
});

test("everything that the service ships comes back", () => {
  const folder = new URL("../../templates/site/", import.meta.url);
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith(".md")) continue;
    const text = readFileSync(new URL(name, folder), "utf8").replace(/^\+\+\+[\s\S]*?\+\+\+\n|^---\n[\s\S]*?\n---\n/, "");
    comesBack(text);
    assert.equal(write(read(text).doc).trim(), text.trim(), name);
  }
});

// Texts put together by chance, from a seed that a failure names.
const random = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};

const PIECES = [
  "word", "Māori", "5 < 6", "a_b_c", "*it*", "**bold**", "***x***", "`c|d`", "[l](https://h.example)", "<https://h.example/a_b>", "~~no~~", "\\*", "&amp;", "!", "1.", "#", "-", "+", ">", "|", "“q”", "x\\\ny", "**a *b* c**",
];

test("texts put together by chance come back or are refused", () => {
  let taken = 0;
  for (let seed = 1; seed <= 3000; seed++) {
    const next = random(seed);
    const pick = (from) => from[Math.floor(next() * from.length)];
    const line = () => Array.from({ length: 1 + Math.floor(next() * 5) }, () => pick(PIECES)).join(pick([" ", " ", " ", ""]));
    const one = () => line().replace(/\\\n/g, " ");
    const block = (depth = 0) =>
      pick([
        line,
        line,
        () => `## ${one()}`,
        () => [1, 2, 3].map(() => `- ${one()}`).join("\n"),
        () => [1, 2].map((n) => `${n}. ${one()}`).join(pick(["\n", "\n\n"])),
        () => (depth > 2 ? line() : `- ${block(depth + 1).replace(/\n/g, "\n  ")}`),
        () => (depth > 2 ? line() : `> ${block(depth + 1).replace(/\n/g, "\n> ")}`),
        () => `| ${one().replace(/\|/g, "")} | b |\n| --- | :-: |\n| ${one().replace(/\|/g, "")} | d |`,
        () => `\`\`\`\n${line()}\n\`\`\``,
        () => "<!-- note -->",
        () => "---",
      ])();
    const text = Array.from({ length: 1 + Math.floor(next() * 5) }, () => block()).join("\n\n");
    const { markdown: back, reason } = roundTrip(text);
    if (reason) {
      assert.equal(reason, "it has a form that only plain text can keep", `seed ${seed}: ${text}`);
      continue;
    }
    taken++;
    const again = read(back).doc;
    const same = (doc) => JSON.stringify(doc).replace(/ +/g, " ");
    assert.equal(same(again), same(read(text).doc), `seed ${seed}:\n${text}\n---\n${back}\n---\n${again}\n${read(text).doc}`);
    const words = (markdown) => seen(markdown).replace(/<[^>]*>/g, "").replace(/\s+/g, "");
    assert.equal(words(back), words(text), `seed ${seed}:\n${text}\n---\n${back}`);
  }
  assert.ok(taken > 2500, `only ${taken} were taken in`);
});
