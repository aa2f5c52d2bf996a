// A Redis that is killed, paused, frozen, out of memory, and that throws out who reads too slowly: nodes go on by themselves, say
// what happens, count what is lost, and are one cluster again afterwards.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, connect, ctl, eventually } from "./lib/clients.js";
import { adapters, aloneAt, answered, assertTrue, frozen, inquire, notOf, put, startMembers, stats, together, told } from "./lib/faults.js";
import { ours } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const mixed = ["ours", "ours", "reference"];
const mine = (members) => members.filter(({ node }) => node.kind === "ours");
const numbers = ({ events }) => events.map(([value]) => value).filter((value) => typeof value === "number");

// Numbered events by one node, each when the one before is accepted, until the end; resolves with how many.
function count(member) {
  let running = true;
  const run = (async () => {
    let number = 0;
    while (running) await ctl(member.socket, "emit", { event: "news", args: [++number] });
    return number;
  })();
  return () => ((running = false), run);
}

// What has come of an ordered stream: none twice, none before an earlier one.
function assertInOrder(got) {
  for (const [index, number] of got.entries()) assert(index === 0 || got[index - 1] < number, `${got[index - 1]}, then ${number}`);
}

const pubsub = ["classic by rooms", "sharded"];
const faults = (what, layout, run, names = [...pubsub, "streams"]) => {
  for (const name of names)
    test(`${name}: ${what}`, async (t) => {
      const redis = await startRedis(t);
      const admin = await redis.client(t);
      const members = await startMembers(t, layout, redis, adapters[name]);
      await run({ t, redis, admin, members, say: (...words) => admin.sendCommand(words) });
    });
};

// Some wait for seconds, so they do it at the same time.
describe("Redis in trouble", { skip: ours !== "ours", concurrency: 3 }, () => {
  faults("killed again and again under a load", ["ours", "ours"], async ({ redis, members }) => {
    const end = count(members[0]);
    for (let round = 0; round < 3; round++) {
      const since = members.map(({ node }) => node.log.length);
      await redis.kill();
      for (const [index, { node }] of members.entries()) await told(node, /redis: disconnected/, since[index]);
      for (const member of members) await aloneAt(member, `alone ${round}`);
      await redis.start();
      for (const [index, { node }] of members.entries()) await told(node, /redis: ready/, since[index]);
    }
    const sent = await end();
    await ctl(members[0].socket, "emit", { event: "news", args: ["end"] });
    for (const { news } of members) await news.marked("end");
    assert.deepEqual(numbers(members[0].news), Array.from({ length: sent }, (_, index) => index + 1), "its own clients miss nothing");
    assertInOrder(numbers(members[1].news));
    assert.equal((await stats(members[0])).connects, 4);
    await together(members, "again");
  });

  faults("paused for less than it takes to notice: nothing is lost", ["ours", "ours"], async ({ members, say }) => {
    const inquiry = inquire(members);
    await answered(inquiry, 8);
    await say("CLIENT", "PAUSE", "2500", "ALL");
    for (let number = 1; number <= 500; number++) members[0].socket.emit("ctl", { op: "emit", event: "news", args: [number] }, () => {});
    assert((await stats(members[0])).queued_bytes > 0); // at once: the pause ends by itself
    for (const member of members) await aloneAt(member, "paused");
    await answered(inquiry, 8);
    for (const one of await inquiry.end()) assertTrue(one, members, one.reply.ok ? [] : notOf(one.asker, members));
    await together(members, "resumed");
    for (const member of members) {
      const { connects, published_lost } = await stats(member);
      assert.deepEqual([connects, published_lost], [1, 0]);
    }
  });

  faults("frozen for so long that it is given up", mixed, async ({ redis, members }) => {
    await frozen(redis.child, async () => {
      for (const member of mine(members)) await ctl(member.socket, "emit", { event: "news", args: ["into the void"] });
      for (const { node } of mine(members)) await told(node, /redis: disconnected: .*does not answer/);
      for (const member of mine(members)) await aloneAt(member, "frozen");
      assert.equal((await ctl(members[0].socket, "serverCount")).ok, false);
    });
    for (const { node } of mine(members)) await told(node, /redis: disconnected[^]*redis: ready/);
    await together(members, "thawed");
    for (const member of mine(members)) assert.equal((await stats(member)).connects, 2);
  });

  // Messages take no memory that counts against maxmemory: neither PUBLISH nor SUBSCRIBE is refused.
  faults("out of memory: messages are no data", mixed, async ({ t, admin, members, say }) => {
    await say("CONFIG", "SET", "maxmemory", "1");
    await assert.rejects(admin.set("key", "value"), /OOM/);
    await together(members, "no memory");
    const late = await connect(t, members[0].node);
    await ask(late, "join", "late");
    late.disconnect();
    await say("CLIENT", "KILL", "TYPE", "pubsub");
    await together(members, "connected without memory");
    for (const member of mine(members)) {
      const { connects, published_lost } = await stats(member);
      assert.deepEqual([connects, published_lost], [2, 0]);
    }
  }, pubsub);

  // Entries of a stream are data. The official node stays away: its emits reject.
  faults("out of memory: entries are refused, counted and told", ["ours", "ours"], async ({ members, say }) => {
    await say("CONFIG", "SET", "maxmemory", "1");
    const since = members[0].node.log.length;
    for (const member of members) await aloneAt(member, "no memory");
    await told(members[0].node, /refuses.*OOM/, since);
    await eventually("what is lost is counted", async () => (await stats(members[0])).published_lost === 2);
    const { ok, sockets } = await put(members[0].socket, "fetchSockets"); // questions go by channels
    assert.deepEqual([ok, sockets.length], [true, 4]);
    await say("CONFIG", "SET", "maxmemory", "0");
    await together(members, "memory again");
    for (const member of members) assert.equal((await stats(member)).connects, 1);
  }, ["streams"]);

  faults("a node that sleeps is thrown out, and comes back by itself", ["ours", "ours"], async ({ members: [awake, asleep], say }) => {
    await say("CONFIG", "SET", "client-output-buffer-limit", "pubsub 4mb 4mb 1");
    const before = await stats(asleep);
    const since = asleep.node.log.length;
    const text = "x".repeat(200_000);
    let sent = 0;
    await frozen(asleep.node.child, async () => {
      await eventually("it is thrown out", async () => {
        await ctl(awake.socket, "emit", { event: "news", args: [++sent, text] });
        const clients = await say("CLIENT", "LIST", "TYPE", "pubsub");
        return clients.trim().split("\n").length === 1;
      }, 30_000);
      await aloneAt(awake, "the other one is out");
    });
    await told(asleep.node, /redis: disconnected[^]*redis: ready/, since);
    // what had been written to it before is not lost; the rest is, without a gap in between
    const got = numbers(asleep.news);
    assert.deepEqual(got, Array.from({ length: got.length }, (_, index) => index + 1));
    assert(got.length < sent);
    const after = await stats(asleep);
    assert.equal(after.connects, before.connects + 1);
    assert(after.delivered - before.delivered >= got.length && after.malformed === before.malformed);
    await together([awake, asleep], "awake");
    assert.equal((await stats(awake)).connects, 1);
  }, pubsub);
});
