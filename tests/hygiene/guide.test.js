// The pages of docs: their code is that of the programs that are built and run, their links lead somewhere, and no option is left out.
//   node tests/hygiene/guide.test.js --write    takes the code of the programs over into the pages
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { root, treeFiles } from "../lib/files.js";

const files = treeFiles();
const pages = files.filter((file) => /^(docs\/.*|README)\.md$/.test(file));
const read = (file) => readFileSync(path.join(root, file), "utf8");

// Parts of a file stand between a comment that holds nothing but [name] and one that holds [end].
function sectionsOf(file) {
  const sections = new Map();
  let name;
  for (const line of read(file).split("\n")) {
    const [, mark] = /^\s*(?:\/\*|\/\/|#|<!--) \[([\w-]+)\](?: \*\/| -->)?$/.exec(line) ?? [];
    if (mark === "end") name = undefined;
    else if (mark) sections.set((name = mark), []);
    else if (name) sections.get(name).push(line);
  }
  for (const [key, lines] of sections) {
    const indent = Math.min(...lines.filter(Boolean).map((line) => line.search(/\S/)));
    sections.set(key, lines.map((line) => line.slice(indent)));
  }
  return sections;
}

const sources = new Map(files.filter((file) => /^(docs\/examples\/\w+\.(c|html)|deploy\/(nginx|nginx-tls)\.conf|deploy\/haproxy(-tcp)?\.cfg|tests\/interop\/guide\.test\.js)$/.test(file)).map((file) => [path.basename(file), sectionsOf(file)]));
const shown = new Set();

// ```c file section
function refreshed(page) {
  return read(page).replace(/^( *)```(c|html|nginx|haproxy|js)\b(.*)\n([^]*?)^ *```$/gm, (block, indent, language, source) => {
    if (language === "js" && !source) return block; // what a browser does
    const [file, section] = source.trim().split(" ");
    const lines = sources.get(file)?.get(section);
    assert(lines, `${page}: the block "${language}${source}" is not of a program in docs/examples`);
    shown.add(`${file} ${section}`);
    return [`\`\`\`${language}${source}`, ...lines, "```"].map((line) => line && indent + line).join("\n");
  });
}

if (process.argv.includes("--write")) {
  for (const page of pages) writeFileSync(path.join(root, page), refreshed(page));
} else {
  for (const page of pages)
    test(`the code of ${page} is that of its programs`, () => assert.equal(read(page), refreshed(page), "run: node tests/hygiene/guide.test.js --write"));

  test("every marked part of a program is shown", () => {
    const marked = [...sources].flatMap(([file, sections]) => [...sections.keys()].map((section) => `${file} ${section}`));
    assert.deepEqual(marked.filter((part) => !shown.has(part)), []);
  });

  test("links lead to files and headings that are there", () => {
    const anchor = (heading) => heading.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s/g, "-");
    const bad = pages.flatMap((page) => [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^https?:/.test(link)).filter((link) => {
      const [file, heading] = link.split("#");
      const target = file ? path.posix.join(path.posix.dirname(page), file) : page;
      if (!existsSync(path.join(root, target))) return true;
      return heading && !read(target).split("\n").some((line) => /^#+ /.test(line) && anchor(line.replace(/^#+ /, "")) === heading);
    }).map((link) => `${page}: ${link}`));
    assert.deepEqual(bad, []);
  });

  test("every page of the guide is in its index", () => {
    const index = read("docs/README.md");
    assert.deepEqual(pages.filter((page) => page.startsWith("docs/guide/") && !index.includes(`(${page.slice(5)})`)), []);
  });

  test("every option of a server stands in the table", () => {
    const page = read("docs/guide/options.md");
    const structs = { server: ["sio_deflate_options", "sio_recovery_options", "sio_server_options"], http: ["sio_cors_options", "sio_cookie_options"], drain: ["sio_drain_options"], metrics: ["sio_metrics_options"], limits: ["sio_limit_options"], adapter: ["sio_streams_options"] };
    const fields = Object.entries(structs).flatMap(([header, names]) => names.flatMap((name) => {
      const code = read(`${header === "adapter" ? "adapter" : "server"}/include/sio/${header}.h`).replace(/\/\*[^]*?\*\//g, "");
      const body = new RegExp(`typedef struct ${name} \\{([^]*?)\\n\\} ${name};`).exec(code)[1];
      return body.split(";").map((field) => /\(\*(\w+)\)|(\w+)\s*$/.exec(field.trim())).filter(Boolean).map(([, callback, plain]) => callback ?? plain);
    }));
    assert(fields.length > 60, `${fields.length} fields`);
    assert.deepEqual(fields.filter((field) => !new RegExp(`^\\|[^|]*\`${field}\``, "m").test(page)), [], "missing in docs/guide/options.md");
  });

  const doxygen = spawnSync("doxygen", ["--version"]).status === 0;
  test("Doxygen has nothing against the headers", { skip: doxygen ? false : "needs doxygen" }, (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "sio-docs-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const { status, stderr } = spawnSync("doxygen", ["docs/Doxyfile"], { cwd: root, encoding: "utf8", env: { ...process.env, SIO_DOCS: folder, SIO_VERSION: "0" } });
    assert.equal(status, 0, stderr);
    assert.match(readFileSync(path.join(folder, "html/socket_8h.html"), "utf8"), /Adds a handler for an event/);
  });
}
