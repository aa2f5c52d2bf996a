// Questions and orders between nodes of ours and official ones: every operation, from every node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "@socket.io/redis-emitter";
import { ask, collect, connect, ctl, eventually, next } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const sorted = (list) => [...list].sort();
const ids = (sockets) => sorted(sockets.map(({ id }) => id));
const bytes = (value) => [...Buffer.from(value)];

// Nodes n0, n1, … with a client each, in the rooms "all" and "n<index>"; they know of each other.
async function startCluster(t, layout, { shared = [], own = () => [] } = {}) {
  const redis = await startRedis(t);
  const nodes = await Promise.all(layout.map((kind, index) =>
    startNode(t, kind, "--redis", redis.url, "--name", `n${index}`, ...shared, ...own(kind))));
  const sockets = await Promise.all(nodes.map((node, index) => connect(t, node, { auth: { index } })));
  for (const [index, socket] of sockets.entries()) {
    await ask(socket, "join", ["all", `n${index}`]);
    assert.deepEqual(await ctl(socket, "setData", { data: { index } }), { ok: true });
  }
  await meet(sockets);
  return { redis, nodes, sockets };
}

// Resolves once every node, by a client of its own, counts all.
async function meet(sockets) {
  for (const socket of sockets)
    await eventually("all nodes are there", async () => {
      const { count, error } = await ctl(socket, "serverCount");
      return count === sockets.length || error?.includes("is not a function"); // version 6 does not count
    });
}

const roomsOf = async (socket) => (await ask(socket, "rooms"))[0];
const inRoom = (socket, room, is = true) =>
  eventually(`${socket.id} ${is ? "joins" : "leaves"} ${room}`, async () => (await roomsOf(socket)).includes(room) === is);

// Put to clients of which one says nothing: time enough for the others, which runs out while all else is asked.
const silences = (sockets) =>
  sockets.map((asker, from) => ctl(asker, "emitWithAck", { event: "silent", args: [(from + 1) % sockets.length], timeout: 2000 }));

async function everyOperation(t, { layout, sockets, silences }, from) {
  const asker = sockets[from];
  const others = layout.map((_, index) => index).filter((index) => index !== from);

  await t.test("serverCount", async () => assert.deepEqual(await ctl(asker, "serverCount"), { ok: true, count: layout.length }));

  await t.test("allRooms", async () => {
    const { ok, rooms } = await ctl(asker, "allRooms");
    assert.equal(ok, true);
    assert.deepEqual(sorted(rooms), sorted(["all", ...layout.map((_, index) => `n${index}`), ...sockets.map(({ id }) => id)]));
  });

  await t.test("fetchSockets", async () => {
    const { ok, sockets: fetched } = await ctl(asker, "fetchSockets");
    assert.equal(ok, true);
    assert.deepEqual(ids(fetched), ids(sockets));
    for (const { id, rooms, data, handshake } of fetched) {
      const index = sockets.findIndex((socket) => socket.id === id);
      assert.deepEqual(sorted(rooms), sorted([id, "all", `n${index}`]));
      assert.deepEqual(data, { index });
      assert.deepEqual(Object.keys(handshake), ["headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"]);
      assert.deepEqual(handshake.auth, { index });
      assert.equal(handshake.query.EIO, "4");
      assert.match(handshake.headers.host, /^127\.0\.0\.1:/);
    }
    const some = await ctl(asker, "fetchSockets", { rooms: ["all", "none"], except: ["n1"] });
    assert.deepEqual(ids(some.sockets), ids(sockets.filter((_, index) => index !== 1)));
    const last = await ctl(asker, "fetchSockets", { rooms: [sockets.at(-1).id] });
    assert.deepEqual(ids(last.sockets), [sockets.at(-1).id]);
    assert.deepEqual(ids((await ctl(asker, "fetchSockets", { flags: { local: true } })).sockets), [asker.id]);
    assert.deepEqual(await ctl(asker, "fetchSockets", { rooms: ["none"] }), { ok: true, sockets: [] });
  });

  await t.test("socketsJoin and socketsLeave", async () => {
    await ctl(asker, "socketsJoin", { rooms: ["all"], except: ["n1"], targets: ["t1", "t2"] });
    for (const [index, socket] of sockets.entries()) if (index !== 1) for (const room of ["t1", "t2"]) await inRoom(socket, room);
    assert(!(await roomsOf(sockets[1])).includes("t1"));
    await ctl(asker, "socketsLeave", { targets: ["t1"] });
    for (const socket of sockets) await inRoom(socket, "t1", false);
    assert((await roomsOf(sockets[0])).includes("t2"));
    await ctl(asker, "socketsLeave", { rooms: ["t2"], targets: ["t2"] });
    for (const socket of sockets) await inRoom(socket, "t2", false);
  });

  await t.test("serverSideEmit", async () => {
    const args = [from, { deep: ["ä", null, 1.5] }];
    await ctl(asker, "serverSideEmit", { event: "side", args });
    for (const index of others)
      await eventually("the other nodes hear it", async () =>
        (await ctl(sockets[index], "events")).events.some((event) => JSON.stringify(event) === JSON.stringify(["side", ...args])));
    assert(!(await ctl(asker, "events")).events.some(([event, index]) => event === "side" && index === from));
  });

  await t.test("serverSideEmit with acknowledgements", async () => {
    const { ok, responses } = await ctl(asker, "serverSideEmit", { event: "asked", args: [from], ack: true });
    assert.equal(ok, true);
    assert.deepEqual(sorted(responses), others.map((index) => `n${index}`));
  });

  await t.test("emitWithAck", async () => {
    const { ok, responses } = await ctl(asker, "emitWithAck", { event: "q", args: [10] });
    assert.equal(ok, true);
    assert.deepEqual(responses.sort(), layout.map((_, index) => 10 + index));
    const some = await ctl(asker, "emitWithAck", { event: "q", args: [1], rooms: ["n0", "n2", "none"], except: ["n0"] });
    assert.deepEqual(some, { ok: true, responses: [3] });
    assert.deepEqual(await ctl(asker, "emitWithAck", { event: "q", rooms: ["none"] }), { ok: true, responses: [] });
    assert.deepEqual((await ctl(asker, "emitWithAck", { event: "none" })).responses.map((value) => value ?? null), layout.map(() => null));
    const binary = await ctl(asker, "emitWithAck", { event: "bytes", args: [Buffer.from([1, 2])] });
    assert.deepEqual(binary.responses.map(({ back }) => bytes(back)), layout.map(() => [1, 2]));
  });

  await t.test("emitWithAck, and one is silent", async () => {
    const { ok, error, responses } = await silences[from];
    assert.equal(ok, false);
    assert.equal(typeof error, "string");
    assert.deepEqual(responses, layout.slice(1).map(() => "spoke"));
  });
}

