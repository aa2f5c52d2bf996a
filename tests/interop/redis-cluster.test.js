// A Redis Cluster of three masters under nodes of ours and official ones: slots that move, masters that die.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually } from "./lib/clients.js";
import { ours } from "./lib/node.js";
import { broadcasts, layout, orders, questions, startNodes, united } from "./lib/operations.js";
import { startRedisCluster } from "./lib/redis.js";

for (const [adapter, ...flags] of [["sharded", "--subscription-mode", "dynamic"], ["sharded", "--subscription-mode", "static"], ["redis"]])
  test(`Redis Cluster, ${adapter} adapter ${flags[1] ?? ""}, nodes of ${layout.join(", ")}`, async (t) => {
    const nodes = await startNodes(t, layout, await startRedisCluster(t), "--adapter", adapter, ...flags);
    for (const [from, kind] of layout.entries()) {
      await t.test(`broadcasts from node ${from} (${kind})`, () => broadcasts(nodes, from));
      await t.test(`questions from node ${from} (${kind})`, () => questions(nodes, from));
      await t.test(`orders from node ${from} (${kind})`, () => orders(nodes, from));
    }
  });

const channel = "socket.io#/#n1#";

// Numbered events to the room n1 until told to end; none of them may come twice.
let number = 0;
function stream(from, news) {
  const first = number;
  let running = true;
  const run = (async () => {
    while (running) await ctl(from, "emit", { event: "news", args: [++number], rooms: ["n1"] });
  })();
  return async () => {
    running = false;
    await run;
    await ctl(from, "emit", { event: "news", args: [++number], rooms: ["n1"] });
    await news.marked(number);
    const got = news.events.map(([value]) => value).filter((value) => value > first);
    assert.equal(new Set(got).size, got.length);
  };
}

test("Redis Cluster: a slot moves, and its channel with it", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedisCluster(t);
  const { sockets, news } = await startNodes(t, ["ours", "ours"], redis, "--adapter", "sharded");
  const from = await redis.owner(channel);
  for (const to of [(from + 1) % 3, (from + 2) % 3, from]) {
    const end = stream(sockets[0], news[1]);
    await redis.move(channel, to);
    await eventually("the channel is subscribed to there", async () =>
      (await redis.clients[to].sendCommand(["PUBSUB", "SHARDNUMSUB", channel]))[1] === 1);
    await ctl(sockets[0], "emit", { event: "news", args: [`at ${to}`], rooms: ["n1"] });
    await news[1].marked(`at ${to}`);
    await end();
    assert.equal((await ctl(sockets[1], "serverCount")).count, 2);
  }
});

test("Redis Cluster: a channel that comes while slots move is heard in the end", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedisCluster(t);
  const { sockets, news } = await startNodes(t, ["ours", "ours"], redis, "--adapter", "sharded");
  for (let round = 0; round < 6; round++) {
    const room = `moving${round}`;
    const to = (await redis.owner(`socket.io#/#${room}#`) + 1) % 3;
    await Promise.all([ask(sockets[1], "join", room), redis.move(`socket.io#/#${room}#`, to)]);
    await eventually("the room is reached", async () => {
      await ctl(sockets[0], "emit", { event: "news", args: [room], rooms: [room] });
      return news[1].events.some(([value]) => value === room);
    });
  }
});

test("Redis Cluster: a master dies, and its replica takes over", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedisCluster(t, 3, 3);
  const { nodes, sockets, news } = await startNodes(t, ["ours", "ours"], redis, "--adapter", "sharded");
  const dead = await redis.owner(channel);
  const second = await connect(t, nodes[1]);
  await ask(second, "join", "n1");
  const seconds = collect(second, "news");
  redis.servers[dead].child.kill("SIGKILL");
  await ctl(sockets[1], "emit", { event: "news", args: ["local"], rooms: ["n1"] });
  await seconds.marked("local");
  await eventually("the replica has the slot", async () => (await redis.owner(channel, (dead + 1) % 3)) === dead + 3);
  await united({ sockets, news }, "again");
  assert.equal((await ctl(sockets[0], "serverCount")).count, 2);
});

test("Redis Cluster: the classic adapter leaves a master that dies", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedisCluster(t);
  const { sockets, news } = await startNodes(t, ["ours", "ours"], redis);
  for (const dead of [0, 1]) {
    redis.servers[dead].child.kill("SIGKILL");
    news.forEach(({ events }) => events.splice(0));
    await united({ sockets, news }, `without ${dead}`);
    assert.equal((await ctl(sockets[0], "serverCount")).count, 2);
  }
});

test("Redis Cluster: it is there later, and comes back after all of it was away", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedisCluster(t);
  const { sockets, news } = await startNodes(t, ["ours", "ours"], redis, "--adapter", "sharded");
  await Promise.all(redis.servers.map((server) => server.stop()));
  await ctl(sockets[0], "emit", { event: "news", args: ["alone"] });
  await Promise.all(redis.servers.map((server) => server.start()));
  await united({ sockets, news }, "again");
});
