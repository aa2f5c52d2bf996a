// A node that lacks descriptors, and one that stands still: what official clients see of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import net from "node:net";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import { ask, connect, ctl, eventually, next, open } from "./lib/clients.js";
import { later } from "./lib/later.js";
import { Life } from "./lib/life.js";
import { startNode, testnode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

// Clock ticks of CPU, and how often it went to sleep by itself.
function effort(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const [, sleeps] = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return { at: performance.now(), ticks: Number(fields[11]) + Number(fields[12]), sleeps: Number(sleeps) };
}

async function startScarce(t, ...flags) {
  const node = new Life("sh", ["-c", 'ulimit -n 64; exec "$0" "$@"', testnode, "--port", "0", ...flags]);
  later(t, async () => {
    node.child.kill("SIGTERM");
    await node.ended().finally(() => node.child.kill("SIGKILL"));
  });
  return node.listening();
}

test("without descriptors connections wait, the loop sleeps, and the link to Redis comes back", async (t) => {
  const redis = await startRedis(t);
  const admin = await redis.client(t);
  const node = await startScarce(t, "--redis", redis.url);
  const control = await connect(t, node);
  const linked = () => node.log.match(/redis: ready/g)?.length ?? 0;
  await eventually("the link", () => linked() > 0);
  const crowd = Array.from({ length: 100 }, () => net.connect(node.port, "127.0.0.1").on("error", () => {}));
  later(t, () => crowd.forEach((socket) => socket.destroy()));
  await Promise.all(crowd.map((socket) => once(socket, "connect"))); // the kernel has them
  await eventually("a pause", async () => (await ctl(control, "stats")).accept_pauses > 0);

  const before = effort(node.child.pid);
  await pause(1000);
  const after = effort(node.child.pid);
  const seconds = (after.at - before.at) / 1000; // a pause may be longer
  const ticks = (after.ticks - before.ticks) / seconds, sleeps = (after.sleeps - before.sleeps) / seconds;
  assert(ticks < 50, `${ticks} ticks of CPU in a second of 100`);
  assert(sleeps < 200, `${sleeps} wake-ups in a second`);

  const links = linked();
  await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
  await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
  await eventually("the link anew", () => linked() > links);
  assert.deepEqual(await ask(control, "echo", 1), [1]);

  const late = open(t, node);
  const came = next(late, "auth", 20_000);
  crowd.forEach((socket) => socket.destroy());
  await came;
  assert.deepEqual(await ask(late, "echo", 2), [2]);
});

// A client that waits for a ping in vain leaves by itself after 9.5 s. Here each has patience left when the node is stopped: the
// first has just been pinged, and the others came 4 s after it, so their pings are due as much later.
test("a node that was stopped for longer than the ping timeout loses no client", async (t) => {
  const node = await startNode(t, "ours", "--ping-interval", "8000", "--ping-timeout", "1500");
  const first = await connect(t, node);
  later(t, () => node.child.kill("SIGCONT"));
  await pause(4000); // time is what this is about
  const others = await Promise.all(["websocket", "polling", "upgrade"].flatMap((over) => [0, 1, 2].map(() => connect(t, node, { over }))));
  const reasons = [];
  for (const socket of [first, ...others]) socket.on("disconnect", (reason) => reasons.push(reason));
  await next(first.io.engine, "ping", 20_000);
  node.child.kill("SIGSTOP"); // its pong is on the way
  await pause(2000);
  node.child.kill("SIGCONT");
  for (const socket of [first, ...others]) assert.deepEqual(await ask(socket, "echo", 1), [1]);
  assert.deepEqual(reasons, []);
});
