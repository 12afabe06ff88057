// What comes from Word and from web pages keeps its structure, and its dirt is dropped.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { DOMParser as DocumentParser } from "prosemirror-model";
import { write } from "../src/markdown.js";
import { schema } from "../src/schema.js";

const { window } = new JSDOM("");
globalThis.DOMParser = window.DOMParser;
globalThis.NodeFilter = window.NodeFilter;
globalThis.document = window.document;
const { clean, textToSlice } = await import("../src/paste.js");

const file = (name) => readFileSync(new URL(`paste/${name}`, import.meta.url), "utf8");

const asMarkdown = (html) => {
  const place = window.document.createElement("div");
  place.innerHTML = html;
  return write(DocumentParser.fromSchema(schema).parse(place));
};

for (const [name, left] of [["word", 1], ["web", 1]]) {
  test(`what is pasted from ${name} keeps its structure`, () => {
    const cleaned = clean(file(`${name}.html`), "https://clinic.example");
    assert.equal(asMarkdown(cleaned.html), file(`${name}.md`));
    assert.equal(cleaned.left, left);
    assert.doesNotMatch(cleaned.html, /mso|style|class|script|javascript|onclick|o:p|[\u00a0\uf0b7]/i);
  });
}

test("text that is pasted is Markdown where it looks like it, and lines where not", () => {
  const pasted = (text) => write(schema.nodes.doc.create(null, textToSlice(text).content));
  assert.equal(pasted("![A scan](/images/0123456789abcdef0123456789abcdef.png)"), "![A scan](/images/0123456789abcdef0123456789abcdef.png)\n");
  assert.equal(pasted("•\tone\n•\ttwo"), "- one\n- two\n");
  assert.equal(pasted("## Heading\n\n**bold**"), "## Heading\n\n**bold**\n");
  assert.equal(pasted("one\r\ntwo *\n\nthree"), "one\n\ntwo \\*\n\nthree\n");
});
