// A network that is cut: Redis lives in a network namespace of its own, at the other end of a pair of virtual cables. The tests
// themselves run in one too, so the machine's network is never touched, and all of it is gone when they end.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "./lib/clients.js";
import { adapters, aloneAt, answered, assertTrue, inquire, notOf, startMembers, stats, together, told } from "./lib/faults.js";
import { later } from "./lib/later.js";
import { ours } from "./lib/node.js";
import { Redis } from "./lib/redis.js";

const inside = process.env.SIO_NETCUT === "inside";
const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8" });
const works = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

// How a namespace is made here; undefined: not at all.
const unshare = [["--net"], ["--user", "--map-root-user", "--net"]].find((args) => works("unshare", ...args, "true"));
const why = ours !== "ours" ? "it is about nodes of ours"
  : !works("ip", "-V") ? "there is no command `ip` (package iproute2)"
  : !unshare ? "this user may not make network namespaces (run the test as root)"
  : false;

if (!inside)
  test("a network that is cut", { skip: why }, async () => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const args = [...unshare, process.execPath, "--test", "--test-reporter=spec", fileURLToPath(import.meta.url)];
    const child = spawn("unshare", args, { env: { ...env, SIO_NETCUT: "inside" }, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
    const [code] = await once(child, "close");
    assert.equal(code, 0, text);
    assert.doesNotMatch(text, /skipped [1-9]/);
  });

// A Redis behind a cable: `here` and `there` are its ends.
async function startFarRedis(t, number) {
  const [here, there, net] = [`here${number}`, `there${number}`, `10.9.${number}`];
  const holder = spawn("unshare", ["--net", "sleep", "1000"], { stdio: "ignore" });
  later(t, () => holder.kill("SIGKILL"));
  const pid = String(holder.pid);
  const own = (from) => run("readlink", `/proc/${from}/ns/net`);
  await eventually("the namespace is there", () => own(pid) !== own("self"));
  const far = (...command) => run("nsenter", "--net", "--target", pid, ...command);
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", here, "type", "veth", "peer", "name", there);
  run("ip", "link", "set", there, "netns", pid);
  run("ip", "addr", "add", `${net}.1/24`, "dev", here);
  run("ip", "link", "set", here, "up");
  far("ip", "addr", "add", `${net}.2/24`, "dev", there);
  far("ip", "link", "set", there, "up");
  const redis = Object.assign(new Redis(6379, "--protected-mode", "no"), { host: `${net}.2`, by: ["nsenter", "--net", "--target", pid] });
  await redis.start();
  later(t, () => redis.stop());
  return { redis, cut: () => far("ip", "link", "set", there, "down"), mend: () => far("ip", "link", "set", there, "up") };
}

const names = ["classic by rooms", "sharded"];

if (inside)
  test("a network that is cut, inside", { concurrency: true }, async (t) => {
    await Promise.all(names.map((name, number) =>
      t.test(name, async (t) => {
        const { redis, cut, mend } = await startFarRedis(t, number);
        const members = await startMembers(t, ["ours", "ours"], redis, adapters[name]);

        // for less than it takes to notice: TCP sends everything again
        const inquiry = inquire(members);
        await answered(inquiry, 8);
        const begin = performance.now();
        cut();
        for (const member of members) await aloneAt(member, "cut");
        await new Promise((resolve) => setTimeout(resolve, 500)); // so long it is, for the questions that are open too
        mend();
        const since = inquiry.said.length;
        const again = ({ socket }) => inquiry.said.slice(since).some(({ asker, reply }) => asker === socket && reply.ok);
        await eventually("both have whole answers again", () => members.every(again), 30_000);
        const took = performance.now() - begin;
        for (const one of await inquiry.end()) assertTrue(one, members, one.reply.ok ? [] : notOf(one.asker, members));
        await together(members, "mended");
        const before = await Promise.all(members.map(stats));
        // a ping that is unanswered for 5 s ends a connection
        if (took < 4500) assert.deepEqual(before.map(({ connects, published_lost }) => [connects, published_lost]), [[1, 0], [1, 0]]);
        else t.diagnostic(`the machine took ${took} ms for it: longer than a node takes to notice`);

        // for longer: each node gives the connection up, and goes on trying
        const ends = members.map(({ node }) => node.log.length);
        cut();
        for (const [index, { node }] of members.entries()) await told(node, /redis: disconnected/, ends[index]);
        for (const member of members) await aloneAt(member, "cut for long");
        mend();
        for (const [index, { node }] of members.entries()) await told(node, /redis: ready/, ends[index]);
        await together(members, "mended again");
        const after = await Promise.all(members.map(stats));
        assert.deepEqual(after.map(({ connects }) => connects), before.map(({ connects }) => connects + 1));
      })));
  });
