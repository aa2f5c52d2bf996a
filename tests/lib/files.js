// The files of the tree, by walking it: a checkout may come without its .git, which is a folder or a file.
import { readdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");

const skipped = /^(\.git|\.deps|node_modules|build(-.*)?)$/;

export function treeFiles(folder = "") {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (skipped.test(entry.name)) return [];
    if (entry.isDirectory()) return treeFiles(name);
    return entry.isFile() ? [name] : [];
  });
}
