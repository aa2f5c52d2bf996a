// A process with TLS in place of another, under official clients and a storm of connections.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { certificates, makeCertificates } from "./lib/certificates.js";
import { next, open } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Node } from "./lib/node.js";

const { authority, cert, key } = certificates();

function place(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-handover-"));
  later(t, () => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "next.sock");
}

// A process of the chain; it ends by itself or with the test.
async function startNext(t, file, name, ...flags) {
  const node = new Node("ours", ["--name", name, "--handover", file, ...flags]);
  node.exited.then(() => (node.gone = true));
  later(t, () => (node.gone ? 0 : node.stop()));
  await node.listening();
  node.url = `https://${node.host}`;
  return node;
}

const startSecure = (t, file, name, ...flags) => startNext(t, file, name, "--tls", `${cert},${key}`, ...flags);

async function endedWell(node) {
  const [code, signal] = await within(node.exited, "the end of the process before", 30_000);
  assert.equal(code, 0, `${signal}: ${node.log}`);
  assert.doesNotMatch(node.log, /Sanitizer|runtime error/);
}

// A client that comes back by itself; `arrival` is its next connection, asked for before anything may lead to it.
async function follow(t, node, options) {
  const socket = open(t, node, { ca: authority, reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
  const story = { socket, connects: 0, arrival: () => next(socket, "connect", 30_000) };
  socket.on("connect", () => story.connects++);
  await story.arrival();
  return story;
}

// Requests, each on a connection of its own, until `over`; what came of them.
async function storm(port, over) {
  const ends = {};
  while (!over.now) {
    const end = await new Promise((resolve) => {
      const request = https.get({ port, host: "127.0.0.1", path: "/socket.io/?EIO=4&transport=polling", ca: authority, agent: false }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode)).on("error", (error) => resolve(error.code));
      });
      request.on("error", (error) => resolve(error.code));
    });
    ends[end] = (ends[end] ?? 0) + 1;
    over.heard?.();
  }
  return ends;
}

test("nobody is refused while a process with TLS takes the place of another, twice", async (t) => {
  const file = place(t), over = { now: false };
  const first = await startSecure(t, file, "first", "--drain-ms", "300");
  const stories = await Promise.all(["websocket", "websocket", "polling", "upgrade"].map((kind) => follow(t, first, { over: kind })));
  const storms = [1, 2, 3].map(() => storm(first.port, over));
  let before = first;
  for (const name of ["second", "third"]) {
    const arrivals = stories.map((story) => story.arrival());
    const node = await startSecure(t, file, name, "--drain-ms", "300");
    assert.equal(node.port, first.port);
    await endedWell(before);
    await Promise.all(arrivals);
    before = node;
  }
  over.now = true;
  const ends = await Promise.all(storms);
  assert.deepEqual(stories.map(({ connects }) => connects), [3, 3, 3, 3]);
  for (const end of ends) {
    assert(end[200] > 0);
    // 503: taken by the old process, and asked for at its very end
    assert.deepEqual(Object.keys(end).filter((one) => one !== "200" && one !== "503"), [], JSON.stringify(ends));
  }
});

test("certificates are the new process's own", async (t) => {
  const file = place(t), other = makeCertificates(path.dirname(file));
  const first = await startSecure(t, file, "first", "--drain-ms", "100");
  const second = await startNext(t, file, "second", "--drain-ms", "100", "--tls", `${other.cert},${other.key}`);
  assert.equal(second.port, first.port);
  await endedWell(first);
  await follow(t, second, { ca: readFileSync(other.ca) });
});

test("a process without TLS takes no socket of it: that closes, with a line that says so", async (t) => {
  const file = place(t);
  const first = await startSecure(t, file, "first", "--drain-ms", "100");
  const second = await startNext(t, file, "second", "--drain-ms", "100");
  await endedWell(first);
  assert.match(second.log, new RegExp(`closing 127\\.0\\.0\\.1 port ${first.port}: the old process has listened there with TLS`));
  const socket = net.connect(first.port, "127.0.0.1");
  const [error] = await within(once(socket, "error"), "a refused connection");
  assert.equal(error.code, "ECONNREFUSED");
});

test("a new process whose certificates are bad changes nothing", async (t) => {
  const file = place(t);
  const first = await startSecure(t, file, "first", "--drain-ms", "100");
  const story = await follow(t, first);
  const bad = new Node("ours", ["--name", "bad", "--handover", file, "--tls", `${cert},/nowhere/key.pem`]);
  const [code] = await within(bad.exited, "its end");
  assert.equal(code, 1);
  assert.match(bad.log, /nowhere/);
  const arrival = story.arrival();
  const second = await startSecure(t, file, "second", "--drain-ms", "100");
  assert.equal(second.port, first.port);
  await endedWell(first);
  await arrival;
});
