// Nodes of ours and official ones with the sharded adapter: every operation, from every node, in every mode.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, join, next } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const layout = kinds.includes("ours") ? ["ours", "ours", "reference"] : ["reference", "reference", "reference"];
const sorted = (list) => [...list].sort();
const ids = (sockets) => sorted(sockets.map(({ id }) => id));
const bytes = (value) => [...Buffer.from(value)];
const roomsOf = async (socket) => (await ask(socket, "rooms"))[0];
const inRoom = (socket, room, is = true) =>
  eventually(`${socket.id} ${is ? "joins" : "leaves"} ${room}`, async () => (await roomsOf(socket)).includes(room) === is);

// Nodes n0, n1, … with a client each, in the rooms "all" and "n<index>"; they know of each other.
async function startCluster(t, layout, mode, ...flags) {
  const redis = await startRedis(t);
  const nodes = await Promise.all(layout.map((kind, index) =>
    startNode(t, kind, "--redis", redis.url, "--adapter", "sharded", "--subscription-mode", mode, "--name", `n${index}`, ...flags)));
  const sockets = await Promise.all(nodes.map((node, index) => connect(t, node, { auth: { index } })));
  for (const [index, socket] of sockets.entries()) {
    await ask(socket, "join", ["all", `n${index}`]);
    await ctl(socket, "setData", { data: { index } });
    socket.on("q", (value, ack) => ack(value + index));
    socket.on("bytes", (value, ack) => ack({ back: value }));
    socket.on("silent", (who, ack) => who === index || ack("spoke"));
  }
  const cluster = { redis, nodes, sockets, news: sockets.map((socket) => collect(socket, "news")) };
  await united(cluster, "start");
  return cluster;
}

// What each node sends reaches every client, by the common channel and by that of each room.
async function united({ sockets, news }, when) {
  for (const [from, socket] of sockets.entries())
    for (const rooms of [[], ["all"], ...sockets.map((_, index) => [`n${index}`])]) {
      const mark = `${when} ${from} ${rooms}`;
      const receivers = news.filter((_, index) => rooms.length === 0 || rooms[0] === "all" || rooms[0] === `n${index}`);
      await eventually(`node ${from} reaches ${rooms}`, async () => {
        await ctl(socket, "emit", { event: "news", args: [mark], rooms });
        return receivers.every(({ events }) => events.some(([seen]) => seen === mark));
      });
    }
  news.forEach(({ events }) => events.splice(0));
}

async function broadcasts({ sockets, news }, from) {
  const sent = [
    [{}, [0, 1, 2]], [{ rooms: ["all"] }, [0, 1, 2]], [{ rooms: ["all"], except: ["n1"] }, [0, 2]], [{ rooms: ["n0", "n2"] }, [0, 2]],
    [{ rooms: ["none"] }, []], [{ rooms: [sockets[1].id] }, [1]], [{ rooms: ["n2"] }, [2]], [{ except: ["all"] }, []], [{ rooms: ["n0"], flags: { local: true } }, from ? [] : [0]],
  ];
  for (const [number, [target]] of sent.entries())
    for (const value of [{ ä: [null, 1.5] }, Buffer.from([number, 255])])
      await ctl(sockets[from], "emit", { event: "news", args: [number, value], ...target });
  for (const [index, { events, marked }] of news.entries()) {
    // one channel each, so the last one comes by all
    await ctl(sockets[from], "emit", { event: "news", args: ["end"] });
    await ctl(sockets[from], "emit", { event: "news", args: ["end room"], rooms: [`n${index}`] });
    await ctl(sockets[from], "emit", { event: "news", args: ["end id"], rooms: [sockets[index].id] });
    for (const mark of ["end", "end room", "end id"]) await marked(mark);
    const got = events.filter(([number]) => typeof number === "number");
    const expected = sent.flatMap(([, receivers], number) => (receivers.includes(index) ? [number, number] : []));
    assert.deepEqual(sorted(got.map(([number]) => number)), sorted(expected));
    for (const [number, value] of got) assert.deepEqual(Buffer.isBuffer(value) ? bytes(value) : value, Buffer.isBuffer(value) ? [number, 255] : { ä: [null, 1.5] });
    events.splice(0);
  }
}

