// docs/api.md: no member of the official classes is missing there and none is made up, its names are in the headers, and its tests exist.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, treeFiles } from "../lib/files.js";

const read = (file) => readFileSync(path.join(root, file), "utf8");
const types = (name) => read(`tests/node_modules/socket.io/dist/${name}.d.ts`).replace(/\/\*[^]*?\*\//g, "");

// The body of a class or an interface: up to the brace in the first column.
const bodyOf = (file, pattern) => new RegExp(`(?:class|interface) ${pattern}\\b[^]*?\\{\\n([^]*?)^\\}`, "m").exec(types(file))[1];

function membersOf(file, name) {
  const lines = bodyOf(file, name).split("\n").filter((line) => /^ {4}\S/.test(line) && !/^ {4}(private|protected|static|constructor|\}|_)/.test(line));
  return lines.map((line) => /^ {4}(?:readonly |get )?(\w+)/.exec(line)[1]).filter((member) => !member.startsWith("_"));
}
const eventsOf = (file, name) => [...bodyOf(file, name).matchAll(/^ {4}(\w+): \(/gm)].map(([, event]) => `event ${event}`);

const emitter = membersOf("typed-events", "StrictEventEmitter");
const arrivals = eventsOf("namespace", "NamespaceReservedEventsMap");
const classes = {
  Server: [...membersOf("index", "Server"), ...emitter, ...arrivals, ...eventsOf("namespace", "ServerReservedEventsMap")],
  Namespace: [...membersOf("namespace", "Namespace"), ...emitter, ...arrivals],
  Socket: [...membersOf("socket", "Socket"), ...emitter, ...eventsOf("socket-types", "SocketReservedEventsMap")],
  BroadcastOperator: membersOf("broadcast-operator", "BroadcastOperator"),
};

function rowsOf(name) {
  const [, section] = new RegExp(`^## ${name}\n([^]*?)(?=^## |$(?![^]))`, "m").exec(read("docs/api.md"));
  return [...section.matchAll(/^\| (event )?`(\w+)` \| (.+?) \|(?: (.+?))? \|$/gm)]
    .map(([, event = "", member, c, proof = ""]) => ({ member: event + member, c, proof }));
}
const rows = Object.keys(classes).flatMap(rowsOf);

const headers = treeFiles().filter((file) => /^(proto|adapter|server|emitter)\/include\/sio\/\w+\.h$/.test(file)).map(read).join("\n").replace(/\/\*[^]*?\*\//g, "");

for (const [name, members] of Object.entries(classes))
  test(`the members of ${name}`, () => {
    assert(members.length > 10, `${members.length} members found in the types`);
    assert.deepEqual(rowsOf(name).map(({ member }) => member).sort(), [...new Set(members)].sort());
  });

test("what a member is called in C is declared in a public header", () => {
  const names = rows.flatMap(({ c }) => [...c.matchAll(/`([^`]+)`/g)].map(([, code]) => code));
  assert(names.length > 100);
  assert.deepEqual(names.filter((code) => !new RegExp(`\\b${code}\\b`).test(headers)), []);
});

test("what has no counterpart says why, all else is proved", () => {
  assert.deepEqual(rows.filter(({ c, proof }) => (c.startsWith("none: ") ? c.length < 15 : !proof)), []);
});

// The titles of a file's tests, with .* for what is put in.
function titlesOf(file) {
  return [...read(file).matchAll(/\btest\((["`])((?:\\.|(?!\1)[^])*)\1/g)].map(([, , title]) =>
    new RegExp(`^(ours: )?${title.replace(/^\$\{kind\}: /, "").split(/\$\{(?:[^{}]|\{[^}]*\})*\}/).map((text) => text.replace(/[.*+?^()|[\]\\$]/g, "\\$&")).join(".*")}$`));
}

test("each proof is a test that exists", () => {
  const missing = rows.map(({ proof }) => proof).filter(Boolean).filter((proof) => {
    const [, file, title] = /^([\w-]+): (.*)$/.exec(proof);
    const name = file === "guide" ? `example ${title}` : title;
    if (file === "guide" && !existsSync(path.join(root, `docs/examples/${title}.c`))) return true;
    return !titlesOf(`tests/interop/${file}.test.js`).some((pattern) => pattern.test(name));
  });
  assert.deepEqual(missing, []);
});
