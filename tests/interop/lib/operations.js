// Nodes that adapters of Redis join, and all that they can ask of each other.
import assert from "node:assert/strict";
import { ask, collect, connect, ctl, eventually } from "./clients.js";
import { kinds, startNode } from "./node.js";

export const layout = kinds.includes("ours") ? ["ours", "ours", "reference"] : ["reference", "reference", "reference"];
export const sorted = (list) => [...list].sort();
export const ids = (sockets) => sorted(sockets.map(({ id }) => id));
const bytes = (value) => [...Buffer.from(value)];
const roomsOf = async (socket) => (await ask(socket, "rooms"))[0];
const inRoom = (socket, room, is = true) =>
  eventually(`${socket.id} ${is ? "joins" : "leaves"} ${room}`, async () => (await roomsOf(socket)).includes(room) === is);

// Nodes n0, n1, … with a client each, in the rooms "all" and "n<index>"; they know of each other.
export async function startNodes(t, layout, redis, ...flags) {
  const nodes = await Promise.all(layout.map((kind, index) => startNode(t, kind, "--redis", redis.url, "--name", `n${index}`, ...flags)));
  const sockets = await Promise.all(nodes.map((node, index) => connect(t, node, { auth: { index } })));
  for (const [index, socket] of sockets.entries()) {
    await ask(socket, "join", ["all", `n${index}`]);
    await ctl(socket, "setData", { data: { index } });
    socket.on("q", (value, ack) => ack(value + index));
    socket.on("bytes", (value, ack) => ack({ back: value }));
    socket.on("silent", (who, ack) => who === index || ack("spoke"));
  }
  const cluster = { redis, nodes, sockets, news: sockets.map((socket) => collect(socket, "news")) };
  await united(cluster, "start");
  return cluster;
}

// What each node sends reaches every client, by the common channel and by that of each room.
export async function united({ sockets, news }, when) {
  for (const [from, socket] of sockets.entries())
    for (const rooms of [[], ["all"], ...sockets.map((_, index) => [`n${index}`])]) {
      const mark = `${when} ${from} ${rooms}`;
      const receivers = news.filter((_, index) => rooms.length === 0 || rooms[0] === "all" || rooms[0] === `n${index}`);
      await eventually(`node ${from} reaches ${rooms}`, async () => {
        await ctl(socket, "emit", { event: "news", args: [mark], rooms });
        return receivers.every(({ events }) => events.some(([seen]) => seen === mark));
      });
    }
  news.forEach(({ events }) => events.splice(0));
}

export async function broadcasts({ sockets, news }, from) {
  const sent = [
    [{}, [0, 1, 2]], [{ rooms: ["all"] }, [0, 1, 2]], [{ rooms: ["all"], except: ["n1"] }, [0, 2]], [{ rooms: ["n0", "n2"] }, [0, 2]],
    [{ rooms: ["none"] }, []], [{ rooms: [sockets[1].id] }, [1]], [{ rooms: ["n2"] }, [2]], [{ except: ["all"] }, []], [{ rooms: ["n0"], flags: { local: true } }, from ? [] : [0]],
  ];
  for (const [number, [target]] of sent.entries())
    for (const value of [{ ä: [null, 1.5] }, Buffer.from([number, 255])])
      await ctl(sockets[from], "emit", { event: "news", args: [number, value], ...target });
  for (const [index, { events, marked }] of news.entries()) {
    // one channel each, so the last one comes by all
    await ctl(sockets[from], "emit", { event: "news", args: ["end"] });
    await ctl(sockets[from], "emit", { event: "news", args: ["end room"], rooms: [`n${index}`] });
    await ctl(sockets[from], "emit", { event: "news", args: ["end id"], rooms: [sockets[index].id] });
    for (const mark of ["end", "end room", "end id"]) await marked(mark);
    const expected = sent.flatMap(([, receivers], number) => (receivers.includes(index) ? [number, number] : []));
    // in a Redis Cluster an official node publishes by any master, so that the end may come before the rest
    const numbered = () => events.filter(([number]) => typeof number === "number");
    await eventually(`all of it at client ${index}`, () => numbered().length >= expected.length);
    const got = numbered();
    assert.deepEqual(sorted(got.map(([number]) => number)), sorted(expected));
    for (const [number, value] of got) assert.deepEqual(Buffer.isBuffer(value) ? bytes(value) : value, Buffer.isBuffer(value) ? [number, 255] : { ä: [null, 1.5] });
    events.splice(0);
  }
}

export async function questions({ nodes, sockets }, from) {
  const asker = sockets[from];
  const others = [0, 1, 2].filter((index) => index !== from);
  assert.deepEqual(await ctl(asker, "serverCount"), { ok: true, count: 3 });
  const { sockets: fetched } = await ctl(asker, "fetchSockets");
  assert.deepEqual(ids(fetched), ids(sockets));
  for (const { id, rooms, data, handshake } of fetched) {
    const index = sockets.findIndex((socket) => socket.id === id);
    assert.deepEqual(sorted(rooms), sorted([id, "all", `n${index}`]));
    assert.deepEqual([data, handshake.auth, handshake.query.EIO], [{ index }, { index }, "4"]);
  }
  assert.deepEqual(ids((await ctl(asker, "fetchSockets", { rooms: ["all", "none"], except: ["n1"] })).sockets), ids([sockets[0], sockets[2]]));
  if (nodes[from].kind === "ours") // the official one knows its own rooms only
    assert.deepEqual(sorted((await ctl(asker, "allRooms")).rooms), sorted(["all", "n0", "n1", "n2", ...sockets.map(({ id }) => id)]));
  assert.deepEqual(sorted((await ctl(asker, "serverSideEmit", { event: "asked", ack: true })).responses), others.map((index) => `n${index}`));
  assert.deepEqual((await ctl(asker, "emitWithAck", { event: "q", args: [10] })).responses.sort(), [10, 11, 12]);
  assert.deepEqual(await ctl(asker, "emitWithAck", { event: "q", args: [1], rooms: ["n2", "none"] }), { ok: true, responses: [3] });
  const binary = await ctl(asker, "emitWithAck", { event: "bytes", args: [Buffer.from([1, 2])] });
  assert.deepEqual(binary.responses.map(({ back }) => bytes(back)), [[1, 2], [1, 2], [1, 2]]);
  const silent = await ctl(asker, "emitWithAck", { event: "silent", args: [others[0]], timeout: 1000 });
  assert.deepEqual([silent.ok, silent.responses], [false, ["spoke", "spoke"]]);
}

export async function orders({ sockets }, from) {
  const asker = sockets[from];
  const others = [0, 1, 2].filter((index) => index !== from);
  await ctl(asker, "socketsJoin", { rooms: ["all"], except: ["n1"], targets: ["t1", "t2"] });
  for (const index of [0, 2]) for (const room of ["t1", "t2"]) await inRoom(sockets[index], room);
  assert(!(await roomsOf(sockets[1])).includes("t1"));
  await ctl(asker, "socketsLeave", { rooms: ["t1"], targets: ["t1", "t2"] });
  for (const socket of sockets) for (const room of ["t1", "t2"]) await inRoom(socket, room, false);
  const args = [from, { deep: ["ä", null] }];
  await ctl(asker, "serverSideEmit", { event: "side", args });
  for (const index of others)
    await eventually("the other nodes hear it", async () =>
      (await ctl(sockets[index], "events")).events.some((event) => JSON.stringify(event) === JSON.stringify(["side", ...args])));
  assert(!(await ctl(asker, "events")).events.some(([event, index]) => event === "side" && index === from));
}
