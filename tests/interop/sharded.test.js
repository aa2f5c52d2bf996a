// Nodes of ours and official ones with the sharded adapter: every operation, from every node, in every mode.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { ask, collect, connect, ctl, eventually, join, next } from "./lib/clients.js";
import { ours } from "./lib/node.js";
import { broadcasts, ids, layout, orders, questions, sorted, startNodes, united } from "./lib/operations.js";
import { startRedis } from "./lib/redis.js";

const startCluster = async (t, layout, mode, ...flags) =>
  startNodes(t, layout, await startRedis(t), "--adapter", "sharded", "--subscription-mode", mode, ...flags);

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
    const isOwn = (channel) => /^app#\/#[0-9a-f]{16}#$/.test(channel);
    const own = await eventually("a channel of the node's own", async () => (await channels()).find(isOwn));
    const rooms = ["app#/#all#", "app#/#n0#", `app#/#${sockets[0].id}#`].slice(0, expected);
    const all = sorted(["app#/#", own, ...rooms]);
    await eventually(`the channels are ${all}`, async () => isDeepStrictEqual(await channels(), all));
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
  const heard = async (room) => (await client.sendCommand(["PUBSUB", "SHARDNUMSUB", `socket.io#/#${room}#`]))[1] === 1;
  await ask(sockets[0], "join", "behind"); // all that was said to Redis before has come when this has
  await eventually("a later channel is subscribed to", () => heard("behind"));
  await eventually("it is subscribed to", () => heard("n0"));
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

test("sharded: the least rights are enough", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedis(t);
  const client = await redis.client(t);
  const channels = ["/", "/custom", "/auth"].map((nsp) => `&socket.io#${nsp}#*`);
  await client.sendCommand(["ACL", "SETUSER", "sio", "on", ">secret", "resetkeys", "resetchannels", ...channels,
    "-@all", "+ping", "+spublish", "+ssubscribe", "+sunsubscribe", "+pubsub|shardnumsub"]);
  const login = { url: redis.url.replace("//", "//sio:secret@") };
  const nodes = await startNodes(t, ["ours", "ours"], login, "--adapter", "sharded");
  await ask(nodes.sockets[0], "leave", "n0");
  await ask(nodes.sockets[0], "join", "n0");
  await united(nodes, "with few rights");
  assert.equal((await ctl(nodes.sockets[0], "serverCount")).count, 2);
});
