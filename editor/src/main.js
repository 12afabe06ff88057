// Text fields with `data-editor` get the editor; its value is the address of the library of images.
import { Writing } from "./writing.js";

for (const field of document.querySelectorAll("textarea[data-editor]")) new Writing(field);

// For the tests of the service: what becomes of a text, and of what is pasted.
export { roundTrip } from "./markdown.js";
export { clean } from "./paste.js";