async function questions({ sockets }, from) {
  const asker = sockets[from];
  const others = [0, 1, 2].filter((index) => index !== from);
  assert.deepEqual(await ctl(asker, "serverCount"), { ok: true, count: 3 });
  const { sockets: fetched } = await ctl(asker, "fetchSockets");
  assert.deepEqual(ids(fetched), ids(sockets));
  for (const { id, rooms, data, handshake } of fetched) {
    const index = sockets.findIndex((socket) => socket.id === id);
    assert.deepEqual(sorted(rooms), sorted([id, "all", `n${index}`]));
    assert.deepEqual([data, handshake.auth, handshake.query.EIO], [{ index }, { index }, "4"]);
  }
  assert.deepEqual(ids((await ctl(asker, "fetchSockets", { rooms: ["all", "none"], except: ["n1"] })).sockets), ids([sockets[0], sockets[2]]));
  if (layout[from] === "ours") // the official one knows its own rooms only
    assert.deepEqual(sorted((await ctl(asker, "allRooms")).rooms), sorted(["all", "n0", "n1", "n2", ...sockets.map(({ id }) => id)]));
  assert.deepEqual(sorted((await ctl(asker, "serverSideEmit", { event: "asked", ack: true })).responses), others.map((index) => `n${index}`));
  assert.deepEqual((await ctl(asker, "emitWithAck", { event: "q", args: [10] })).responses.sort(), [10, 11, 12]);
  assert.deepEqual(await ctl(asker, "emitWithAck", { event: "q", args: [1], rooms: ["n2", "none"] }), { ok: true, responses: [3] });
  const binary = await ctl(asker, "emitWithAck", { event: "bytes", args: [Buffer.from([1, 2])] });
  assert.deepEqual(binary.responses.map(({ back }) => bytes(back)), [[1, 2], [1, 2], [1, 2]]);
  const silent = await ctl(asker, "emitWithAck", { event: "silent", args: [others[0]], timeout: 300 });
  assert.deepEqual([silent.ok, silent.responses], [false, ["spoke", "spoke"]]);
}

async function orders({ sockets }, from) {
  const asker = sockets[from];
  const others = [0, 1, 2].filter((index) => index !== from);
  await ctl(asker, "socketsJoin", { rooms: ["all"], except: ["n1"], targets: ["t1", "t2"] });
  for (const index of [0, 2]) for (const room of ["t1", "t2"]) await inRoom(sockets[index], room);
  assert(!(await roomsOf(sockets[1])).includes("t1"));
  await ctl(asker, "socketsLeave", { rooms: ["t1"], targets: ["t1", "t2"] });
  for (const socket of sockets) for (const room of ["t1", "t2"]) await inRoom(socket, room, false);
  const args = [from, { deep: ["ä", null] }];
  await ctl(asker, "serverSideEmit", { event: "side", args });
  for (const index of others)
    await eventually("the other nodes hear it", async () =>
      (await ctl(sockets[index], "events")).events.some((event) => JSON.stringify(event) === JSON.stringify(["side", ...args])));
  assert(!(await ctl(asker, "events")).events.some(([event, index]) => event === "side" && index === from));
}

for (const mode of ["dynamic", "static", "dynamic-private"])
  test(`sharded cluster of ${layout.join(", ")}, ${mode}`, async (t) => {
    const cluster = await startCluster(t, layout, mode);
    for (const [from, kind] of layout.entries()) {
      await t.test(`broadcasts from node ${from} (${kind})`, () => broadcasts(cluster, from));
      await t.test(`questions from node ${from} (${kind})`, () => questions(cluster, from));
      await t.test(`orders from node ${from} (${kind})`, () => orders(cluster, from));
    }
  });

for (const [from, kind] of layout.entries())
  test(`sharded: disconnectSockets from node ${from} (${kind})`, async (t) => {
    const { sockets } = await startCluster(t, layout, "dynamic");
    const rest = sockets.filter((_, index) => index !== from);
    const gone = rest.map((socket) => next(socket, "disconnect"));
    await ctl(sockets[from], "disconnectSockets", { except: [`n${from}`], close: true });
    for (const reason of gone) assert.match((await reason)[0], /^(io server disconnect|transport close)$/);
    assert(sockets[from].connected);
  });

