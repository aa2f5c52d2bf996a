// What our node says of a life of a client, as SIO_LOG asks for it; and that it keeps secrets.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect as dial } from "node:net";
import { test } from "node:test";
import { ask, connect, next } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { startNode, testnode } from "./lib/node.js";

async function startLogging(t, filter, format) {
  process.env.SIO_LOG = filter;
  if (format) process.env.SIO_LOG_FORMAT = format;
  const node = await startNode(t, "ours");
  delete process.env.SIO_LOG;
  delete process.env.SIO_LOG_FORMAT;
  return node;
}

async function lived(t, filter) {
  const node = await startLogging(t, filter);
  const socket = await connect(t, node, { over: "polling", query: { key: "hush" }, auth: { token: "hush" }, extraHeaders: { cookie: "hush" } });
  const back = next(socket, "message-back");
  socket.emit("message", "hush");
  await back;
  const refused = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=hush`);
  assert.equal(refused.status, 400);
  await refused.text();
  const { id } = socket;
  const session = socket.io.engine.id;
  socket.disconnect();
  await node.terminate();
  return { log: node.log, id, session };
}

test("everything is told but what is secret", async (t) => {
  const { log, id, session } = await lived(t, "*:trace");
  assert.equal(session.length, 20);
  assert(!log.includes(session.slice(0, 7)), "whoever knows a session's id speaks for it");
  assert.match(log, /info net: listening on /);
  assert.match(log, /trace http: GET \/socket\.io\/ from "127\.0\.0\.1"\n/);
  assert.match(log, /debug engine: client (\S+) opened by polling, revision 4, from "127\.0\.0\.1"\n/);
  const [, sid] = /client (\S+) opened/.exec(log);
  assert.equal(sid, session.slice(0, 6));
  assert(log.includes(`trace socket: client ${sid} sent event "message" of /\n`), log);
  assert(log.includes(`trace socket: client ${sid} gets event "message-back" of /\n`), log);
  assert(log.includes(`debug socket: client ${sid} joined / as ${id}\n`), log);
  assert.match(log, /debug http: refused a request from "127\.0\.0\.1": Session ID unknown\n/);
  assert.match(log, /info server: closed\n/);
  assert.doesNotMatch(log, /hush/);
});

test("a filter tells of one category", async (t) => {
  const { log } = await lived(t, "*:off,engine");
  assert.match(log, /debug engine: client \S+ opened/);
  assert.match(log, /debug engine: client \S+ has ended/);
  assert.doesNotMatch(log, / (trace|info) |(server|net|http|socket|adapter): /);
});

test("a wrong filter is refused", () => {
  const { status, stderr } = spawnSync(testnode, ["--port", "0"], { env: { ...process.env, SIO_LOG: "engine:loud" }, encoding: "utf8", timeout: 10_000 });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /SIO_LOG/);
});

// ---- for machines ----

const hostile = ['","level":"error', "}\n{\"level\":\"error\"}", "\u001b[2J\r\n\t\u0007", "a=b c='d'", "\\", "\u2028 \u{1f642} \u0085", "x".repeat(5000), " "];

async function assail(t, format) {
  const node = await startLogging(t, "*:trace", format);
  const socket = await connect(t, node, { over: "upgrade", auth: { token: "hush" } });
  for (const text of hostile) {
    socket.emit(text, "hush");
    // a name ends at a comma; one that is too long ends the client
    if (text.length < 100) socket.io.engine.write(`0/${text.replaceAll(",", ";")},`);
  }
  await ask(socket, "echo");
  const raw = dial(node.port, "127.0.0.1");
  const over = once(raw, "close");
  raw.on("error", () => {});
  raw.resume().write('GET /x"\\{}=?hush HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await within(over, "the end of a connection");
  const session = socket.io.engine.id;
  socket.disconnect();
  await node.terminate();
  return { lines: node.log.trimEnd().split("\n"), session };
}

// What it has to say, whatever is in it.
function assertStory(records, session) {
  for (const record of records) {
    assert.match(record.time, /^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z$/);
    assert.match(record.level, /^(warn|info|debug|trace)$/, `no client writes a level: ${JSON.stringify(record)}`);
    assert.match(record.category, /^(server|net|http|engine|socket|adapter)$/);
    assert.equal(typeof record.message, "string");
    assert.doesNotMatch(JSON.stringify(record), /hush/);
  }
  const client = session.slice(0, 6);
  const find = (wanted) => records.find((record) => Object.entries(wanted).every(([key, value]) => (value instanceof RegExp ? value.test(record[key]) : record[key] === value)));
  assert(find({ category: "engine", client, transport: "polling", address: "127.0.0.1", message: /opened by polling/ }));
  assert(find({ category: "socket", client, namespace: "/", message: /joined/, socket: /^\S{20}$/ }));
  assert(find({ category: "http", method: "GET", path: '/x"\\{}=' }));
  assert(find({ category: "socket", client, namespace: `/${hostile[1]}`, message: /was refused by/ }));
  for (const text of hostile) {
    const shown = [...text].slice(0, 50).join("").replace("\u0085", "\ufffd\ufffd");
    assert(records.some(({ event, client: of }) => of === client && event?.startsWith(shown)), `the event ${JSON.stringify(text)}`);
  }
}

test("JSON: every line is an object, whatever clients send", async (t) => {
  const { lines, session } = await assail(t, "json");
  assert(lines.length > 30);
  assertStory(lines.map((line) => JSON.parse(line)), session);
});

test("logfmt: every line is pairs, whatever clients send", async (t) => {
  const { lines, session } = await assail(t, "logfmt");
  const pair = /(\w+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)(?: |$)/gy;
  const read = (line) => {
    const record = {};
    for (let at = 0; at < line.length; at = pair.lastIndex) {
      pair.lastIndex = at;
      const match = pair.exec(line);
      assert(match, `no pair at ${at}: ${line}`);
      record[match[1]] = match[2].startsWith('"') ? JSON.parse(match[2]) : match[2];
    }
    return record;
  };
  assertStory(lines.map(read), session);
});

test("an unknown form is refused", () => {
  const { status, stderr } = spawnSync(testnode, ["--port", "0"], { env: { ...process.env, SIO_LOG_FORMAT: "xml" }, encoding: "utf8", timeout: 10_000 });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /SIO_LOG_FORMAT/);
});
