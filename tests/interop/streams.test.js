// Nodes of ours and official ones with the streams adapter: every operation, from every node; what stands in the stream.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, next } from "./lib/clients.js";
import { kinds, ours } from "./lib/node.js";
import { broadcasts, ids, layout, orders, questions, sorted, startNodes, united } from "./lib/operations.js";
import { startRedis } from "./lib/redis.js";

const startCluster = async (t, layout, ...flags) => startNodes(t, layout, await startRedis(t), "--adapter", "streams", ...flags);
const onlyOurs = { skip: ours !== "ours" };

test(`streams cluster of ${layout.join(", ")}`, async (t) => {
  const cluster = await startCluster(t, layout);
  for (const [from, kind] of layout.entries()) {
    await t.test(`broadcasts from node ${from} (${kind})`, () => broadcasts(cluster, from));
    await t.test(`questions from node ${from} (${kind})`, () => questions(cluster, from));
    await t.test(`orders from node ${from} (${kind})`, () => orders(cluster, from));
  }
  for (const [from, kind] of [...layout.entries()].reverse())
    await t.test(`disconnectSockets from node ${from} (${kind})`, async (t) => {
      const clients = await Promise.all(cluster.nodes.map((node) => connect(t, node)));
      const rest = clients.filter((_, index) => index !== from);
      const gone = rest.map((socket) => next(socket, "disconnect"));
      await ctl(clients[from], "disconnectSockets", { except: ["all", clients[from].id], close: true });
      for (const reason of gone) assert.match((await reason)[0], /^(io server disconnect|transport close)$/);
      assert(clients[from].connected && cluster.sockets.every((socket) => socket.connected));
    });
});

// Resolves when a node that is alone has reached Redis, and all that it has emitted before stands in the stream: a client of its own
// gets that in any case.
async function reached(client, stream, socket) {
  await eventually("the node counts itself", async () => (await ctl(socket, "serverCount")).count === 1);
  await ctl(socket, "emit", { event: "news", args: ["the last before"] });
  await eventually("it is in the stream", async () => (await client.xRevRange(stream, "+", "-", { COUNT: 1 }))[0]?.message.data?.includes("the last before"));
}

const operations = [
  ["emit", { event: "a", args: [1, { b: ["ä", null, 1.5, true] }] }],
  ["emit", { event: "a", args: [], rooms: ["r", "s"], except: ["t"], flags: { compress: false, volatile: true } }],
  ["emit", { event: "a", args: [Buffer.from([1, 2, 250])] }],
  ["socketsJoin", { rooms: ["r"], targets: ["x", "y"] }],
  ["socketsLeave", { except: ["r"], targets: ["x"] }],
  ["disconnectSockets", { rooms: ["nobody"], close: true }],
  ["disconnectSockets", { rooms: ["nobody"] }],
];

test("streams: entries are those of the package", { skip: kinds.length < 2 }, async (t) => {
  const entries = async (kind) => {
    const { redis, sockets } = await startCluster(t, [kind], "--key", "app");
    const client = await redis.client(t);
    await reached(client, "app", sockets[0]);
    await client.del("app");
    for (const [op, request] of operations) await ctl(sockets[0], op, request);
    await eventually("all are there", async () => (await client.xLen("app")) === operations.length);
    return (await client.xRange("app", "-", "+")).map(({ message }) => message);
  };
  const [own, theirs] = [await entries("ours"), await entries("reference")];
  for (const [index, { uid, ...rest }] of own.entries()) {
    assert.match(uid, /^[0-9a-f]{16}$/);
    const { uid: other, ...expected } = theirs[index];
    assert.notEqual(uid, other);
    assert.deepEqual(rest, expected);
  }
});

