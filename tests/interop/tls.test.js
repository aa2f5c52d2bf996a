// TLS by libsio-tls: what clients see of certificates, and that all the rest is as without.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import https from "node:https";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import { certificates } from "./lib/certificates.js";
import { connect, next, transports } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { startNode } from "./lib/node.js";

const { authority, cert, key } = certificates();
const trusted = { ca: authority };

async function startSecure(t, ...flags) {
  const node = await startNode(t, "ours", "--tls", `${cert},${key}`, ...flags);
  node.url = `https://${node.host}`;
  return node;
}

const ask = (socket, op) => socket.timeout(10_000).emitWithAck("ctl", op);

for (const over of Object.keys(transports))
  test(`an official client by ${over}`, async (t) => {
    const node = await startSecure(t);
    const socket = await connect(t, node, { over, ...trusted });
    const bytes = Buffer.alloc(200_000, 7), text = "ä".repeat(200_000);
    const [back, same] = await new Promise((resolve) => socket.emit("echo", text, bytes, (...args) => resolve(args)));
    assert(back === text, "the text came back");
    assert(Buffer.from(same).equals(bytes), "the bytes came back");
    assert.deepEqual(await ask(socket, { op: "peer" }), { ok: true, secure: true, subject: "" });
  });

test("permessage-deflate and a broadcast to several", async (t) => {
  const node = await startSecure(t, "--deflate", "100");
  const sockets = await Promise.all(Array.from({ length: 5 }, () => connect(t, node, { ...trusted, perMessageDeflate: true })));
  const heard = sockets.slice(1).map((socket) => next(socket, "shouted"));
  sockets[0].emit("shout", "x".repeat(50_000));
  for (const [text] of await Promise.all(heard)) assert.equal(text.length, 50_000);
});

test("a client that reads nothing reaches max_buffered, and the others never notice", async (t) => {
  const node = await startSecure(t, "--max-buffered", "2000000");
  const [slow, quick] = await Promise.all([connect(t, node, trusted), connect(t, node, trusted)]);
  const gone = quick.id && slow.id;
  slow.io.engine.transport.ws._socket.pause();
  let ended = [];
  for (let i = 0; ended.length === 0 && i < 200; i++) {
    assert.equal((await ask(quick, { op: "emit", event: "noise", args: ["x".repeat(100_000)] })).ok, true);
    ended = (await ask(quick, { op: "disconnects" })).disconnects;
  }
  assert.equal(ended[0]?.[0], gone);
});

test("files of the client, kept-alive, and several requests behind each other", async (t) => {
  const node = await startSecure(t);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...trusted });
  const get = async (path) => {
    const [answer] = await once(https.get(node.url + path, { agent }), "response");
    let text = "";
    for await (const part of answer.setEncoding("utf8")) text += part;
    return { status: answer.statusCode, text, socket: answer.socket };
  };
  const first = await get("/socket.io/socket.io.js"), second = await get("/nothing");
  assert.equal(first.status, 200);
  assert(first.text.length > 40_000);
  assert.equal(second.status, 404);
  agent.destroy();
});

test("what is no TLS ends, and nobody else notices", async (t) => {
  const node = await startSecure(t);
  const socket = await connect(t, node, trusted);
  for (const bytes of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\xff\xff" + "x".repeat(70_000), "\0".repeat(100), "\x16"]) {
    const raw = net.connect(node.port, "127.0.0.1");
    raw.on("error", () => {}).resume();
    const closed = new Promise((resolve) => raw.once("close", resolve));
    raw.end(bytes, "latin1");
    await within(closed, "the end of what is no TLS");
  }
  assert.equal((await ask(socket, { op: "stats" })).ok, true);
});

test("a handshake that is never finished, and a connection that says nothing after it, do not stay the server's end", async (t) => {
  const node = await startSecure(t);
  const half = net.connect(node.port, "127.0.0.1");
  await once(half, "connect");
  half.on("error", () => {}).write("\x16\x03\x01", "latin1");
  const silent = tls.connect({ port: node.port, host: "127.0.0.1", ...trusted });
  await once(silent, "secureConnect");
  silent.on("error", () => {}).resume();
  await node.stop();
});

test("the oldest version is as asked for", async (t) => {
  const node = await startSecure(t, "--tls-min", "1.3");
  const opens = (options) => new Promise((resolve) => {
    const socket = tls.connect({ port: node.port, host: "127.0.0.1", ...trusted, ...options });
    socket.on("secureConnect", () => { resolve(socket.getProtocol()); socket.destroy(); });
    socket.on("error", (error) => resolve(error.code));
  });
  assert.equal(await opens({}), "TLSv1.3");
  assert.equal(await opens({ maxVersion: "TLSv1.2" }), "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
});

test("bad files are told by name before anything listens", () => {
  const run = (pair) => spawnSync(`${process.env.SIO_BUILD}/tests/sio-testnode`, ["--port", "0", "--tls", pair], { encoding: "utf8" });
  for (const [pair, message] of [
    [`${cert},/nowhere/key.pem`, /\/nowhere\/key\.pem: No such file/],
    [`${key},${key}`, /there is no certificate in it/],
    [`${cert},${cert}`, /there is no key in it/],
    [`${cert},${certificates().ca.replace("ca.pem", "ca-key.pem")}`, /not the key of that certificate/],
  ]) {
    const { status, stderr } = run(pair);
    assert.equal(status, 1);
    assert.match(stderr, message);
  }
});

test("handshakes count for max_connections", async (t) => {
  const node = await startSecure(t, "--max-connections", "2");
  const silent = async () => {
    const raw = net.connect(node.port, "127.0.0.1");
    raw.on("error", () => {}).resume();
    await once(raw, "connect");
    return raw;
  };
  const held = [await silent(), await silent()];
  const third = await silent();
  await within(once(third, "close"), "the end of a third connection");
  for (const raw of held) {
    raw.end();
    await within(once(raw, "close"), "the end of a connection that says nothing");
  }
  await connect(t, node, trusted);
});
