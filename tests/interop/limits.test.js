// Official clients at the limits that an application sets: who exceeds one is told, and nobody else notices.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, next, open, reasonOf } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { joinWebSocket } from "./lib/raw.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
// Who does not read answers no ping either, and is to be closed for what it has not read.
const unpinged = ["--ping-interval", "600000"];

for (const over of ["websocket", "polling", "upgrade"])
  test(`ours: a client by ${over} that sends too fast is closed`, own, async (t) => {
    const node = await startNode(t, ours, "--packets", "50");
    const control = await connect(t, node);
    const flood = await connect(t, node, { over });
    const { id } = flood;
    for (let i = 0; i < 200; i++) flood.emit("nobody", i);
    await next(flood, "disconnect");
    assert.equal(await reasonOf(control, id), "rate limit exceeded");
    assert.equal((await ctl(control, "stats")).rate_exceeded, 1);
  });

test("ours: a client that sends too many bytes is closed", own, async (t) => {
  const node = await startNode(t, ours, "--bytes", "10000");
  const control = await connect(t, node);
  const flood = await connect(t, node);
  const { id } = flood;
  for (let i = 0; i < 50; i++) flood.emit("nobody", Buffer.alloc(8000)); // too fast however slowly they are read
  assert.equal(await reasonOf(control, id), "rate limit exceeded");
});

for (const way of ["newest", "oldest"])
  test(`ours: of a client that does not read the ${way} events are dropped`, own, async (t) => {
    const node = await startNode(t, ours, "--max-buffered", "1000000", ...unpinged, "--overflow", way);
    const control = await connect(t, node);
    const deaf = await joinWebSocket(t, node);
    const numbers = [];
    deaf.on("message", (data) => numbers.push(...(/^42\["bulk",(\d+),/.exec(data.toString())?.slice(1).map(Number) ?? []))); // a ping is none
    deaf.pause();
    let sent = 0;
    let dropped = 0;
    while (dropped < 10) {
      assert(sent < 2000, "nothing was dropped");
      await ctl(control, "emit", { event: "bulk", args: [sent++, "x".repeat(100_000)], rooms: [deaf.id] });
      dropped = (await ctl(control, "stats")).dropped_messages;
    }
    deaf.resume();
    await eventually("all that is left comes", () => numbers.length >= sent - dropped);
    assert.equal(numbers.length, sent - dropped);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
    assert.equal(numbers.includes(sent - 1), way === "oldest");
    assert.equal((await ctl(control, "stats")).overflows, 0);
  });

test("ours: when all are slow together the budget of the server ends it", own, async (t) => {
  const node = await startNode(t, ours, "--max-buffered-total", "3000000", ...unpinged);
  const control = await connect(t, node);
  const good = await connect(t, node);
  await ask(good, "join", "bulk");
  const read = collect(good, "bulk");
  const deaf = [];
  for (let i = 0; i < 5; i++) {
    const socket = await joinWebSocket(t, node);
    socket.send('420["join","bulk"]');
    await socket.next();
    socket.pause();
    deaf.push(socket.id);
  }
  let sent = 0;
  while ((await ctl(control, "stats")).overflows < deaf.length) {
    assert(sent < 2000, "they were never closed");
    await ctl(control, "emit", { event: "bulk", args: [sent++, "x".repeat(100_000)], rooms: ["bulk"] });
  }
  for (const id of deaf) assert.equal(await reasonOf(control, id), "buffer overflow");
  await read.until(sent);
  await eventually("nothing waits", async () => (await ctl(control, "stats")).buffered_bytes < 1000);
});

for (const over of ["websocket", "polling"])
  test(`ours: one address by ${over} has so many connections, another is let in`, own, async (t) => {
    const node = await startNode(t, ours, "--trusted-proxies", "127.0.0.1", "--max-per-address", "2");
    const from = (address) => ({ over, extraHeaders: { "X-Forwarded-For": address } });
    if (over === "websocket") {
      await connect(t, node, from("192.0.2.1"));
      await connect(t, node, from("192.0.2.1"));
    } else {
      for (let i = 0; i < 2; i++) await joinWebSocket(t, node, { headers: { "X-Forwarded-For": "192.0.2.1" } });
    }
    const refused = open(t, node, from("192.0.2.1"));
    const [error] = await next(refused, "connect_error");
    assert.match(String(error.description?.message ?? error.context?.status ?? error.description), /429/);
    await connect(t, node, from("192.0.2.2"));
  });
