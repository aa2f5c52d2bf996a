// The other parser: clients and nodes with socket.io-msgpack-parser.
import assert from "node:assert/strict";
import { test } from "node:test";
import parser from "socket.io-msgpack-parser";
import { ask, collect, connect, ctl, eventually, join, next, open, reasonOf, transports } from "./lib/clients.js";
import { decode, encode } from "./lib/dialogue.js";
import { within } from "./lib/later.js";
import { mutations } from "./lib/mutate.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { openPolling, openWebSocket } from "./lib/raw.js";
import { startRedis } from "./lib/redis.js";
import { binaries, plain, roundTrip, values } from "./lib/values.js";

const start = (t, kind, ...flags) => startNode(t, kind, "--parser", "msgpack", ...flags);
const dial = (t, node, options) => connect(t, node, { parser, ...options });

// The package writes integers of 2^64 and more damaged.
const carried = { ...values, numbers: values.numbers.filter((number) => Math.abs(number) < 2 ** 64) };

// What this parser carries and the default one does not.
const more = {
  dates: [new Date(0), new Date(1500), new Date(-1), new Date(8.64e15)],
  undefined: [undefined, 1, { a: undefined }, [undefined]],
  "numbers that JSON lacks": [NaN, Infinity, -Infinity],
  "like placeholders": [{ _placeholder: true, num: 0 }, Buffer.from("x"), { _placeholder: true, num: 1 }],
  "more binaries than attachments": Array.from({ length: 50 }, (_, index) => Buffer.from([index])),
};

// ---- official clients ----