function answerQuestions(sockets) {
  for (const [index, socket] of sockets.entries()) {
    socket.on("q", (value, ack) => ack(value + index, "only the first counts"));
    socket.on("none", (ack) => ack());
    socket.on("bytes", (value, ack) => ack({ back: value }));
    socket.on("silent", (who, ack) => who === index || ack("spoke"));
  }
}

const mixed = kinds.includes("ours") ? ["ours", "ours", "reference"] : ["reference", "reference", "reference"];
const ofOurs = (...flags) => (kind) => (kind === "ours" ? flags : []);
async function everyOperationFromAll(t, cluster) {
  answerQuestions(cluster.sockets);
  const all = { ...cluster, layout: mixed, silences: silences(cluster.sockets) };
  for (const [from, kind] of mixed.entries()) await t.test(`from node ${from} (${kind})`, (t) => everyOperation(t, all, from));
}

const variants = {
  "": {},
  "answers to all, and to one": { own: ofOurs("--specific-response-channel") },
  "answers to one": { shared: ["--specific-response-channel"] },
  "a key": { shared: ["--key", "another"] },
  ...(ours === "ours" && { "by rooms": { own: ofOurs("--subscribe", "rooms") }, "auto": { own: ofOurs("--subscribe", "auto") } }),
};

for (const [what, options] of Object.entries(variants))
  test(`requests in a cluster of ${mixed.join(", ")}${what && `, ${what}`}`, async (t) => {
    const cluster = await startCluster(t, mixed, options);
    await everyOperationFromAll(t, cluster);
  });

test("requests with a node of redis-adapter 7.2", { skip: ours !== "ours" }, async (t) => {
  const cluster = await startCluster(t, mixed, { own: (kind) => (kind === "reference" ? ["--redis-adapter", "7"] : []) });
  await everyOperationFromAll(t, cluster);
});

