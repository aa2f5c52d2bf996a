// The files of the tree, by walking it: a checkout may come without its .git folder.
import { readdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");

const skipped = /^(\.git|\.deps|node_modules|build(-.*)?)$/;

export function treeFiles(folder = "") {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return skipped.test(entry.name) ? [] : treeFiles(name);
    return entry.isFile() ? [name] : [];
  });
}
