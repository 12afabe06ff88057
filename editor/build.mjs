// Makes static/vendor/editor.js of src/, and writes beside it under which licences its parts stand.
// Its first line holds a hash of what it was made of: a test of the service fails when the two have drifted apart.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const vendor = "../static/vendor";

const sources = [...readdirSync("src").sort().map((name) => join("src", name)), "package-lock.json"];
const hash = createHash("sha256");
for (const source of sources) hash.update(readFileSync(source));

const made = await build({
  entryPoints: ["src/main.js"],
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  globalName: "Writing",
  target: ["chrome111", "firefox114", "safari16.4"],
  legalComments: "none",
  metafile: true,
  write: false,
});
const banner = `/* Made of editor/ by “npm ci && npm run build”; licences: editor-licences.txt; sources: ${hash.digest("hex")} */\n`;
writeFileSync(join(vendor, "editor.js"), banner + made.outputFiles[0].text);

const names = new Set();
for (const input of Object.keys(made.metafile.inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) names.add(found[1]);
}
const licences = [...names].sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
const head = "The parts of editor.js that are by others, each with its version and licence. editor/build.mjs writes this file.\n";
writeFileSync(join(vendor, "editor-licences.txt"), [head, ...licences].join(`\n${"-".repeat(72)}\n\n`));
