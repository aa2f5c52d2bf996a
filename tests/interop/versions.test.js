// Clients of every major version on one node that allows Engine.IO 3: 2 (Engine.IO 3), 3 and 4 (Engine.IO 4).
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, join, next, open, reasonOf, transports, versions } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";
import { plain, roundTrip } from "./lib/values.js";

const overs = Object.keys(transports);
const allow = "--allow-eio3";

const values = {
  nothing: [],
  mixed: [null, true, -1.5, "text", { three: [4, { five: null }] }, []],
  unicode: ["ä ß €", "日本語", "😀 👨‍👩‍👧", "\u{10ffff}", "\u2028\u2029", "separator \u001e inside", "\u0000\u007f", "back\\slash \\n"],
  "like packets": ["42[\"x\"]", "1:4", "b4AAAA", "/custom,"],
  binary: [Buffer.from([0, 1, 2, 4, 255])],
  "empty binary": [Buffer.alloc(0)],
  "binary between": [{ a: [{ b: Buffer.from("deep") }], ключ: "ü" }, "after", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  "much binary": [Array.from({ length: 10 }, (_, index) => Buffer.alloc(index * 100, index))],
  "450 kB of text": ["ä".repeat(225_000)],
  "600 kB of bytes": [Buffer.alloc(600_000, "0123456789")],
};

// What the first argument of each event of `collected` is, once the last has come.
const firsts = async (collected, last) => (await collected.marked(last)).map(([first]) => plain(first));

for (const kind of kinds)
  for (const version of Object.keys(versions))
    for (const over of overs)
      test(`${kind}: version ${version} by ${over}`, async (t) => {
        const node = await startNode(t, kind, allow);
        const socket = await connect(t, node, { version, over });

        for (const [name, args] of Object.entries(values))
          await t.test(name, () => roundTrip(socket, args));

        await t.test("bytes as base64", async (t) => {
          const shy = await connect(t, node, { version, over, forceBase64: true });
          await roundTrip(shy, values.binary);
          await roundTrip(shy, values["binary between"]);
        });

        await t.test("a namespace of its own and one beside", async (t) => {
          const custom = await connect(t, node, { version, over, nsp: "/custom" });
          await roundTrip(custom, values["binary between"]);
          assert.deepEqual(await ask(custom, "rooms"), [[custom.id]]);
          const beside = await join(socket, "/custom");
          await roundTrip(beside, values.mixed);
          const other = collect(custom, "shouted");
          const own = collect(beside, "shouted");
          beside.emit("shout", Buffer.from("loud"));
          beside.emit("shout", "end");
          assert.deepEqual(await firsts(other, "end"), [Buffer.from("loud"), "end"]);
          await ask(beside, "echo");
          assert.deepEqual(own.events, []);
        });

        await t.test("rooms", async (t) => {
          const member = await connect(t, node, { version, over });
          assert.deepEqual(await ask(member, "rooms"), [[member.id]]);
          await ask(member, "join", ["a", "b"]);
          assert.deepEqual(await ask(member, "rooms"), [[member.id, "a", "b"].sort()]);
          const said = collect(member, "said");
          socket.emit("say", "a", 1, Buffer.from("one"));
          socket.emit("say", "nobody", 2);
          socket.emit("say", member.id, 3);
          await ask(member, "leave", "b");
          socket.emit("say", "b", 4);
          await ctl(socket, "emit", { event: "said", args: ["not for you"], except: [member.id] });
          socket.emit("say", "a", "end");
          assert.deepEqual(await firsts(said, "end"), [1, 3, "end"]);
        });

        await t.test("the end, by either side", async (t) => {
          const control = await connect(t, node, { version: 4 });
          const [one, two, three] = await Promise.all([1, 2, 3].map(() => connect(t, node, { version, over })));
          const ids = [one.id, two.id, three.id];
          one.emit("bye", false);
          assert.equal((await next(one, "disconnect"))[0], "io server disconnect");
          assert.equal(await reasonOf(control, ids[0]), "server namespace disconnect");
          two.emit("bye", true);
          assert.equal((await next(two, "disconnect"))[0], "io server disconnect");
          assert.equal(await reasonOf(control, ids[1]), "server namespace disconnect");
          three.disconnect();
          assert.equal(await reasonOf(control, ids[2]), "client namespace disconnect");
        });
      });

for (const kind of kinds) {
  test(`${kind}: version 2 and the namespaces`, async (t) => {
    const node = await startNode(t, kind, allow);

    await t.test("ids follow from the session's", async (t) => {
      const socket = await connect(t, node, { version: 2 });
      const custom = await join(socket, "/custom");
      assert.equal(socket.id, socket.io.engine.id);
      assert.equal(custom.id, `/custom#${socket.id}`);
      assert.deepEqual(await ask(socket, "rooms"), [[socket.id]]);
      assert.deepEqual(await ask(custom, "rooms"), [[custom.id]]);
      const said = collect(custom, "said");
      await ctl(socket, "emit", { nsp: "/custom", event: "said", args: [1], rooms: [socket.id] });
      await ctl(socket, "emit", { nsp: "/custom", event: "said", args: [2], rooms: [custom.id] });
      await ctl(socket, "emit", { nsp: "/custom", event: "said", args: [3], except: [custom.id] });
      await ctl(socket, "emit", { nsp: "/custom", event: "said", args: ["end"] });
      assert.deepEqual(await firsts(said, "end"), [2, "end"]);
    });

    const queries = [
      [undefined, {}], ["", {}], ["a=1", { a: "1" }], ["a=1&b=&c", { a: "1", b: "", c: "" }], ["a=1&b=2&a=3", { a: "3", b: "2" }],
      ["n%61me=J%C3%BCrg+K%2C%26", { name: "Jürg K,&" }], ["%FF=%zz&&=x", { "\ufffd": "%zz", "": "x" }], [{ token: "s€cret", n: 5 }, { token: "s€cret", n: "5" }],
      [`long=${"x".repeat(5000)}`, { long: "x".repeat(5000) }], ["a=b#c=d", { a: "b" }], ["q=1?r=2", { q: "1?r=2" }],
    ];
    for (const [query, auth] of queries)
      await t.test(`query ${JSON.stringify(query)?.slice(0, 50)}`, async (t) => {
        const socket = await connect(t, node, { version: 2 });
        assert.deepEqual(socket.welcome, {});
        const custom = socket.io.socket("/custom", { query });
        assert.deepEqual(await next(custom, "auth"), [auth]);
        await roundTrip(custom, values.binary);
      });

    await t.test("refusals", async (t) => {
      const socket = await connect(t, node, { version: 2 });
      const unauthorized = socket.io.socket("/auth", { query: { token: "wrong" } });
      assert.deepEqual(await next(unauthorized, "error"), [{ code: 401 }]);
      const unknown = open(t, node, { version: 2, nsp: "/nowhere", query: "a=b" });
      assert.deepEqual(await next(unknown, "error"), [{ message: "Invalid namespace" }]);
    });

    await t.test("let in by the middleware", async (t) => {
      const allowed = await connect(t, node, { version: 2, nsp: "/auth", query: { token: "secret" } });
      assert.equal(allowed.welcome.token, "secret");
      await roundTrip(allowed, values.mixed);
    });

    await t.test("leaving and coming back", async (t) => {
      const socket = await connect(t, node, { version: 2 });
      const custom = await join(socket, "/custom");
      for (let time = 0; time < 3; time++) {
        custom.close();
        await ask(socket, "echo");
        custom.open();
        await next(custom, "auth");
        assert.deepEqual(await ask(custom, "rooms"), [[custom.id]]);
      }
    });
  });

  test(`${kind}: version 2 keeps the connection alive`, async (t) => {
    const node = await startNode(t, kind, allow, "--ping-interval", "60", "--ping-timeout", "10000");
    for (const over of overs) {
      const socket = await connect(t, node, { version: 2, over });
      for (let beat = 0; beat < 4; beat++) await next(socket, "pong");
      await roundTrip(socket, values.mixed);
    }
  });

  test(`${kind}: not allowed, version 2 is refused`, async (t) => {
    const node = await startNode(t, kind);
    const socket = open(t, node, { version: 2, over: "polling" });
    const [error] = await next(socket, "connect_error");
    assert.equal(error.description, 400);
  });

  test(`${kind}: broadcasts to all versions`, async (t) => {
    const node = await startNode(t, kind, allow);
    await broadcasts(t, [node]);
  });
}

// Everyone gets what anyone sends, once and in order, text and bytes.
async function broadcasts(t, nodes) {
  const members = [];
  for (const node of nodes)
    for (const version of Object.keys(versions))
      for (const over of overs) {
        const socket = await connect(t, node, { version, over });
        members.push({ name: `${version} by ${over}`, socket, got: collect(socket, "shouted"), ready: collect(socket, "ready") });
      }
  for (const [index, node] of nodes.entries()) {
    const sender = members.find(({ socket }) => socket.io.uri.endsWith(`:${node.port}/`) || socket.io.uri === node.url) ?? members[index];
    await eventually(`node ${index} reaches all`, async () => {
      await ctl(sender.socket, "emit", { event: "ready", args: [index] });
      await ask(sender.socket, "echo");
      return members.every(({ ready }) => ready.events.some(([seen]) => seen === index));
    });
  }
  for (const [from, { socket }] of members.entries()) {
    socket.emit("shout", from, "ü😀");
    socket.emit("shout", from, Buffer.from([from, 4, 255]), { between: Buffer.from("ü") });
    socket.emit("shout", `end ${from}`);
  }
  for (const [to, { name, got }] of members.entries())
    for (const from of members.keys()) {
      if (from === to) continue;
      await got.marked(`end ${from}`);
      const seen = got.events.filter(([first]) => first === from).map(plain);
      assert.deepEqual(seen, [[from, "ü😀"], [from, Buffer.from([from, 4, 255]), { between: Buffer.from("ü") }]], `from ${members[from].name} to ${name}`);
    }
}

const cluster = [...new Set([ours, "reference"])];
test(`a cluster of ${cluster.join(" and ")}: broadcasts to all versions`, async (t) => {
  const redis = await startRedis(t);
  const nodes = await Promise.all(cluster.map((kind) => startNode(t, kind, allow, "--redis", redis.url)));
  await broadcasts(t, nodes);
});