test("streams: channels and the stream are those of --key", async (t) => {
  const { redis, sockets } = await startCluster(t, [ours], "--key", "app");
  const client = await redis.client(t);
  await reached(client, "app", sockets[0]);
  const channels = (await client.sendCommand(["PUBSUB", "CHANNELS", "app#/#*"])).sort();
  assert.equal(channels.length, 2);
  assert.equal(channels[0], "app#/#");
  assert.match(channels[1], /^app#\/#[0-9a-f]{16}#$/);
  assert.deepEqual(await client.keys("*"), ["app"]);
});

// As another node would have them.
const entry = (...args) => ({ uid: "else", nsp: "/", type: "3", data: JSON.stringify({ packet: { type: 2, data: ["news", ...args] }, opts: { rooms: [], except: [], flags: {} } }) });

test("streams: nothing is lost between two reads, from the first entry on", onlyOurs, async (t) => {
  const { redis, sockets, news } = await startCluster(t, ["ours"]);
  const client = await redis.client(t);
  await client.del("socket.io");
  await client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
  await eventually("it reads the empty stream", async () => /cmd=xread/.test(await client.sendCommand(["CLIENT", "LIST"])));
  for (let round = 0; round < 1000; round += 10)
    await Promise.all(Array.from({ length: 10 }, (_, index) => client.xAdd("socket.io", "*", entry(round + index))));
  await client.xAdd("socket.io", "*", entry("end"));
  await news[0].marked("end");
  assert.deepEqual(news[0].events.map(([number]) => number).filter(Number.isInteger), Array.from({ length: 1000 }, (_, index) => index));
  assert(sockets[0].connected);
});

test("streams: what was sent while the link was away is read when it is back", onlyOurs, async (t) => {
  const { redis, sockets, news } = await startCluster(t, ["ours"]);
  const client = await redis.client(t);
  await eventually("it reads the stream", async () => {
    await client.xAdd("socket.io", "*", entry("read"));
    return news[0].events.some(([value]) => value === "read");
  });
  for (let round = 0; round < 5; round++) {
    // one after the other, so nobody reads in between
    await Promise.all([
      client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]),
      client.xAdd("socket.io", "*", entry(round)),
      client.xAdd("socket.io", "*", entry(`mark ${round}`)),
    ]);
    await news[0].marked(`mark ${round}`);
  }
  assert.deepEqual(news[0].events.map(([number]) => number).filter(Number.isInteger), [0, 1, 2, 3, 4]);
  assert(sockets[0].connected);
});

test("streams: what is local does not wait for Redis, and all is well when it is back", onlyOurs, async (t) => {
  const { redis, nodes, sockets, news } = await startCluster(t, ["ours", "ours"]);
  const second = await connect(t, nodes[0]);
  const seconds = collect(second, "news");
  await redis.stop();
  await ctl(sockets[0], "emit", { event: "news", args: ["alone"] });
  await seconds.marked("alone");
  await ask(second, "join", "while away");
  assert.deepEqual(ids((await ctl(sockets[0], "fetchSockets", { flags: { local: true } })).sockets), ids([sockets[0], second]));
  await redis.start();
  await news[1].marked("alone");
  news.forEach(({ events }) => events.splice(0));
  await united({ sockets, news }, "again");
  await ctl(sockets[1], "emit", { event: "news", args: ["there"], rooms: ["while away"] });
  await seconds.marked("there");
  assert.deepEqual(seconds.events.filter(([text]) => text === "alone").length, 1);
});

test("streams: junk is dropped, counted, and not read again", onlyOurs, async (t) => {
  const { redis, sockets, news } = await startCluster(t, ["ours", "ours"]);
  const client = await redis.client(t);
  const good = entry("good");
  const junk = [
    { a: "b" }, { ...good, type: "x" }, { ...good, type: "0" }, { ...good, type: "14" }, { ...good, type: "" }, { ...good, data: "" }, { ...good, data: "{" },
    { ...good, data: "null" }, { ...good, data: "{}" }, { ...good, data: "wQ==" }, { ...good, data: "[".repeat(100_000) }, { ...good, data: `{"packet":${"[".repeat(100_000)}` },
    { ...good, type: "7", data: "{\"opts\":{}}" }, { ...good, type: "4", data: "{}" }, { ...good, data: "{\"packet\":{\"type\":0,\"data\":[]},\"opts\":{}}" },
  ];
  const malformed = async () => (await ctl(sockets[0], "stats")).malformed;
  const before = await malformed();
  for (const message of junk) await client.xAdd("socket.io", "*", message);
  for (const channel of await client.sendCommand(["PUBSUB", "CHANNELS", "socket.io#*"]))
    for (const message of ["", "\xc1", "{", "null"]) await client.publish(channel, message);
  await client.xAdd("socket.io", "*", good);
  for (const { marked } of news) await marked("good");
  assert(await malformed() >= before + junk.length);
  await united({ sockets, news }, "junk");
  await ctl(sockets[1], "fetchSockets"); // by channels, as the rest of the junk
  const after = await malformed();
  await united({ sockets, news }, "later");
  assert.equal(await malformed(), after);
});

test("streams: a stream that may not be read is told of, and the node goes on when it may", onlyOurs, async (t) => {
  const { redis, nodes, sockets, news } = await startCluster(t, ["ours", "ours"]);
  const client = await redis.client(t);
  await client.set("socket.io", "no stream");
  await client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
  await eventually("it is told", () => /of the stream socket\.io: WRONGTYPE/.test(nodes[0].log));
  await client.del("socket.io");
  await united({ sockets, news }, "again");
  assert.deepEqual(sorted(sockets.map(({ connected }) => connected)), [true, true]);
});
