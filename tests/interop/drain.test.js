// Nodes that go out of service under official clients.
import assert from "node:assert/strict";
import net from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { freePorts } from "../lib/ports.js";
import { startBalancer } from "./lib/balancer.js";
import { ask, next, open, upgraded } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { startLife } from "./lib/life.js";
import { overTls } from "./lib/tls.js";

// A client that comes back by itself, and what happens to it.
async function follow(t, target, options) {
  const socket = open(t, target, { reconnection: true, ...options });
  const story = { socket, homes: [], ends: [], refusals: 0, polls: options.over === "polling" };
  socket.on("welcome", (name) => story.homes.push(name));
  socket.on("disconnect", (reason) => story.ends.push([reason, performance.now()]));
  socket.io.on("reconnect_error", () => story.refusals++);
  await next(socket, "welcome");
  return story;
}

const connectAll = (t, target, count, options) =>
  Promise.all(Array.from({ length: count }, (_, i) => follow(t, target, options(i))));

// What is emitted while there is no connection waits in the client, and is answered by the next node.
function askWhenGone(story) {
  return new Promise((resolve) =>
    story.socket.once("disconnect", () => story.socket.emit("echo", story.socket.id ?? "none", (value) => resolve(value))));
}

// Whether it gets an answer before it has to go.
const isServed = ({ socket, ends }) =>
  ends.length === 0 && within(new Promise((resolve) => {
    socket.once("disconnect", () => resolve(false));
    socket.emit("echo", 1, () => resolve(true));
  }), "an answer, or the end");

// Who polls has a second to come for its farewell. Where it is late, or asks something meanwhile, its session is gone.
function assertMovedOnce(stories) {
  for (const { homes, ends, refusals, polls } of stories) {
    assert.deepEqual(homes, ["a", "b"]);
    assert.equal(ends.length, 1);
    assert.match(ends[0][0], polls ? /^transport (close|error)$/ : /^transport close$/);
    assert.equal(refusals, 0);
  }
  assert(stories.some(({ ends, polls }) => polls && ends[0][0] === "transport close") || stories.every(({ polls }) => !polls));
}

// The n-th of them goes at about n / count of the time, hardly before. They see it later where this process is slow, but not
// each of the first half.
function assertSpread(stories, start, span) {
  const times = stories.map(({ ends }) => ends[0][1] - start).sort((a, b) => a - b);
  const late = times.map((time, i) => time - (span * (i + 1)) / times.length);
  late.forEach((ms, i) => assert(ms >= -span * 0.15, `client ${i} of ${times.length} left ${-ms} ms too soon: ${times}`));
  assert(Math.min(...late.slice(0, times.length / 2)) <= span * 0.25, `all left late: ${times}`);
}

// By its own clock the node is in time at each step: what it could not do while it stalled is made up for. `pace` is that of
// clients in a second.
async function assertProgress(node, count, deadline, pace = (1000 * count) / deadline) {
  await node.ended((1000 * count) / pace + 20_000);
  const steps = node.lines.map((line) => /^progress (\d+) (\d+) (\d+)$/.exec(line)).filter(Boolean).map((match) => match.slice(1).map(Number));
  assert(steps.length > 3, `${steps.length} steps`);
  for (const [gone, , ms] of steps) {
    const due = (pace * (deadline - ms)) / 1000;
    assert(Math.abs(gone - due) <= count * 0.15, `${gone} of ${count} have gone when ${due} should: ${JSON.stringify(steps)}`);
  }
  steps.forEach(([gone, left, ms], i) => {
    assert.equal(gone + left, count);
    assert(i === 0 || (gone > steps[i - 1][0] && ms <= steps[i - 1][2]), `step ${i}: ${steps[i]}`);
  });
  assert.equal(steps.at(-1)[1], 0);
  assert.equal(node.lines.filter((line) => line === "left server shutting down").length, count);
  assert.equal(node.lines.at(-1), "ended");
}

// By TLS each costs this process, which balances too, eight ends of handshakes.
const crowd = overTls ? 40 : 200;
test(`${crowd} clients move to another node, evenly over the time, and lose nothing but their connection`, async (t) => {
  const span = 5000;
  const a = await startLife(t, "--name", "a", "--port", "0", "--deadline", String(span));
  const b = await startLife(t, "--name", "b", "--port", "0");
  const balancer = await startBalancer(t, [a, b]);
  const stories = await connectAll(t, balancer, crowd, () => ({ over: "websocket" }));
  assert(stories.every(({ homes }) => homes[0] === "a"));
  const answers = stories.map(askWhenGone);
  const start = performance.now();
  a.child.kill("SIGTERM");
  await within(Promise.all(answers), "answers of the other node", span + 10_000);
  assertMovedOnce(stories);
  assertSpread(stories, start, span);
  await assertProgress(a, crowd, span);
});

