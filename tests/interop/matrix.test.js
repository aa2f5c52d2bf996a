// docs/compatibility.md says what is so: the table is made anew and compared. scripts/matrix writes it (SIO_MATRIX=write).
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { column, peers, table } from "./lib/matrix.js";
import { ours } from "./lib/node.js";

const page = fileURLToPath(new URL("../../docs/compatibility.md", import.meta.url));
const [begin, end] = ["<!-- made by scripts/matrix: -->\n", "\n<!-- until here -->"];

test("the table of docs/compatibility.md", { skip: ours !== "ours" }, async (t) => {
  const columns = {};
  await t.test("peers", { concurrency: 4 }, (t) =>
    Promise.all(Object.entries(peers).map(([name, peer]) =>
      t.test(name, async (t) => (columns[name] = await column(t, peer, (...what) => t.diagnostic(`${name}: ${what.join(": ")}`)))))));
  const ordered = Object.fromEntries(Object.keys(peers).map((name) => [name, columns[name]]));
  const [text, made] = [await readFile(page, "utf8"), table(ordered)];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  assert(from >= begin.length && to >= from, `the marks are in ${page}`);
  if (process.env.SIO_MATRIX === "write") {
    await writeFile(page, text.slice(0, from) + made + text.slice(to));
  } else {
    assert.equal(text.slice(from, to), made, "run scripts/matrix");
  }
});
