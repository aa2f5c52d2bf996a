// Connection state recovery: clients that lose their connection and come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, next, open, reasonOf } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { openWebSocket } from "./lib/raw.js";
import { argumentsOf, comeBack, lose } from "./lib/recovery.js";
import { startRedis } from "./lib/redis.js";

const offsets = ["websocket", "polling"];

for (const kind of kinds) {
  test(`${kind}: recovery`, async (t) => {
    const node = await startNode(t, kind, "--recovery", "60000");
    const control = await connect(t, node);

    for (const over of offsets)
      await t.test(`who comes back is the same, and has missed nothing, by ${over}`, async (t) => {
        const socket = await connect(t, node, { over });
        assert.equal(socket.recovered, false);
        await ask(socket, "join", ["r", "s"]);
        await ctl(socket, "setData", { data: { name: "Ada", list: [1, null] } });
        const { id } = socket;
        const heard = collect(socket, "news");
        await ctl(control, "emit", { event: "news", args: ["seen"], rooms: ["r"] });
        await heard.until(1);
        await lose(socket, control);

        for (const [args, target] of [
          [["to r"], { rooms: ["r"] }], [["to others"], { rooms: ["elsewhere"] }], [["to all", { deep: [1.5] }], {}],
          [["not to s"], { except: ["s"] }], [["to the socket"], { rooms: [id] }],
          [["twice", "in one"], { rooms: ["r", "s"] }], [["volatile"], { rooms: ["r"], flags: { volatile: true } }],
          [["binary", Buffer.from([0, 1, 255])], { rooms: ["s"] }],
        ]) await ctl(control, "emit", { event: "news", args, ...target });

        const order = [];
        socket.onAny((event) => order.push(event));
        socket.once("connect", () => order.push("connect"));
        await comeBack(socket);
        assert.equal(socket.recovered, true);
        assert.equal(socket.id, id);
        assert.deepEqual(argumentsOf(heard.events).slice(1), [
          ["to r"], ["to all", { deep: [1.5] }], ["to the socket"], ["twice", "in one"], ["binary", Buffer.from([0, 1, 255])],
        ]);
        assert.equal(order.lastIndexOf("news") < order.indexOf("connect"), true, `what was missed comes first: ${order}`);
        assert.deepEqual((await ask(socket, "rooms"))[0].sort(), [id, "r", "s"].sort());
        const { sockets } = await ctl(control, "fetchSockets", { rooms: [id] });
        assert.deepEqual(sockets[0].data, { name: "Ada", list: [1, null] });

        // and once more
        await lose(socket, control);
        await ctl(control, "emit", { event: "news", args: ["again"], rooms: ["s"] });
        await comeBack(socket);
        assert.deepEqual([socket.recovered, socket.id], [true, id]);
        assert.deepEqual(argumentsOf(heard.events).at(-1), ["again"]);
        assert.equal(new Set(heard.events.map((args) => args.at(-1))).size, heard.events.length, "each offset once");
      });

    await t.test("in another namespace, a dynamic one", async (t) => {
      const socket = await connect(t, node, { nsp: "/dynamic-9" });
      const heard = collect(socket, "news");
      await ctl(control, "emit", { nsp: "/dynamic-9", event: "news", args: [1] });
      await heard.until(1);
      await lose(socket, control);
      await ctl(control, "emit", { nsp: "/dynamic-9", event: "news", args: [2] });
      await ctl(control, "emit", { event: "news", args: ["elsewhere"] });
      await comeBack(socket);
      assert.equal(socket.recovered, true);
      assert.deepEqual(argumentsOf(heard.events), [[1], [2]]);
    });

    await t.test("a middleware is not asked again", async (t) => {
      const socket = await connect(t, node, { nsp: "/auth", auth: { token: "secret" } });
      await lose(socket, control);
      socket.auth = { token: "forgotten" };
      await comeBack(socket);
      assert.equal(socket.recovered, true);
    });

    await t.test("acknowledgements work, and have no offset", async (t) => {
      const socket = await connect(t, node);
      assert.deepEqual(await ask(socket, "echo", 1, "two"), [1, "two"]);
      socket.on("question", (...args) => args.at(-1)(args.slice(0, -1)));
      const { responses } = await ctl(control, "emitWithAck", { event: "question", args: ["why"], rooms: [socket.id] });
      assert.deepEqual(responses, [["why"]]);
    });

    for (const [how, leave] of [
      ["by itself", (socket) => socket.disconnect()],
      ["for good", (socket) => socket.emit("bye", false)],
      ["with its connection", (socket) => socket.emit("bye", true)],
    ])
      await t.test(`who left ${how} begins anew`, async (t) => {
        const socket = await connect(t, node);
        await ask(socket, "join", "r");
        const { id } = socket;
        const gone = next(socket, "disconnect");
        leave(socket);
        await gone;
        await reasonOf(control, id);
        await comeBack(socket);
        assert.equal(socket.recovered, false);
        assert.notEqual(socket.id, id);
        assert.deepEqual(await ask(socket, "rooms"), [[socket.id]]);
      });

    for (const [what, auth] of [
      ["an offset that is none", (pid) => ({ pid, offset: "nonsense" })],
      ["no offset", (pid) => ({ pid })],
      ["an offset that is no text", (pid) => ({ pid, offset: 1 })],
      ["a pid that is none", (pid, offset) => ({ pid: "x".repeat(20), offset })],
      ["a pid that is no text", (pid, offset) => ({ pid: [pid], offset })],
    ])
      await t.test(`with ${what} a client begins anew`, async (t) => {
        const socket = await connect(t, node);
        const { id, _pid, _lastOffset } = socket;
        assert.match(_lastOffset, /./);
        await lose(socket, control);
        const other = await connect(t, node, { auth: auth(_pid, _lastOffset) });
        assert.notEqual(other.id, id);
        assert.deepEqual(await ask(other, "rooms"), [[other.id]]);
      });

    await t.test("the answer to CONNECT has a pid, and a second namespace another", async (t) => {
      const socket = await openWebSocket(t, node);
      await socket.next();
      const pids = [];
      for (const [packet, answer] of [["40", /^40/], ["40/custom,", /^40\/custom,/]]) {
        socket.send(packet);
        const text = await socket.next();
        assert.match(text, answer);
        const { sid, pid } = JSON.parse(text.replace(answer, ""));
        assert.match(sid, /^[\w-]{20}$/);
        assert.match(pid, /^[\w-]{20}$/);
        assert.match(await socket.next(), /^42.*\["auth",\{\},"[^"]+"\]$/);
        pids.push(pid, sid);
      }
      assert.equal(new Set(pids).size, 4);
    });
  });

  test(`${kind}: who stays away for too long begins anew`, async (t) => {
    const node = await startNode(t, kind, "--recovery", "300");
    const control = await connect(t, node);
    const socket = await connect(t, node);
    const { id } = socket;
    await lose(socket, control);
    await new Promise((resolve) => setTimeout(resolve, 700)); // it is time itself that is tried
    await comeBack(socket);
    assert.deepEqual([socket.recovered, socket.id === id], [false, false]);
  });

  test(`${kind}: a node that was started again knows nobody`, async (t) => {
    const first = await startNode(t, kind, "--recovery", "60000");
    const control = await connect(t, first);
    const socket = await connect(t, first);
    const { _pid: pid, _lastOffset: offset, id } = socket;
    await lose(socket, control);
    const second = await startNode(t, kind, "--recovery", "60000");
    const other = await connect(t, second, { auth: { pid, offset } });
    assert.equal(other.recovered, false);
    assert.notEqual(other.id, id);
  });

  test(`${kind}: without the flag there is no recovery`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);
    const socket = await connect(t, node);
    const { id } = socket;
    assert.equal(socket._pid, undefined);
    await lose(socket, control);
    await comeBack(socket);
    assert.deepEqual([socket.recovered, socket.id === id], [undefined, false]);
  });
}