// It has neither server-side emits nor acknowledgements, and does not say who it is.
test("requests with a node of socket.io-redis 6.1", { skip: ours !== "ours" }, async (t) => {
  const { sockets } = await startCluster(t, mixed, {
    shared: ["--request-timeout", "3000"], own: (kind) => (kind === "reference" ? ["--redis-adapter", "6"] : ["--specific-response-channel"]),
  });
  answerQuestions(sockets);
  const news = sockets.map((socket) => collect(socket, "news"));
  for (const [from, asker] of sockets.entries()) {
    await t.test(`questions from node ${from}`, async () => {
      const fetched = await ctl(asker, "fetchSockets", { rooms: ["all"], except: ["n1"] });
      assert.deepEqual([fetched.ok, ids(fetched.sockets)], [true, ids([sockets[0], sockets[2]])]);
      for (const { id, data } of fetched.sockets) assert.deepEqual(data, { index: sockets.findIndex((socket) => socket.id === id) });
      const { ok, rooms } = await ctl(asker, "allRooms");
      assert.deepEqual([ok, sorted(rooms)], [true, sorted(["all", "n0", "n1", "n2", ...sockets.map(({ id }) => id)])]);
    });
    await t.test(`orders and broadcasts from node ${from}`, async () => {
      await ctl(asker, "socketsJoin", { except: ["n1"], targets: [`t${from}`] });
      for (const index of [0, 2]) await inRoom(sockets[index], `t${from}`);
      await ctl(asker, "emit", { event: "news", args: [from, Buffer.from([1])], rooms: [`t${from}`] });
      await ctl(asker, "emit", { event: "news", args: [`end ${from}`] });
      for (const [index, { events, marked }] of news.entries()) {
        await marked(`end ${from}`);
        assert.equal(events.filter(([value]) => value === from).length, index === 1 ? 0 : 1);
      }
      await ctl(asker, "socketsLeave", { targets: [`t${from}`] });
      for (const socket of sockets) await inRoom(socket, `t${from}`, false);
    });
  }
  await t.test("what it cannot answer is missing", async () => {
    const [side, acks] = await Promise.all([
      ctl(sockets[0], "serverSideEmit", { event: "asked", ack: true }), ctl(sockets[0], "emitWithAck", { event: "q", args: [10], timeout: 3000 }),
    ]);
    assert.deepEqual([side.ok, side.responses], [false, ["n1"]]);
    assert.deepEqual([acks.ok, sorted(acks.responses)], [false, [10, 11]]);
  });
});

for (const version of ["7", "6"])
  test(`the older requests of version ${version}, for one socket`, { skip: ours !== "ours" }, async (t) => {
    const { sockets } = await startCluster(t, mixed, { own: (kind) => (kind === "reference" ? ["--redis-adapter", version] : []) });
    const [first, second, asker] = sockets;
    assert.deepEqual(sorted((await ctl(asker, "sockets", { rooms: [] })).ids), ids(sockets));
    assert.deepEqual((await ctl(asker, "sockets", { rooms: ["n1"] })).ids, [second.id]);
    assert.deepEqual(await ctl(asker, "remoteJoin", { id: first.id, room: "x" }), { ok: true });
    assert((await roomsOf(first)).includes("x"));
    assert(!(await roomsOf(second)).includes("x"));
    assert.deepEqual(await ctl(asker, "remoteLeave", { id: first.id, room: "x" }), { ok: true });
    assert(!(await roomsOf(first)).includes("x"));
    const gone = next(first, "disconnect");
    assert.deepEqual(await ctl(asker, "remoteDisconnect", { id: first.id, close: true }), { ok: true });
    await gone;
    assert(second.connected);
  });

for (const [from, kind] of mixed.entries())
  test(`disconnectSockets from node ${from} (${kind})`, async (t) => {
    const { sockets } = await startCluster(t, mixed);
    const asker = sockets[from];
    const rest = sockets.filter((socket) => socket !== asker);
    const gone = rest.map((socket) => next(socket, "disconnect"));
    const custom = rest[0].io.socket("/custom");
    await next(custom, "auth");
    await ctl(asker, "disconnectSockets", { except: [`n${from}`] });
    for (const reason of gone) assert.equal((await reason)[0], "io server disconnect");
    assert(custom.connected);
    const closed = next(custom, "disconnect");
    await ctl(asker, "disconnectSockets", { nsp: "/custom", close: true });
    await closed;
    await eventually("the connection is closed", () => !rest[0].io.engine || rest[0].io.engine.readyState === "closed");
    assert(asker.connected);
  });