for (const kind of kinds) {
  for (const over of Object.keys(transports))
    test(`${kind}: packets by ${over}`, async (t) => {
      const node = await start(t, kind);
      const socket = await dial(t, node, { over, auth: { token: "x", bytes: "y" } });
      assert.deepEqual(socket.welcome, { token: "x", bytes: "y" });
      for (const [name, args] of Object.entries({ ...carried, ...binaries }))
        await t.test(name, () => roundTrip(socket, args));
      for (const [name, args] of Object.entries(more))
        await t.test(name, async () => {
          const back = next(socket, "message-back");
          socket.emit("message", ...args);
          assert.deepEqual(await back, args);
          assert.deepEqual(await ask(socket, "message-with-ack", ...args), args);
        });
      await t.test("an ArrayBuffer", async () => {
        assert.deepEqual((await ask(socket, "echo", Uint8Array.from([1, 2, 3]).buffer)).map(plain), [Buffer.from([1, 2, 3])]);
      });
      await t.test("900 kB", () => roundTrip(socket, [Buffer.alloc(over === "polling" ? 650_000 : 900_000, "0123456789"), "end"]));
      await t.test("without acknowledgement the echo is an event", async () => {
        const echo = next(socket, "echo");
        socket.emit("echo", 1, "two");
        assert.deepEqual(await echo, [1, "two"]);
      });
      await t.test("order", async () => {
        const back = collect(socket, "message-back");
        const numbers = Array.from({ length: 300 }, (_, index) => [index]);
        for (const args of numbers) socket.emit("message", ...args);
        assert.deepEqual(await back.until(300), numbers);
      });
    });

  test(`${kind}: namespaces, refusals and disconnects`, async (t) => {
    const node = await start(t, kind);
    const socket = await dial(t, node, { over: "upgrade" });
    const custom = await join(socket, "/custom");
    await roundTrip(custom, ["text", { binary: Buffer.from([1, 2, 3]) }]);

    const [missing] = await next(open(t, node, { nsp: "/missing", parser }), "connect_error");
    assert.equal(missing.message, "Invalid namespace");
    const [refused] = await next(open(t, node, { nsp: "/auth", parser, auth: { token: "wrong" } }), "connect_error");
    assert.equal(refused.message, "not authorized");
    assert.deepEqual(refused.data, { code: 401 });
    await dial(t, node, { nsp: "/auth", auth: { token: "secret" } });

    const gone = next(custom, "disconnect");
    custom.emit("bye", false);
    assert.deepEqual((await gone)[0], "io server disconnect");
    const { id } = await dial(t, node).then((other) => ({ id: other.id, off: other.disconnect() }));
    assert.equal(await reasonOf(socket, id), "client namespace disconnect");
    const end = next(socket, "disconnect");
    socket.emit("bye", true);
    assert.deepEqual((await end)[0], "io server disconnect");
  });

  test(`${kind}: rooms, in one copy for all transports`, async (t) => {
    const node = await start(t, kind);
    const members = await Promise.all([...Object.keys(transports), ...Object.keys(transports)].map((over) => dial(t, node, { over })));
    const got = members.map((member) => collect(member, "said"));
    await Promise.all(members.slice(0, 4).map((member) => ask(member, "join", "r")));
    members[0].emit("say", "r", Buffer.from("bytes"), new Date(5), { a: [1] });
    await ask(members[0], "echo", 0);
    await ctl(members[0], "emit", { event: "said", args: ["end"] });
    for (const [index, { marked }] of got.entries()) {
      const expected = index > 0 && index < 4 ? [[Buffer.from("bytes"), new Date(5), { a: [1] }]] : [];
      assert.deepEqual(await marked("end"), [...expected, ["end"]]);
    }
  });

  // ---- what is no packet ----

  test(`${kind}: who speaks otherwise is closed`, async (t) => {
    const node = await start(t, kind);
    const good = await dial(t, node);
    const packet = { type: 2, data: ["echo", 1], id: 0, nsp: "/" };
    const malformed = {
      "a packet of the default parser": '2["echo",1]',
      "a text of one digit": "2",
      "no bytes": Buffer.alloc(0),
      "no packet": encode([2, ["echo"]]),
      nil: encode(null),
      "a packet cut off": encode(packet).subarray(0, -1),
      "two packets": Buffer.concat([encode(packet), encode(packet)]),
      "an unknown type": encode({ ...packet, type: 5 }),
      "a type that is text": encode({ ...packet, type: "2" }),
      "no namespace": encode({ ...packet, nsp: undefined }),
      "a namespace that was not joined": encode({ ...packet, nsp: "/custom" }),
      "an id that is text": encode({ ...packet, id: "0" }),
      "an id with a fraction": encode({ ...packet, id: 0.5 }),
      "data that is no array": encode({ ...packet, data: { 0: "echo" } }),
      "CONNECT twice": encode({ type: 0, nsp: "/" }),
      "CONNECT with a list": encode({ type: 0, nsp: "/custom", data: [] }),
      "a CONNECT_ERROR from a client": encode({ type: 4, nsp: "/", data: { message: "x" } }),
    };
    for (const [name, message] of Object.entries(malformed))
      await t.test(name, async (t) => {
        const socket = await openWebSocket(t, node);
        await socket.next();
        socket.send(encode({ type: 0, nsp: "/" }));
        const { data, ...rest } = decode(await socket.next());
        assert.deepEqual(rest, { type: 0, nsp: "/" });
        assert.deepEqual(decode(await socket.next()), { type: 2, data: ["auth", {}], nsp: "/" });
        socket.send(encode(packet));
        assert.deepEqual(decode(await socket.next()), { id: 0, type: 3, data: [1], nsp: "/" });
        socket.send(typeof message === "string" ? `4${message}` : message);
        await within(socket.closed, "the end of the connection");
        assert.equal(await reasonOf(good, data.sid), "forced close");
      });
    assert.deepEqual(await ask(good, "echo", 1), [1]);
  });

  test(`${kind}: a client with the default parser is closed`, async (t) => {
    const node = await start(t, kind);
    const socket = open(t, node);
    await within(new Promise((resolve) => socket.io.engine.once("close", resolve)), "the end of the connection");
    assert.equal(socket.connected, false);
  });

  test(`${kind}: polling carries packets in base64`, async (t) => {
    const node = await start(t, kind);
    const polling = await openPolling(node);
    await (await polling.post(`b${encode({ type: 0, nsp: "/" }).toString("base64")}`)).text();
    const [answer, welcome] = [await polling.next(), await polling.next()];
    assert.deepEqual(Object.keys(decode(Buffer.from(answer.slice(1), "base64"))), ["type", "data", "nsp"]);
    assert.equal(welcome, `b${encode({ type: 2, data: ["auth", {}], nsp: "/" }).toString("base64")}`);
  });
}

