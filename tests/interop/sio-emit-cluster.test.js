// The emitter's orders and questions, in clusters of ours and official servers, by each adapter.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { after, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ask, collect, connect, ctl, eventually, next } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Node, kinds } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const program = path.join(process.env.SIO_BUILD ?? "", "sio-emit");
const suite = { after };
const redis = await startRedis(suite);

// How the nodes are told of it. What is said to those of the streams adapter they read a little later.
const adapters = { classic: "redis", sharded: "sharded", streams: "streams" };

async function run(adapter, key, ...args) {
  const child = spawn(program, ["--adapter", adapter, "--key", key, ...(adapter === "streams" ? ["--stream", key] : []), ...args], { env: { ...process.env, SIO_REDIS: redis.url } });
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.err += text));
  child.stdin.end();
  [result.status] = await within(once(child, "close"), `the end of sio-emit ${args.join(" ")}`, 30_000);
  assert.doesNotMatch(result.err, /Sanitizer|runtime error/);
  return result;
}

// One node of each kind, and a client on each: the first in room "r".
async function cluster(t, adapter, ...flags) {
  const key = `${adapter}-${flags.length}`;
  const nodes = kinds.map((kind) => new Node(kind, ["--redis", redis.url, "--adapter", adapters[adapter], "--key", key, "--name", kind, ...flags]));
  for (const node of nodes) later(t, () => node.stop());
  await Promise.all(nodes.map((node) => node.listening()));
  const sockets = await Promise.all(nodes.map((node) => connect(t, node)));
  await ask(sockets[0], "join", "r");
  const emit = (...args) => run(adapter, key, ...args);
  await reached(sockets, emit);
  const ok = async (...args) => assert.deepEqual(await emit(...args), { out: "", err: "", status: 0 });
  const answer = async (...args) => {
    const { out, err, status } = await emit(...args);
    assert.deepEqual({ err, status }, { err: "", status: 0 });
    return JSON.parse(out);
  };
  return { nodes, sockets, emit, ok, answer, count: nodes.length };
}

// Resolves when all nodes have reached Redis: they hear what is for everybody, for the room and for each client, and answer. Nodes
// that listen, and clients that have joined, say nothing of that.
async function reached(sockets, emit) {
  const ready = sockets.map((socket) => collect(socket, "ready"));
  const targets = [[[], ready], [["--room", "r"], ready.slice(0, 1)], ...sockets.map(({ id }, index) => [["--room", id], [ready[index]]])];
  for (const [words, receivers] of targets)
    await eventually(`all are reached by ${words}`, async () => {
      await emit(...words, "ready", "--text", words.join());
      return receivers.every(({ events }) => events.some(([seen]) => seen === words.join()));
    });
  await eventually("all nodes answer", async () => {
    const { out, status } = await emit("--count");
    return status === 0 && JSON.parse(out).nodes === sockets.length;
  });
}

// The rooms of each socket, but for its own.
async function become(sockets, answer, expected) {
  await eventually(JSON.stringify(expected), async () => {
    const { sockets: fetched } = await answer("--fetch");
    const rooms = sockets.map(({ id }) => fetched.find((socket) => socket.id === id).rooms.filter((room) => room !== id).sort());
    return isDeepStrictEqual(rooms, expected);
  });
}