test("the emitter's orders reach all nodes", async (t) => {
  const { redis, sockets } = await startCluster(t, mixed);
  const emitter = new Emitter(await redis.client(t));
  emitter.in("all").except("n1").socketsJoin(["a", "b"]);
  for (const index of [0, 2]) await inRoom(sockets[index], "b");
  assert(!(await roomsOf(sockets[1])).includes("b"));
  emitter.socketsLeave("a");
  for (const socket of sockets) await inRoom(socket, "a", false);
  emitter.serverSideEmit("side", 1, { x: 2 });
  for (const socket of sockets)
    await eventually("nodes hear it", async () => (await ctl(socket, "events")).events.some((event) => JSON.stringify(event) === '["side",1,{"x":2}]'));
  const gone = [0, 2].map((index) => next(sockets[index], "disconnect"));
  emitter.in("b").disconnectSockets(true);
  await Promise.all(gone);
  assert(sockets[1].connected);
});

test("an order, and what follows it at once", { skip: ours !== "ours" }, async (t) => {
  const { sockets } = await startCluster(t, ["ours", "ours"]);
  const got = sockets.map((socket) => collect(socket, "news"));
  for (let round = 0; round < 20; round++) {
    const asker = sockets[round % 2];
    asker.emit("ctl", { op: "socketsJoin", targets: [`x${round}`] }, () => {});
    asker.emit("ctl", { op: "emit", event: "news", args: [round], rooms: [`x${round}`] }, () => {});
    asker.emit("ctl", { op: "socketsLeave", targets: [`x${round}`] }, () => {});
    await ctl(asker, "emit", { event: "news", args: [round], rooms: [`x${round}`] });
    await ctl(asker, "emit", { event: "news", args: [`end ${round}`] });
    for (const { marked } of got) await marked(`end ${round}`);
  }
  for (const { events } of got) assert.deepEqual(events.map(([value]) => value).filter((value) => typeof value === "number"), [...Array(20).keys()]);
});

test("a node that does not answer: what the others said is given", { skip: ours !== "ours" }, async (t) => {
  const { nodes, sockets } = await startCluster(t, mixed, { shared: ["--request-timeout", "2000"] });
  const frozen = nodes[2].child;
  answerQuestions(sockets);
  frozen.kill("SIGSTOP");
  try {
    await Promise.all(sockets.slice(0, 2).map(async (asker, from) => {
      const [fetched, rooms, side, acks] = await Promise.all([
        ctl(asker, "fetchSockets"), ctl(asker, "allRooms"), ctl(asker, "serverSideEmit", { event: "asked", ack: true }),
        ctl(asker, "emitWithAck", { event: "q", args: [10], timeout: 2000 }),
      ]);
      assert.deepEqual([fetched.ok, ids(fetched.sockets), fetched.missing], [false, ids(sockets.slice(0, 2)), 1]);
      assert.deepEqual([rooms.ok, rooms.rooms.includes("n1"), rooms.rooms.includes("n2"), rooms.missing], [false, true, false, 1]);
      assert.deepEqual([side.ok, side.responses], [false, [`n${1 - from}`]]);
      assert.deepEqual([acks.ok, sorted(acks.responses)], [false, [10, 11]]);
      assert.equal((await ctl(asker, "serverCount")).count, 3);
    }));
  } finally {
    frozen.kill("SIGCONT");
  }
  await eventually("it answers again", async () => (await ctl(sockets[0], "fetchSockets")).ok);
});

test("Redis goes in the middle of questions, and comes back", { skip: ours !== "ours" }, async (t) => {
  const { redis, sockets } = await startCluster(t, mixed, { own: ofOurs("--subscribe", "rooms") });
  const questions = Array.from({ length: 200 }, (_, index) => ctl(sockets[index % 2], index % 4 < 2 ? "fetchSockets" : "allRooms"));
  await redis.stop();
  for (const { ok, error, sockets: fetched, rooms } of await Promise.all(questions))
    if (!ok) assert(error && (fetched ?? rooms).length > 0, "this node's own are given");
  assert.equal((await ctl(sockets[0], "serverCount")).ok, false);
  await redis.start();
  for (const socket of sockets.slice(0, 2))
    await eventually("all answer again", async () => ids((await ctl(socket, "fetchSockets")).sockets ?? []).length === 3);
});

