// Text fields with `data-editor` get the editor; its value is the address of the library of images. What is typed into a form
// with `data-autosave` is kept by itself, at that address.
import { Drafts } from "./drafts.js";
import { linesFrom, onlyFor, tidied } from "./fields.js";
import { Points } from "./points.js";
import { Writing } from "./writing.js";

for (const field of document.querySelectorAll("textarea[data-editor]")) new Writing(field);
for (const field of document.querySelectorAll("textarea[data-points]")) new Points(field);
for (const list of document.querySelectorAll("select[data-adds-to]")) linesFrom(list);
for (const field of document.querySelectorAll("textarea[data-tidy]")) tidied(field);
for (const button of document.querySelectorAll("button[data-only-for]")) onlyFor(button);
for (const form of document.querySelectorAll("form[data-autosave]")) new Drafts(form);

// For the tests of the service: what becomes of a text, and of what is pasted.
export { roundTrip } from "./markdown.js";
export { clean } from "./paste.js";
