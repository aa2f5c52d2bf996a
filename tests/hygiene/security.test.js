// Each line of SECURITY.md names the test that proves it: there is one.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../lib/files.js";

const tables = readFileSync(path.join(root, "SECURITY.md"), "utf8").split(/\n(?!\|)/).map((block) => block.split("\n").filter((line) => line.startsWith("| ")));
const last = (line) => line.split("|").map((cell) => cell.trim()).at(-2);
const cells = tables.filter(([head]) => head && last(head) === "test").flatMap(([, ...rows]) => rows.map(last));

const fileOf = (where) => `tests/${where}${where.startsWith("interop/") ? ".test.js" : ".c"}`;

test("each line names a test that is there", () => {
  assert(cells.length > 80);
  const bad = cells.filter((cell) => {
    const [, where, name] = /^((?:unit|sim|interop)\/[\w-]+): (.+)$/.exec(cell) ?? [];
    if (!where || !existsSync(path.join(root, fileOf(where)))) return true;
    return !readFileSync(path.join(root, fileOf(where)), "utf8").includes(name);
  });
  assert.deepEqual(bad, []);
});

test("attacks and faults have at least 40 lines", () => {
  const text = readFileSync(path.join(root, "SECURITY.md"), "utf8");
  const table = text.slice(text.indexOf("## Attacks and faults"), text.indexOf("## What is not promised"));
  assert(table.split("\n").filter((line) => line.startsWith("| ")).length > 40);
});