test("--subscribe rooms: Redis sends what somebody here is in", { skip: ours !== "ours" }, async (t) => {
  // answers to the other node alone: this one does not hear its own
  const { redis, sockets } = await startCluster(t, ["ours", "ours"], { shared: ["--subscribe", "rooms", "--specific-response-channel"] });
  const emitter = new Emitter(await redis.client(t));
  const [first, second] = sockets;
  const news = collect(first, "news");
  await ask(first, "join", "mine");
  // the answer to a question of the other node says that Redis knows of what was joined before
  assert((await ctl(second, "allRooms")).rooms.includes("mine"));
  const before = await ctl(first, "stats");
  for (let count = 0; count < 100; count++) emitter.to(`nobody ${count}`).emit("news", count);
  emitter.to("mine").emit("news", "mine");
  emitter.to(first.id).emit("news", "private");
  emitter.to(["mine", "nobody"]).emit("news", "two rooms");
  emitter.emit("news", "end");
  assert.deepEqual((await news.marked("end")).flat(), ["mine", "private", "two rooms", "end"]);
  const after = await ctl(first, "stats");
  assert.equal(after.received - before.received, 4);
  assert.equal(after.elsewhere, before.elsewhere);
  assert.equal(after.channels, ["/", "/custom", "/auth"].length + ["mine", "all", "n0", first.id].length);
  await ask(first, "leave", "mine");
  assert.equal((await ctl(first, "stats")).channels, after.channels - 1);
});

test("--subscribe rooms: whoever is told of a room reaches it", { skip: ours !== "ours" }, async (t) => {
  const { sockets } = await startCluster(t, ["ours", "reference"], { own: ofOurs("--subscribe", "rooms") });
  const [member, asker] = sockets;
  const news = collect(member, "news");
  for (let round = 0; round < 100; round++) {
    member.emit("join", [`x${round}`]);
    let told = false;
    while (!told) told = (await ctl(asker, "allRooms")).rooms.includes(`x${round}`);
    await ctl(asker, "emit", { event: "news", args: [round], rooms: [`x${round}`] });
  }
  await ctl(asker, "emit", { event: "news", args: ["end"] });
  assert.deepEqual((await news.marked("end")).flat(), [...Array(100).keys(), "end"]);
});

// The rule of docs/redis.md, for the namespaces of a test node.
test("--subscribe rooms: needs no more rights than the pattern", { skip: ours !== "ours" }, async (t) => {
  const redis = await startRedis(t);
  const admin = await redis.client(t);
  const channels = ["/", "/custom", "/auth"].flatMap((nsp) => ["#", "-request#", "-response#"].map((kind) => `&socket.io${kind}${nsp}#*`));
  await admin.sendCommand(["ACL", "SETUSER", "sio", "on", ">pw", "resetkeys", "resetchannels", "&socket.io#*", ...channels, "-@all",
    ..."ping publish subscribe unsubscribe psubscribe punsubscribe pubsub|numsub".split(" ").map((command) => `+${command}`)]);
  const url = redis.url.replace("//", "//sio:pw@");
  const nodes = await Promise.all(["rooms", "pattern"].map((way) => startNode(t, ours, "--redis", url, "--subscribe", way)));
  const sockets = await Promise.all(nodes.map((node) => connect(t, node)));
  await meet(sockets);
  for (let round = 0; round < 20; round++) {
    await ask(sockets[0], "join", [`x${round}`]);
    const { ok, rooms } = await ctl(sockets[1], "allRooms");
    assert(ok && rooms.includes(`x${round}`));
  }
  assert.equal((await ctl(sockets[0], "stats")).connects, 1);
});

test("--subscribe auto: changes to rooms under a load for others, and loses nothing", { skip: ours !== "ours" }, async (t) => {
  const { redis, sockets } = await startCluster(t, ["ours", "ours"], { shared: ["--subscribe", "auto"] });
  const emitter = new Emitter(await redis.client(t));
  const news = collect(sockets[0], "news");
  let sent = 0;
  await eventually("it hears rooms only", async () => {
    for (let count = 0; count < 100; count++) {
      for (let other = 0; other < 9; other++) emitter.to(`nobody ${other}`).emit("news", "other");
      emitter.to("n0").emit("news", sent++);
    }
    await ask(sockets[0], "echo", 0);
    return (await ctl(sockets[0], "stats")).channels > 0;
  }, 30_000);
  const idle = async () => (await ctl(sockets[0], "stats")).elsewhere;
  await eventually("the pattern is gone", async () => {
    const before = await idle();
    emitter.to("nobody").emit("news", "other");
    emitter.to("n0").emit("news", sent++);
    await news.until(sent);
    return (await idle()) === before;
  });
  emitter.emit("news", "end");
  assert.deepEqual((await news.marked("end")).flat(), [...Array(sent).keys(), "end"]);
});
