// Namespaces that are made when a client asks for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, join, next, open, reasonOf } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

for (const kind of kinds)
  test(`${kind}: dynamic namespaces`, async (t) => {
    const node = await startNode(t, kind);

    for (const over of ["websocket", "polling"])
      await t.test(`a name that matches is a namespace of its own, by ${over}`, async (t) => {
        const one = await connect(t, node, { nsp: "/dynamic-101", over, auth: { token: 1 } });
        assert.deepEqual(one.welcome, { token: 1 });
        const two = await connect(t, node, { nsp: "/dynamic-101", over });
        const elsewhere = await connect(t, node, { nsp: "/dynamic-102", over });
        const heard = [one, two, elsewhere].map((socket) => collect(socket, "news"));
        await ask(one, "join", "r");
        await ctl(one, "emit", { event: "news", args: ["to all"] });
        await ctl(elsewhere, "emit", { nsp: "/dynamic-101", event: "news", args: ["to r"], rooms: ["r"] });
        await ctl(one, "emit", { event: "news", args: ["end"] });
        await ctl(one, "emit", { nsp: "/dynamic-102", event: "news", args: ["end"] });
        await Promise.all(heard.map((each) => each.marked("end")));
        assert.deepEqual(heard.map(({ events }) => events.flat()), [["to all", "to r", "end"], ["to all", "end"], ["end"]]);
      });

    for (const name of ["/dynamic-", "/dynamic-1x", "/x/dynamic-1", "/dynamic", "/_0", "/dynamic-1%00"])
      await t.test(`${name} is refused`, async (t) => {
        const [error] = await next(open(t, node, { nsp: name }), "connect_error");
        assert.deepEqual([error.message, error.data], ["Invalid namespace", undefined]);
      });

    await t.test("beside others on one connection", async (t) => {
      const main = await connect(t, node);
      const dynamic = await join(main, "/dynamic-7");
      assert.deepEqual(await ask(dynamic, "echo", 1), [1]);
      const { id } = dynamic;
      dynamic.disconnect();
      assert.equal(await reasonOf(main, id, "/dynamic-7"), "client namespace disconnect");
      await next(dynamic.connect(), "auth");
      assert.deepEqual(await ask(main, "echo", 2), [2]);
    });
  });

for (const [first, second] of kinds.length > 1 ? [[ours, "reference"], ["reference", ours], [ours, ours]] : [[ours, ours]])
  test(`a cluster of ${first} and ${second} shares dynamic namespaces`, async (t) => {
    const redis = await startRedis(t);
    const nodes = [await startNode(t, first, "--redis", redis.url), await startNode(t, second, "--redis", redis.url)];
    const [here, there] = [await connect(t, nodes[0], { nsp: "/dynamic-5" }), await connect(t, nodes[1], { nsp: "/dynamic-5" })];
    const other = await connect(t, nodes[1], { nsp: "/dynamic-6" });
    const heard = collect(there, "shouted");
    const unheard = collect(other, "shouted");
    // the subscription of a new namespace takes its time
    await eventually("a broadcast arrives", async () => {
      here.emit("shout", "hello");
      await ask(here, "rooms");
      return heard.events.length > 0;
    });
    // made on a node where nobody is in it
    const maker = await connect(t, nodes[0]);
    await eventually("a broadcast to the other one arrives", async () => {
      await ctl(maker, "emit", { nsp: "/dynamic-6", event: "shouted", args: ["end"] });
      return unheard.events.length > 0;
    });
    assert(unheard.events.flat().every((word) => word === "end"), "nothing of /dynamic-5");
  });