test("clients that poll by new connections are served until their turn, when the node keeps listening", async (t) => {
  const span = 4000;
  const a = await startLife(t, "--name", "a", "--port", "0", "--deadline", String(span), "--keep-listening");
  const b = await startLife(t, "--name", "b", "--port", "0");
  const balancer = await startBalancer(t, [a, b]);
  const stories = await connectAll(t, balancer, 60, (i) => ({ over: ["polling", "upgrade"][i % 2] }));
  await Promise.all(stories.filter(({ polls }) => !polls).map(({ socket }) => upgraded(socket)));
  const answers = stories.map(askWhenGone);
  const start = performance.now();
  a.child.kill("SIGTERM");
  balancer.nodes.reverse(); // it is told so by other means
  await a.says(/^progress /);
  const [response, ...served] = await Promise.all([fetch(`${a.url}/socket.io/?EIO=4&transport=polling`), ...stories.slice(0, 20).map(isServed)]);
  assert.equal(response.status, 503);
  assert(served.includes(true));
  await within(Promise.all(answers), "answers of the other node", span + 10_000);
  assertMovedOnce(stories);
  assertSpread(stories, start, span);
  await assertProgress(a, 60, span);
});

test("a pace ends it before the deadline", async (t) => {
  const a = await startLife(t, "--name", "a", "--port", "0", "--deadline", "60000", "--per-second", "25", "--jitter", "10");
  const b = await startLife(t, "--name", "b", "--port", "0");
  const balancer = await startBalancer(t, [a, b]);
  const stories = await connectAll(t, balancer, 100, () => ({ over: "websocket" }));
  const answers = stories.map(askWhenGone);
  const start = performance.now();
  a.child.kill("SIGTERM");
  await assertProgress(a, 100, 60_000, 25);
  await within(Promise.all(answers), "answers of the other node");
  assertMovedOnce(stories);
  assertSpread(stories, start, 4000);
});

// Why clients are let go as they are: of the two ways to end a client only one makes it come back.
for (const version of [2, 3, 4])
  for (const over of ["websocket", "polling"])
    test(`a client of version ${version} by ${over} comes back after a drain, and not after disconnect(true)`, async (t) => {
      const a = await startLife(t, "--name", "a", "--port", "0", "--deadline", "300", "--keep-listening");
      const stayer = open(t, a, { version, over, reconnection: true });
      await next(stayer, "welcome");
      const reasons = [];
      stayer.on("disconnect", (reason) => reasons.push(reason));
      stayer.emit("bye");
      await next(stayer, "disconnect");
      assert.deepEqual(reasons, ["io server disconnect"]);
      assert.equal(stayer.active ?? false, false);

      const mover = open(t, a, { version, over, reconnection: true });
      await next(mover, "welcome");
      const manager = version === 2 ? mover : mover.io;
      const comesBack = new Promise((resolve) => manager.on("reconnect_attempt", resolve));
      const gone = next(mover, "disconnect");
      a.child.kill("SIGTERM");
      assert.equal((await gone)[0], "transport close");
      await within(comesBack, "an attempt to come back");
      assert.equal(stayer.connected, false);
    });

test("the port is free as soon as the drain begins, for the next process", async (t) => {
  const [port] = await freePorts(1);
  const a = await startLife(t, "--name", "a", "--port", String(port), "--deadline", "60000");
  const story = await follow(t, a, { over: "websocket" });
  const again = next(story.socket, "welcome", 30_000);
  a.child.kill("SIGTERM");
  await within(refused(port), "a refused connection");
  const b = await startLife(t, "--name", "b", "--port", String(port));
  assert.equal(b.port, port);
  assert.deepEqual(await ask(story.socket, "echo", "still there"), ["still there"]);
  assert.deepEqual(story.homes, ["a"]);
  a.child.kill("SIGTERM"); // now at once
  await again;
  assert.deepEqual(story.homes, ["a", "b"]);
});

async function refused(port) {
  for (;;) {
    const socket = net.connect(port, "127.0.0.1");
    const error = await Promise.race([once(socket, "connect").then(() => null), once(socket, "error").then(([e]) => e)]).catch((e) => e);
    socket.destroy();
    if (error?.code === "ECONNREFUSED") return;
  }
}

for (const signals of [["SIGTERM", "SIGTERM"], ["SIGTERM", "SIGINT"], ["SIGINT"]])
  test(`${signals.join(", then ")}: closes at once`, async (t) => {
    const a = await startLife(t, "--port", "0", "--deadline", "60000");
    const story = await follow(t, a, { over: "websocket", reconnection: false });
    const gone = next(story.socket, "disconnect");
    for (const signal of signals) {
      a.child.kill(signal);
      if (signals.length > 1 && signal === signals[0]) await within(refused(a.port), "a refused connection");
    }
    assert.equal((await gone)[0], "transport close");
    await a.ended();
  });
