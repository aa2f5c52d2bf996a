// What the test node refuses, and how it says so.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { connect, ctl } from "./lib/clients.js";
import { startNode, testnode } from "./lib/node.js";

const redis = ["--redis", "redis://127.0.0.1:1"];
const refused = [
  ...["-x", "--nonsense", "", "3000", "--port=1", "--PORT"].map((flag) => [flag]),
  ...["--tls"].map((flag) => [flag, "1"]),
  ...["--host", "--port", "--name", "--redis", "--adapter", "--key", "--ping-interval", "--max-payload", "--path", "--parser", "--transports", "--cors", "--cookie"].map((flag) => [flag]),
  ...["", "x", "1x", "-1", "65536", "1.5", "0x10", " 1", "99999999999999999999"].map((port) => ["--port", port]),
  ...["--ping-interval", "--ping-timeout", "--upgrade-timeout", "--connect-timeout", "--max-payload", "--max-buffered", "--deflate", "--request-timeout"]
    .flatMap((flag) => ["0", "-5", "ten", "", "1e3", "18446744073709551616"].map((value) => [flag, value])),
  ...["stream", "Redis", ""].map((name) => ["--adapter", name, ...redis]),
  ...["", "some", "Static"].map((mode) => ["--subscription-mode", mode, "--adapter", "sharded", ...redis]),
  ...["sharded", "streams"].flatMap((name) =>
    [["--subscribe", "rooms"], ["--specific-response-channel"]].map((flag) => [...flag, "--adapter", name, ...redis])),
  ["--subscription-mode", "static", "--adapter", "streams", ...redis],
  ["--subscription-mode", "static", ...redis],
  ["--adapter", "sharded"],
  ["--adapter", "streams"],
  ...["polling,", ",", "", "polling,webtransport", "Polling", "polling websocket"].map((list) => ["--transports", list]),
  ...["", "json", "Default", "msgpack,"].map((name) => ["--parser", name]),
  ...["", "socket.io"].map((path) => ["--path", path]),
  ...["", ",", "http://a,", "*,http://a", "http://a,*"].map((origins) => ["--cors", origins]),
  ...["", "a=b", "a b", "a;b"].map((name) => ["--cookie", name]),
  ...["", "localhost", "http://127.0.0.1", "redis://", "redis://h:0", "redis://h:99999", "redis://h/x", "rediss://", "unix:"].map((url) => ["--redis", url]),
  ["--adapter", "redis"],
  ["--key", "k"],
  ["--specific-response-channel"],
  ["--subscribe", "rooms"],
  ["--host", "no.such.name.invalid"],
];

for (const args of refused)
  test(`${args.join(" ") || "an empty flag"}: exit 2`, () => {
    const { status, stdout, stderr } = spawnSync(testnode, args, { encoding: "utf8", timeout: 60_000 });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert(stderr.includes(`: ${args[0]}: `), stderr);
  });

test("a message names the flag that does not go with the others", () => {
  const { status, stderr } = spawnSync(testnode, ["--adapter", "memory", ...redis], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /--redis/);
});

test("a port in use: exit 1", async (t) => {
  const node = await startNode(t, "ours");
  const { status, stderr } = spawnSync(testnode, ["--port", String(node.port)], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /in use/);
});

test("operations that are unknown or make no sense are refused, and the rest goes on", async (t) => {
  const node = await startNode(t, "ours", "--name", "someone");
  const socket = await connect(t, node);
  assert.deepEqual(await ctl(socket, "nonsense", { event: "x" }), { ok: false, error: "nonsense is not supported by this build" });
  assert.equal((await ctl(socket, "emit", { nsp: "/nowhere", event: "x" })).ok, false);
  assert.equal((await ctl(socket, "emit", { event: "disconnect" })).ok, false);
  for (const op of ["emit", "emitWithAck", "serverSideEmit"]) assert.equal((await ctl(socket, op, {})).ok, false);
  assert.equal((await ctl(socket, "emitWithAck", { event: "connect" })).ok, false);
  assert.equal((await ctl(socket, "serverSideEmit", { event: "connection" })).ok, false);
  assert.equal((await ctl(socket, "socketsJoin", { targets: ["x".repeat(1025)] })).ok, false);
  const stats = await ctl(socket, "stats");
  assert.equal(stats.ok, true);
  assert.equal(stats.clients, 1);
  socket.emit("ctl");
  socket.emit("ctl", null, 5);
  assert.equal((await ctl(socket, "stats")).ok, true);
});
