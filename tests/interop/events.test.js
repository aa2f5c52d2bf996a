// What clients and node say to each other, over each transport.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, next, open, transports, upgraded } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";
import { joinPolling } from "./lib/raw.js";
import { binaries, plain, roundTrip, values } from "./lib/values.js";

for (const kind of kinds) {
  for (const over of Object.keys(transports))
    test(`${kind}: events by ${over}`, async (t) => {
      const node = await startNode(t, kind);
      const socket = await connect(t, node, { over });

      for (const [name, args] of Object.entries(values))
        await t.test(`values: ${name}`, () => roundTrip(socket, args));
      for (const [name, args] of Object.entries(binaries))
        await t.test(`binary: ${name}`, () => roundTrip(socket, args));

      await t.test("in another namespace", async (t) => {
        const custom = await connect(t, node, { over, nsp: "/custom" });
        await roundTrip(custom, ["text", { binary: Buffer.from([1, 2, 3]) }]);
      });

      await t.test("without acknowledgement the echo is an event", async () => {
        const echo = next(socket, "echo");
        socket.emit("echo", 1, "two");
        assert.deepEqual(await echo, [1, "two"]);
      });

      await t.test("strange names of events", async () => {
        for (const event of ["", " ", "ping", "error", "\"", "日本", "constructor", "__proto__", "x".repeat(2000)]) {
          const said = next(socket, event);
          assert.deepEqual(await ctl(socket, "emit", { event, args: [1], rooms: [socket.id] }), { ok: true });
          assert.deepEqual(await said, [1]);
        }
      });

      await t.test("900 kB of text and of bytes", async () => {
        await roundTrip(socket, ["ä".repeat(450_000)]);
        await roundTrip(socket, [Buffer.alloc(over === "polling" ? 650_000 : 900_000, "0123456789")]);
      });

      await t.test("1,000 messages keep their order, with binary among them", async () => {
        const back = collect(socket, "message-back");
        const sent = Array.from({ length: 1000 }, (_, index) => [index, index % 10 === 0 ? Buffer.from(String(index)) : "text"]);
        const acks = sent.map((args) => (socket.emit("message", ...args), ask(socket, "echo", args[0])));
        assert.deepEqual(plain(await back.until(1000)), sent);
        assert.deepEqual((await Promise.all(acks)).flat(), sent.map(([index]) => index));
      });

      await t.test("volatile reaches who is ready", async () => {
        const said = next(socket, "said");
        // a polling client is ready once its poll waits: the node is asked by another connection
        const other = await connect(t, node);
        await ask(socket, "echo", "settled");
        for (;;) {
          await ctl(other, "emit", { event: "said", args: ["now"], flags: { volatile: true } });
          if (await Promise.race([said, ask(other, "echo", 0).then(() => null)])) break;
        }
        assert.deepEqual(await said, ["now"]);
      });
    });

  test(`${kind}: volatile passes by who is not ready`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);
    const polling = await joinPolling(node);
    const emit = (text, flags) => ctl(control, "emit", { event: "said", args: [text], rooms: [polling.id], flags });
    await emit("lost", { volatile: true });
    await emit("kept", {});
    assert.equal(await polling.next(), '42["said","kept"]');
  });

  test(`${kind}: nothing is lost, doubled or turned around by the upgrade`, async (t) => {
    const node = await startNode(t, kind);
    for (let round = 0; round < 10; round++) {
      const socket = open(t, node, { over: "upgrade" });
      const back = collect(socket, "message-back");
      await next(socket, "auth");
      let sent = 0;
      let after = 0;
      const up = upgraded(socket).finally(() => (after = sent));
      while (!after || sent < after + 50) {
        socket.emit("message", sent++, sent % 7 ? "text" : Buffer.from("bytes"));
        await new Promise(setImmediate);
      }
      await up;
      await back.until(sent);
      assert.deepEqual(await ask(socket, "echo", "end"), ["end"]);
      assert.deepEqual(back.events.map(([index]) => index), Array.from({ length: sent }, (_, index) => index));
    }
  });

  test(`${kind}: broadcasts during upgrades keep their order`, async (t) => {
    const node = await startNode(t, kind);
    const sender = await connect(t, node);
    const receivers = await Promise.all(Array.from({ length: 5 }, async () => {
      const socket = open(t, node, { over: "upgrade" });
      const shouted = collect(socket, "shouted");
      await next(socket, "auth");
      return { socket, shouted };
    }));
    let running = true;
    const all = Promise.all(receivers.map(({ socket }) => upgraded(socket))).finally(() => (running = false));
    let count = 0;
    while (running) {
      sender.emit("shout", count++);
      await new Promise(setImmediate);
    }
    await all;
    sender.emit("shout", "end");
    for (const { shouted } of receivers) {
      await shouted.marked("end");
      assert.deepEqual(shouted.events.flat(), [...Array(count).keys(), "end"]);
    }
  });
}
