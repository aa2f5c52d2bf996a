// Questions to several clients, and orders to sockets, on a node that is alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, next, reasonOf, transports } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";
import { overTls } from "./lib/tls.js";

const overs = Object.keys(transports);
const ids = (sockets) => sockets.map(({ id }) => id).sort();

// Three clients by all transports, in the rooms "all", and "r0" to "r2".
async function trio(t, kind, options) {
  const node = await startNode(t, kind, "--name", "someone");
  const sockets = await Promise.all(overs.map((over) => connect(t, node, { over, ...options })));
  for (const [index, socket] of sockets.entries()) await ask(socket, "join", ["all", `r${index}`]);
  return { node, sockets };
}

for (const kind of kinds) {
  test(`${kind}: emitWithAck`, async (t) => {
    const { sockets } = await trio(t, kind);
    const [first, second, third] = sockets;
    let silent = false;
    sockets.forEach((socket, index) => socket.on("q", (value, ack) => silent && index === 1 ? undefined : ack(value + index, "more")));

    await t.test("everybody answers", async () => {
      const { ok, responses } = await ctl(first, "emitWithAck", { event: "q", args: [10] });
      assert.equal(ok, true);
      assert.deepEqual(responses.sort(), [10, 11, 12]);
    });
    await t.test("rooms and exceptions", async () => {
      const reply = await ctl(first, "emitWithAck", { event: "q", args: [1], rooms: ["r0", "r2", "none"], except: ["r2"] });
      assert.deepEqual(reply, { ok: true, responses: [1] });
      assert.deepEqual(await ctl(first, "emitWithAck", { event: "q", args: [1], rooms: ["none"] }), { ok: true, responses: [] });
      assert.deepEqual(await ctl(first, "emitWithAck", { event: "q", args: [1], rooms: ["r1"], flags: { local: true } }), { ok: true, responses: [2] });
    });
    await t.test("no arguments, no answer's arguments, binary", async () => {
      sockets.forEach((socket) => socket.on("none", (...args) => args[0]()));
      assert.deepEqual((await ctl(first, "emitWithAck", { event: "none", rooms: ["r1", "r2"] })).responses, [null, null]);
      third.on("bytes", (bytes, ack) => ack({ bytes }));
      const { responses } = await ctl(first, "emitWithAck", { event: "bytes", args: [Buffer.from([1, 2])], rooms: ["r2"] });
      assert.deepEqual(Buffer.from(responses[0].bytes), Buffer.from([1, 2]));
    });
    await t.test("one is silent", async () => {
      silent = true;
      const begin = Date.now();
      const [reply, flagged] = await Promise.all([
        ctl(first, "emitWithAck", { event: "q", args: [0], timeout: 3000, flags: { timeout: 60_000 } }),
        ctl(first, "emitWithAck", { event: "q", args: [0], flags: { timeout: 3000 } }),
      ]);
      assert(Date.now() - begin >= 2990);
      assert.equal(reply.ok, false);
      assert.equal(typeof reply.error, "string");
      assert.deepEqual(reply.responses.sort(), [0, 2]);
      assert.deepEqual([flagged.ok, flagged.responses.sort()], [false, [0, 2]]);
    });
    await t.test("one goes meanwhile", async () => {
      second.on("go", () => second.disconnect());
      sockets.forEach((socket) => socket.on("go", (ack) => ack?.("stays")));
      const reply = await ctl(first, "emitWithAck", { event: "go", timeout: 3000 });
      assert.equal(reply.ok, false);
      assert.deepEqual(reply.responses, ["stays", "stays"]);
    });
  });

  test(`${kind}: many ask at once, answers come to whom they belong`, async (t) => {
    const { sockets } = await trio(t, kind);
    sockets.forEach((socket, index) => socket.on("q", (value, ack) => setTimeout(ack, (value * 7) % 5, [value, index])));
    const replies = await Promise.all(Array.from({ length: 60 }, (_, value) =>
      ctl(sockets[value % 3], "emitWithAck", { event: "q", args: [value] })));
    for (const [value, { responses }] of replies.entries())
      assert.deepEqual(responses.sort(), [[value, 0], [value, 1], [value, 2]]);
  });

  test(`${kind}: fetchSockets, allRooms, serverCount`, async (t) => {
    const { node, sockets } = await trio(t, kind, { auth: { token: "x" }, query: { a: "b c" } });
    const [first, second] = sockets;

    await t.test("everybody", async () => {
      const { ok, sockets: fetched } = await ctl(first, "fetchSockets");
      assert.equal(ok, true);
      assert.deepEqual(ids(fetched), ids(sockets));
      for (const { id, rooms, data, handshake } of fetched) {
        const index = sockets.findIndex((socket) => socket.id === id);
        assert.deepEqual(rooms.sort(), [id, "all", `r${index}`].sort());
        assert.deepEqual(data, {});
        assert.deepEqual(handshake.auth, { token: "x" });
        assert.equal(handshake.query.a, "b c");
        assert.equal(handshake.query.EIO, "4");
        assert.equal(handshake.headers.host, node.host);
        assert.match(handshake.url, /^\/socket\.io\/\?/);
        assert.match(handshake.address, /127\.0\.0\.1$/);
        assert.equal(handshake.secure, overTls);
        assert.equal(handshake.xdomain, false);
        assert(Math.abs(handshake.issued - Date.now()) < 60_000);
        assert(Math.abs(handshake.issued - Date.parse(handshake.time)) < 2000, "the same time, but for the fraction of a second");
      }
    });
    await t.test("data", async () => {
      const data = { user: { name: "Zoë", roles: ["a", null, 1.5] } };
      assert.deepEqual(await ctl(first, "setData", { data }), { ok: true });
      const { sockets: fetched } = await ctl(second, "fetchSockets", { rooms: ["r0"] });
      assert.deepEqual(fetched[0].data, data);
    });
    await t.test("some", async () => {
      const { sockets: fetched } = await ctl(first, "fetchSockets", { rooms: ["r0", "r1", "none"], except: ["r0"] });
      assert.deepEqual(ids(fetched), [second.id]);
      assert.deepEqual((await ctl(first, "fetchSockets", { rooms: ["none"] })).sockets, []);
      assert.deepEqual((await ctl(first, "fetchSockets", { nsp: "/custom" })).sockets, []);
    });
    await t.test("who has gone is not there", async () => {
      const { id } = second;
      second.disconnect();
      await reasonOf(first, id);
      assert.deepEqual(ids((await ctl(first, "fetchSockets", { flags: { local: true } })).sockets), ids([first, sockets[2]]));
    });
    await t.test("rooms", async () => {
      const { ok, rooms } = await ctl(first, "allRooms");
      assert.equal(ok, true);
      assert.deepEqual(rooms.sort(), [first.id, sockets[2].id, "all", "r0", "r2"].sort());
      assert.deepEqual((await ctl(first, "allRooms", { nsp: "/custom" })).rooms, []);
    });
    await t.test("servers", async () => assert.deepEqual(await ctl(first, "serverCount"), { ok: true, count: 1 }));
  });

  test(`${kind}: socketsJoin and socketsLeave, heeded by what follows`, async (t) => {
    const { sockets } = await trio(t, kind);
    const [first] = sockets;
    const got = sockets.map((socket) => collect(socket, "said"));
    const said = (...args) => ctl(first, "emit", { event: "said", args, rooms: ["new"] });
    assert.deepEqual(await Promise.all([
      ctl(first, "socketsJoin", { rooms: ["r0", "r1"], targets: ["new", "other"] }),
      said(1),
      ctl(first, "socketsLeave", { rooms: ["r0"], targets: ["new", "never"] }),
      said(2),
      ctl(first, "socketsJoin", { except: ["other"], targets: ["new"] }),
      said(3),
    ]), Array(6).fill({ ok: true }));
    await ctl(first, "emit", { event: "said", args: ["end"] });
    const events = await Promise.all(got.map(async (list) => (await list.marked("end")).flat()));
    assert.deepEqual(events, [[1, "end"], [1, 2, 3, "end"], [3, "end"]]);
    assert.deepEqual((await ask(sockets[1], "rooms"))[0], [sockets[1].id, "all", "new", "other", "r1"].sort());
  });

  test(`${kind}: disconnectSockets`, async (t) => {
    const { node, sockets } = await trio(t, kind);
    const control = await connect(t, node, { nsp: "/custom" });
    const [first, second, third] = sockets;
    const leaves = (socket) => next(socket, "disconnect").then(([reason]) => reason);
    const [left] = await Promise.all([leaves(first), ctl(control, "disconnectSockets", { nsp: "/", rooms: ["r0"] })]);
    assert.equal(left, "io server disconnect");
    assert.equal(second.connected, true);
    const reasons = await Promise.all([leaves(second), leaves(third), ctl(control, "disconnectSockets", { nsp: "/", close: true })]);
    assert.deepEqual(reasons.slice(0, 2), ["io server disconnect", "io server disconnect"]);
    assert.deepEqual((await ctl(control, "fetchSockets", { nsp: "/" })).sockets, []);
    assert.equal(control.connected, true);
  });

  test(`${kind}: serverSideEmit reaches nobody on a node that is alone`, async (t) => {
    const { sockets: [socket] } = await trio(t, kind);
    assert.deepEqual(await ctl(socket, "serverSideEmit", { event: "x", args: [1], ack: false }), { ok: true });
    assert.deepEqual(await ctl(socket, "serverSideEmit", { event: "x", args: [1], ack: true }), { ok: true, responses: [] });
    assert.deepEqual(await ctl(socket, "events"), { ok: true, events: [] });
  });

  test(`${kind}: a node ends while questions are open`, async (t) => {
    const { node, sockets } = await trio(t, kind);
    for (let number = 0; number < 50; number++)
      sockets[number % 3].emit("ctl", { op: "emitWithAck", event: "nobody answers", timeout: 60_000 }, () => {});
    await ask(sockets[0], "echo", 0);
    const gone = next(sockets[0], "disconnect");
    const [code] = await node.terminate();
    assert.equal(code, 0);
    await gone;
  });
}