for (const adapter of Object.keys(adapters)) {
  test(`${adapter}: events, orders and questions`, async (t) => {
    const { nodes, sockets, emit, ok, answer, count } = await cluster(t, adapter);
    const [first, ...others] = sockets;
    const none = { nodes: count, missingNodes: 0 };

    await t.test("events with all kinds of targets", async () => {
      const all = Promise.all(sockets.map((socket) => next(socket, "e")));
      await ok("e", "1", "{}");
      assert.deepEqual(await all, sockets.map(() => [1, {}]));
      const one = next(first, "room");
      await ok("--room", "r", "--volatile", "--uncompressed", "room", "2");
      assert.deepEqual(await one, [2]);
      const by = Promise.all(sockets.map((socket) => next(socket, "id")));
      for (const socket of sockets) await ok("--room", socket.id, "id", "--text", socket.id);
      assert.deepEqual(await by, sockets.map(({ id }) => [id]));
      const rest = Promise.all(others.map((socket) => next(socket, "rest")));
      await ok("--except", "r", "rest");
      await rest;
    });

    await t.test("join and leave", async () => {
      await ok("--room", "r", "--join", "s", "--join", "t");
      await ok("--join", "u");
      await become(sockets, answer, sockets.map((_, i) => (i ? ["u"] : ["r", "s", "t", "u"])));
      await ok("--except", "r", "--leave", "u");
      await ok("--room", "r", "--leave", "s");
      await become(sockets, answer, sockets.map((_, i) => (i ? [] : ["r", "t", "u"])));
    });

    await t.test("counts and descriptions", async () => {
      assert.deepEqual(await answer("--count"), { ...none, clients: count });
      assert.deepEqual(await answer("--count", "--room", "r"), { ...none, clients: 1 });
      assert.deepEqual(await answer("--count", "--nsp", "custom"), { ...none, clients: 0 });
      const { sockets: fetched, ...rest } = await answer("--fetch", "--room", "r");
      assert.deepEqual(rest, none);
      assert.deepEqual(fetched.map(({ id, handshake }) => [id, typeof handshake.time]), [[first.id, "string"]]);
      // who only asks is no node
      const { count: counted } = await ctl(first, "serverCount");
      assert.equal(counted, count);
    });

    await t.test("acknowledgements", async () => {
      sockets.forEach((socket, index) => socket.on("q", (value, ack) => ack({ index, value })));
      const { answers, ...rest } = await answer("--ack", "q", "é");
      assert.deepEqual(rest, { ...none, clients: count });
      assert.deepEqual(answers.sort((a, b) => a.index - b.index), sockets.map((_, index) => ({ index, value: "é" })));
      assert.deepEqual(await answer("--ack", "--room", "r", "q", "5"), { ...none, clients: 1, answers: [{ index: 0, value: 5 }] });
      assert.deepEqual(await answer("--ack", "--room", "nobody", "q", "5"), { ...none, clients: 0, answers: [] });
    });

    await t.test("a client that is silent: what came is there, and the status is 4", async () => {
      first.on("silent", () => {});
      others.forEach((socket) => socket.on("silent", (ack) => ack("here")));
      const { status, out, err } = await emit("--ack", "--timeout", "1500", "silent");
      assert.equal(status, 4);
      assert.match(err, new RegExp(`1 of ${count} clients have not answered within 1500 ms`));
      assert.deepEqual(JSON.parse(out), { ...none, clients: count, answers: others.map(() => "here") });
    });

    await t.test("events of servers", async () => {
      await ok("--server-side", "hello", "[1]", "two");
      for (const socket of sockets) await eventually("hello", async () => (await ctl(socket, "events")).events.at(-1)?.[0] === "hello");
      for (const socket of sockets) assert.deepEqual((await ctl(socket, "events")).events.at(-1), ["hello", [1], "two"]);
      const { answers, ...rest } = await answer("--server-side", "--ack", "who");
      assert.deepEqual(rest, none);
      assert.deepEqual(answers.sort(), [...kinds].sort());
    });

    await t.test("a server that is frozen is missing", async (t2) => {
      nodes[0].child.kill("SIGSTOP");
      later(t2, () => nodes[0].child.kill("SIGCONT"));
      const { status, out } = await emit("--count", "--timeout", "1500");
      nodes[0].child.kill("SIGCONT");
      assert.equal(status, 4);
      assert.deepEqual(JSON.parse(out), { nodes: count, missingNodes: 1, clients: others.length });
    });

    await t.test("disconnects", async () => {
      const gone = next(first, "disconnect");
      await ok("--room", "r", "--disconnect");
      assert.deepEqual((await gone)[0], "io server disconnect");
      assert.deepEqual(await answer("--count"), { ...none, clients: others.length });
      const closed = others.map((socket) => next(socket, "disconnect"));
      await ok("--disconnect=close");
      for (const [reason] of await Promise.all(closed)) assert.match(reason, /io server disconnect|transport close/);
    });
  });

  test(`${adapter}: nobody is there`, async () => {
    for (const args of [["e"], ["--join", "r"], ["--server-side", "e"], ["--count"], ["--ack", "e"]]) {
      const { status, err } = await run(adapter, "nobody", ...args);
      assert.equal(status, 1, args.join(" "));
      assert.match(err, /no server was listening/);
    }
  });
}

test("classic: nodes that answer on the channel of the one who asks", async (t) => {
  const { answer, count } = await cluster(t, "classic", "--specific-response-channel");
  assert.deepEqual(await answer("--count"), { nodes: count, missingNodes: 0, clients: count });
});