// The package lets these through to the handlers, or hangs and throws on them.
test("what only we refuse", { skip: kinds.includes("ours") ? false : "about ours only" }, async (t) => {
  const node = await start(t, "ours");
  const good = await dial(t, node);
  const nested = Buffer.concat([Buffer.from("83a47479706502a36e7370a12fa464617461", "hex"), Buffer.alloc(100_000, 0x91), Buffer.from([0x90])]);
  const event = (data, fields) => encode({ type: 2, data, nsp: "/", ...fields });
  for (const message of [nested, event([]), event([null]), event([{}]), event(["disconnect"]), event(["connect"]), event(["a"], { id: -1 }), event(["a"], { id: 2 ** 53 })]) {
    const socket = await openWebSocket(t, node);
    await socket.next();
    socket.send(encode({ type: 0, nsp: "/" }));
    const { data } = decode(await socket.next());
    socket.send(message);
    await within(socket.closed, "the end of the connection");
    assert.equal(await reasonOf(good, data.sid), "parse error");
  }
  const claims = await openWebSocket(t, node);
  await claims.next();
  claims.send(Buffer.from("83a47479706502a36e7370a12fa46461746192a178c9ffffffff00", "hex"));
  await within(claims.closed, "the end of the connection");
  assert.deepEqual(await ask(good, "echo", 1), [1]);
});

test("500 packets with a byte changed hurt nobody else", async (t) => {
  const node = await start(t, ours);
  const good = await dial(t, node);
  const packet = encode({ type: 2, data: ["echo", { a: [1, "two", Buffer.from("3")] }, new Date(4)], id: 5, nsp: "/" });
  const connection = encode({ type: 0, data: { token: "t" }, nsp: "/" });
  let socket;
  for (const changed of mutations(packet, 500)) {
    if (!socket || socket.readyState !== socket.OPEN) {
      socket = await openWebSocket(t, node);
      socket.send(connection);
    }
    socket.send(changed);
    await ask(good, "echo", 1);
  }
  socket.terminate();
  await eventually("all others are gone", async () => (await ctl(good, "stats")).clients === 1);
});

// ---- cluster ----

test("nodes with either parser on one Redis", async (t) => {
  const redis = await startRedis(t);
  const layout = [["ours", "msgpack"], ["reference", "msgpack"], ["ours", "default"], ["reference", "default"]].filter(([kind]) => kinds.includes(kind));
  const members = await Promise.all(layout.map(async ([kind, form]) => {
    const node = await startNode(t, kind, "--redis", redis.url, "--parser", form);
    const socket = await connect(t, node, form === "msgpack" ? { parser } : {});
    await ask(socket, "join", "r");
    return { socket, ready: collect(socket, "ready"), said: collect(socket, "said") };
  }));
  for (const [index, { socket }] of members.entries())
    await eventually(`node ${index} reaches all`, async () => {
      await ctl(socket, "emit", { event: "ready", args: [index] });
      return members.every(({ ready }) => ready.events.some(([seen]) => seen === index));
    });
  for (const [index, { socket }] of members.entries()) {
    socket.emit("say", "r", index, Buffer.from([0, index, 255]), { text: "ä", _placeholder: false });
    await ask(socket, "echo", 0);
    await ctl(socket, "emit", { event: "said", args: [`end ${index}`] });
  }
  for (const [index, { said }] of members.entries()) {
    for (const from of members.keys()) await said.marked(`end ${from}`);
    const got = said.events.filter(([from]) => typeof from === "number").sort(([a], [b]) => a - b);
    const expected = [...members.keys()].filter((from) => from !== index)
      .map((from) => [from, Buffer.from([0, from, 255]), { text: "ä", _placeholder: false }]);
    assert.deepEqual(got.map(plain), expected);
  }
});
