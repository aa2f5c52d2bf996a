// Nodes that are frozen, killed and stopped in the middle of questions: the others go on, and say truly what they know.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ours } from "./lib/node.js";
import { adapters, aloneAt, answered, assertTrue, frozen, inquire, put, startMember, startMembers, stats, together } from "./lib/faults.js";
import { startRedis } from "./lib/redis.js";

const layout = ["ours", "ours", "reference"];
const tried = ["classic by rooms", "sharded", "streams"];

// With all adapters at the same time.
const faults = (what, run) =>
  describe(what, { skip: ours !== "ours", concurrency: true }, () => {
    for (const name of tried)
      test(name, async (t) => {
        const redis = await startRedis(t);
        const members = await startMembers(t, layout, redis, adapters[name]);
        await run(t, { redis, members, flags: adapters[name] });
      });
  });

faults("a node is frozen in the middle of questions, and wakes", async (t, { members }) => {
  for (const victim of [1, 2]) {
    const awake = members.filter(({ index }) => index !== victim && layout[index] === "ours");
    const before = await stats(members[0]);
    const inquiry = inquire(awake);
    await answered(inquiry, 8 * awake.length);
    await frozen(members[victim].node.child, async () => {
      await answered(inquiry, 8 * awake.length);
      for (const member of awake) await aloneAt(member, `${victim} is frozen`);
      const missed = await put(members[0].socket, "fetchSockets");
      assert.deepEqual([missed.ok, missed.missing], [false, 1]);
    });
    await answered(inquiry, 8 * awake.length); // it answers now what nobody waits for any more
    for (const one of await inquiry.end()) assertTrue(one, members, [victim]);
    await together(members, `${victim} is awake`);
    assert((await stats(members[0])).elsewhere > before.elsewhere, "late answers are counted");
  }
});

faults("the node that asks is frozen, and wakes when it is too late", async (t, { members }) => {
  const inquiry = inquire(members.slice(0, 1));
  await answered(inquiry, 8);
  await frozen(members[0].node.child, async () => {
    // the time that its questions have must have passed for the others too
    const other = inquire(members.slice(1, 2));
    await answered(other, 8);
    for (const one of await other.end()) assertTrue(one, members, [0]);
  });
  await answered(inquiry, 4);
  for (const { op, asker, reply } of await inquiry.end())
    if (reply.ok) assertTrue({ op, asker, reply }, members, []);
  await together(members, "awake");
});

for (const what of ["killed", "stopped"])
  faults(`a node is ${what} in the middle of questions, and another comes`, async (t, { redis, members, flags }) => {
    const [first, victim, official] = members;
    const inquiry = inquire([first]);
    await answered(inquiry, 8);
    await (what === "killed" ? victim.node.kill() : victim.node.stop());
    await aloneAt(first, `one is ${what}`);
    await answered(inquiry, 8);
    for (const one of await inquiry.end()) assertTrue(one, members, [1]);
    await together([first, official], what);
    const next = await startMember(t, "ours", redis, 3, flags);
    await together([first, next, official], "another has come");
  });