if (kinds.includes("ours"))
  test("ours: a session is recovered once", async (t) => {
    const node = await startNode(t, "ours", "--recovery", "60000");
    const control = await connect(t, node);
    const socket = await connect(t, node);
    const { _pid: pid, _lastOffset: offset, id } = socket;
    await lose(socket, control);
    const [one, two] = await Promise.all([0, 1].map(() => connect(t, node, { auth: { pid, offset } })));
    assert.equal([one.id, two.id].filter((each) => each === id).length, 1);
    await eventually("the counters tell", async () => {
      const stats = await ctl(control, "stats");
      return stats.sessions_restored === 1 && stats.sessions_kept === 0;
    });
  });

// The classic adapter of the reference keeps nothing: this is ours alone.
if (kinds.includes("ours"))
  test("ours: what other nodes emit meanwhile is not missed, by the classic adapter", async (t) => {
    const redis = await startRedis(t);
    const [home, elsewhere] = [
      await startNode(t, "ours", "--redis", redis.url, "--recovery", "60000"),
      await startNode(t, kinds.at(-1), "--redis", redis.url),
    ];
    const [control, sender, socket] = [await connect(t, home), await connect(t, elsewhere), await connect(t, home)];
    await ask(socket, "join", "alone");
    const heard = collect(socket, "news");
    await eventually("the nodes hear each other", async () => {
      await ctl(sender, "emit", { event: "news", args: ["here"], rooms: ["alone"] });
      return heard.events.length > 0;
    });
    // behind those that are still on their way
    await ctl(sender, "emit", { event: "news", args: ["all is here"], rooms: ["alone"] });
    await heard.marked("all is here");
    const before = (await ctl(control, "stats")).packets_kept;
    await lose(socket, control);
    for (const args of [["one"], ["two"]]) await ctl(sender, "emit", { event: "news", args, rooms: ["alone"] });
    await ctl(sender, "emit", { event: "news", args: ["not this"], rooms: ["other"] });
    await ctl(sender, "emit", { event: "news", args: ["three"] });
    await eventually("they are kept", async () => (await ctl(control, "stats")).packets_kept >= before + 4);
    await comeBack(socket);
    assert.equal(socket.recovered, true);
    assert.deepEqual(argumentsOf(heard.events).slice(-3), [["one"], ["two"], ["three"]]);
  });