test("sharded: channels are those of the mode", async (t) => {
  for (const [mode, expected] of [["static", 0], ["dynamic", 2], ["dynamic-private", 3]]) {
    const { redis, sockets } = await startCluster(t, [ours], mode, "--key", "app");
    const client = await redis.client(t);
    const channels = async () => sorted(await client.sendCommand(["PUBSUB", "SHARDCHANNELS", "app#/#*"]));
    const own = (await channels()).filter((channel) => /^app#\/#[0-9a-f]{16}#$/.test(channel));
    assert.equal(own.length, 1);
    const rooms = ["app#/#all#", "app#/#n0#", `app#/#${sockets[0].id}#`].slice(0, expected);
    assert.deepEqual(await channels(), sorted(["app#/#", own[0], ...rooms]));
    await ask(sockets[0], "leave", "n0");
    await eventually("the channel goes", async () => !(await channels()).includes("app#/#n0#"));
  }
});

test("sharded: leaving and joining at once keeps the channel", { skip: ours !== "ours" }, async (t) => {
  const { redis, sockets, news } = await startCluster(t, ["ours", "ours"], "dynamic");
  const client = await redis.client(t);
  for (let round = 0; round < 200; round++) {
    sockets[0].emit("leave", "n0", () => {});
    sockets[0].emit("join", "n0", () => {});
  }
  await ask(sockets[0], "echo", 0);
  await eventually("it is subscribed to", async () => (await client.sendCommand(["PUBSUB", "SHARDNUMSUB", "socket.io#/#n0#"]))[1] === 1);
  await ctl(sockets[1], "emit", { event: "news", args: ["still"], rooms: ["n0"] });
  await news[0].marked("still");
});

test("sharded: what is local does not wait for Redis, and all is well when it is back", { skip: ours !== "ours" }, async (t) => {
  const { redis, nodes, sockets, news } = await startCluster(t, ["ours", "ours"], "dynamic");
  const second = await connect(t, nodes[0]);
  const seconds = collect(second, "news");
  await redis.stop();
  await ctl(sockets[0], "emit", { event: "news", args: ["alone"] });
  await seconds.marked("alone");
  await ask(second, "join", "while away");
  assert.deepEqual(ids((await ctl(sockets[0], "fetchSockets", { flags: { local: true } })).sockets), ids([sockets[0], second]));
  await redis.start();
  news.forEach(({ events }) => events.splice(0));
  await united({ sockets, news }, "again");
  await ctl(sockets[1], "emit", { event: "news", args: ["there"], rooms: ["while away"] });
  await seconds.marked("there");
});

test("sharded: junk on its channels", { skip: ours !== "ours" }, async (t) => {
  const { redis, sockets, news } = await startCluster(t, ["ours", "ours"], "dynamic");
  const client = await redis.client(t);
  const junk = ["", "{", "{}", "null", "[]", "\xc1", "{\"type\":3,\"uid\":\"u\",\"nsp\":\"/\"}", `{"type":3,"data":${"[".repeat(100_000)}`,
    "{\"type\":7,\"uid\":\"u\",\"nsp\":\"/\",\"data\":{\"opts\":{}}}", "{\"type\":10,\"uid\":\"u\",\"nsp\":\"/\",\"data\":{\"requestId\":\"r\",\"packet\":1}}"];
  for (const channel of await client.sendCommand(["PUBSUB", "SHARDCHANNELS"]))
    for (const message of junk) await client.sPublish(channel, message);
  await united({ sockets, news }, "junk");
});

test("sharded: a room whose name holds #", { skip: ours !== "ours" }, async (t) => {
  const { sockets } = await startCluster(t, ["ours", "ours"], "dynamic");
  const [first, second] = await Promise.all(sockets.map((socket) => join(socket, "/custom")));
  const got = collect(second, "news");
  await ask(second, "join", "a#b");
  await eventually("the room is reached", async () => {
    await ctl(first, "emit", { event: "news", args: ["room"], rooms: ["a#b"] });
    return got.events.length > 0;
  });
});
