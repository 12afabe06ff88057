// Reads HTML parts of messages, and prints which of what they use a mail program lacks, as JSON.
//
// Standard input: an object of HTML by the message's name. Standard output: a list of { name, feature, client, note }.

import { caniemail } from "caniemail";
import { readFileSync } from "node:fs";

const clients = ["gmail.desktop-webmail", "gmail.ios", "gmail.android", "outlook.*"];
const lacking = [];
for (const [name, html] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  // What only some versions or some values lack is among the warnings.
  for (const [client, issues] of caniemail({ clients, html }).issues.errors) {
    for (const { title, notes } of issues) lacking.push({ name, feature: title, client, note: (notes ?? []).join(" ") });
  }
}
console.log(JSON.stringify(lacking));
