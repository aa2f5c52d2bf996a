// What our node says of a life of a client, as SIO_LOG asks for it; and that it keeps secrets.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { connect, next } from "./lib/clients.js";
import { startNode, testnode } from "./lib/node.js";

async function lived(t, filter) {
  process.env.SIO_LOG = filter;
  const node = await startNode(t, "ours");
  delete process.env.SIO_LOG;
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
