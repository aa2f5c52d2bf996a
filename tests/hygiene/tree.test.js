// Facts about the tree as a whole that no compiler checks.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, treeFiles } from "../lib/files.js";

const build = process.env.SIO_BUILD;
const files = treeFiles();
const read = (file) => readFileSync(path.join(root, file), "utf8");
const text = files.filter((file) => !/\.(png|bin)$/.test(file) && !file.startsWith("tests/hygiene/"));
const headers = files.filter((file) => /^\w+\/include\/.*\.h$/.test(file));
const include = ["proto", "redis", "adapter", "server", "emitter"].map((module) => `-I${root}/${module}/include`);

// headers in sio/sys/ are the library's own, and C
for (const [compiler, language, standard] of [["gcc", "c", "c11"], ["clang", "c", "c11"], ["g++", "c++", "c++17"], ["clang++", "c++", "c++17"]])
  test(`each public header compiles alone by ${compiler} as ${standard}`, () => {
    for (const header of headers.filter((name) => language === "c" || !name.includes("/sys/"))) {
      const args = ["-x", language, `-std=${standard}`, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", ...include, "-"];
      const { status, stderr } = spawnSync(compiler, args, { input: `#include <${header.replace(/^.*include\//, "")}>\ntypedef int one_declaration;\n`, encoding: "utf8" });
      assert.equal(status, 0, `${header}: ${stderr}`);
    }
  });

test("the shared libraries export sio_ symbols only", () => {
  for (const [library, one] of [["libsio.so", "sio_value_new"], ["libsio-emitter.so", "sio_value_new"], ["libsio-tls.so", "sio_server_listen_tls"]]) {
    const symbols = execFileSync("nm", ["-D", "--defined-only", path.join(build, library)], { encoding: "utf8" })
      .trim().split("\n").map((line) => line.split(/\s+/)[2]);
    assert(symbols.includes(one), library);
    assert.deepEqual(symbols.filter((name) => !/^(sio_|__asan|__ubsan|_init$|_fini$|__odr_asan)/.test(name)), [], library);
  }
});

test("every function of a public header is defined", () => {
  const exported = execFileSync("sh", ["-c", `nm -D --defined-only ${build}/libsio.so ${build}/libsio-emitter.so ${build}/libsio-tls.so`], { encoding: "utf8" });
  const missing = headers.flatMap((header) =>
    [...read(header).matchAll(/^SIO_EXTERN[^;{]*?\b(sio_\w+)\(/gm)].map((match) => match[1]).filter((name) => !exported.includes(` ${name}\n`)));
  assert.deepEqual(missing, []);
});

test("no host of a package registry is named, and no path of one machine", () => {
  const bad = text.filter((file) => /deb\.debian\.org|registry\.npmjs|archive\.ubuntu|security\.debian/.test(read(file)) ||
    /(^|[\s"'=(])\/(work|farm|home\/\w+)\//m.test(read(file)));
  assert.deepEqual(bad, []);
});

for (const script of files.filter((file) => file.startsWith("scripts/")))
  test(`${script} --help says what it does, and does nothing`, () => {
    assert.match(read(script), /--help/); // before it is run: what does not know the word might begin its work
    const { status, stdout, stderr } = spawnSync(path.join(root, script), ["--help"], { encoding: "utf8", timeout: 20_000 });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^[A-Z].*\n/);
  });

test("no promise is left in the code", () => {
  const bad = text.filter((file) => /\.(c|h|js|mjs|html)$|^scripts\//.test(file)).filter((file) => /\b(TODO|FIXME|XXX)\b/.test(read(file).replace(/XX\(/g, "").replace(/mktemp[^\n]*/g, "")));
  assert.deepEqual(bad, []);
});

const clangFormat = spawnSync("clang-format", ["--version"], { encoding: "utf8" }).stdout ?? "";
test("clang-format has nothing to change", { skip: /version 14\./.test(clangFormat) ? false : "needs clang-format 14" }, () => {
  const { stderr } = spawnSync("clang-format", ["--dry-run", "-Werror", ...files.filter((file) => /\.[ch]$/.test(file))], { cwd: root, encoding: "utf8" });
  assert.equal(stderr, "");
});
