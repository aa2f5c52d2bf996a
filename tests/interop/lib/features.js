// What two nodes can do for each other, one feature at a time: each check drives one node by a client of its own and looks at what
// becomes of it at the other, and throws when that is not what the feature promises.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { Emitter } from "@socket.io/redis-emitter";
import { within } from "./later.js";
import { ask, collect, connect, ctl, eventually, join } from "./clients.js";

const sorted = (list) => [...list].sort();
const bytes = (value) => [...Buffer.from(value)];
const roomsOf = async ({ socket }) => (await ask(socket, "rooms"))[0];
const inRoom = (member, room, is = true) =>
  eventually(`${member.name} ${is ? "joins" : "leaves"} ${room}`, async () => (await roomsOf(member)).includes(room) === is);

// Thrown for what the asking side does not have at all: there is nothing to be compatible with.
export class Lacks extends Error {}

// One operation of a node; what it lacks is not a failure of the other one.
export async function run(member, op, fields = {}) {
  const reply = await ctl(member.socket, op, fields);
  if (/is not a function|not supported|not_supported|does not support|has no/i.test(reply.error ?? "")) throw new Lacks(reply.error);
  return reply;
}

// Who sends: a node by its operations, or the official emitter, which has nothing of a node but its broadcasts and orders.
const bySide = {
  node: (member) => ({
    emit: (fields) => run(member, "emit", { event: "news", ...fields }),
    order: (op, fields) => run(member, op, fields),
    ask: (op, fields) => run(member, op, fields),
  }),
  emitter: ({ emitter }) => {
    const target = ({ nsp = "/", rooms = [], except = [], flags = {} }) => {
      let operator = emitter.of(nsp).to(rooms).except(except);
      for (const flag of Object.keys(flags)) operator = flag === "compress" ? operator.compress(flags[flag]) : operator[flag];
      return operator;
    };
    const orders = {
      socketsJoin: (fields) => target(fields).socketsJoin(fields.targets),
      socketsLeave: (fields) => target(fields).socketsLeave(fields.targets),
      disconnectSockets: (fields) => target(fields).disconnectSockets(fields.close === true),
      serverSideEmit: ({ event, args }) => void emitter.serverSideEmit(event, ...args),
    };
    const lacks = (what) => {
      throw new Lacks(`an emitter has no ${what}`);
    };
    return {
      emit: async ({ event = "news", args, ...fields }) => (fields.flags?.local ? lacks("local clients") : void target(fields).emit(event, ...args)),
      order: async (op, fields) => (orders[op] ? orders[op](fields) : lacks(op)),
      ask: async (op) => lacks(op),
    };
  },
};
bySide.command = ({ command }) => {
  const words = ({ nsp = "/", rooms = [], except = [], flags = {}, timeout = 3000 }) => {
    if (flags.local) throw new Lacks("a command has no clients of its own");
    return ["--nsp", nsp, ...rooms.flatMap((room) => ["--room", room]), ...except.flatMap((room) => ["--except", room]),
      ...(flags.volatile ? ["--volatile"] : []), ...(flags.compress === false ? ["--uncompressed"] : []), "--timeout", String(timeout)];
  };
  const call = async (fields, what, event, args = []) => {
    const binary = args.find(Buffer.isBuffer);
    const values = args.map((value) => (value === binary && binary ? "-" : JSON.stringify(value)));
    if (JSON.stringify(args.filter((value) => value !== binary)).includes('"type":"Buffer"')) throw new Lacks("a command line has no binary within values");
    const { status, out } = await command([...words(fields), ...what, ...(event ? [event, ...values] : [])], binary);
    return { ok: status === 0, ...(out && JSON.parse(out)) };
  };
  const orders = {
    socketsJoin: (fields) => call(fields, fields.targets.flatMap((room) => ["--join", room])),
    socketsLeave: (fields) => call(fields, fields.targets.flatMap((room) => ["--leave", room])),
    disconnectSockets: (fields) => call(fields, [fields.close ? "--disconnect=close" : "--disconnect"]),
    serverSideEmit: ({ event, args }) => call({}, ["--server-side"], event, args),
  };
  const questions = {
    emitWithAck: async (fields) => {
      const { answers, ...rest } = await call(fields, ["--ack"], fields.event, fields.args);
      return { ...rest, responses: answers };
    },
    fetchSockets: (fields) => call(fields, ["--fetch"]),
    serverCount: async (fields) => ({ count: (await call(fields, ["--count"])).nodes }),
  };
  const among = (list) => async (op, fields = {}) => {
    if (!list[op]) throw new Lacks(`sio-emit has no ${op}`);
    return list[op](fields);
  };
  return { emit: ({ event = "news", args, ...fields }) => call(fields, [], event, args), order: among(orders), ask: among(questions) };
};
const by = (from) => bySide[from.emitter ? "emitter" : from.command ? "command" : "node"](from);
const nodes = (...parties) => parties.filter(({ node }) => node);

let marks = 0;
const NEVER_MS = 2500; // some peers do not have it

// Sends, and resolves with what has come at the other side until a mark that was sent after it.
async function sent(from, to, messages, nsp = "/") {
  const newsOf = (member) => (nsp === "/" ? member.news : member.customNews);
  const news = newsOf(to);
  const mark = `mark ${++marks}`;
  news.events.splice(0);
  for (const message of messages) await by(from).emit({ nsp, ...message });
  // an adapter may have a channel for each of these
  await by(from).emit({ nsp, args: [mark] });
  await by(from).emit({ nsp, args: [`${mark} room`], rooms: [to.name] });
  await by(from).emit({ nsp, args: [`${mark} id`], rooms: [to.socket.id] });
  await news.marked(mark);
  if (from.socket) await newsOf(from).marked(mark); // its own client hears of all this too, and is the next to be looked at
  if (nsp === "/") for (const each of ["room", "id"]) await news.marked(`${mark} ${each}`);
  return news.events.filter(([value]) => !String(value).startsWith("mark "));
}
const comes = async (from, to, fields, expected = [[1]]) => assert.deepEqual(await sent(from, to, [{ args: [1], ...fields }], fields.nsp), expected);

const values = [null, true, 1.5, -1, 2 ** 53, "", "ä€😀", [], { deep: [{ "": [null] }] }, "x".repeat(70_000)];

export const features = {
  "to all clients": (from, to) => comes(from, to, {}),
  "to a room": (from, to) => comes(from, to, { rooms: [to.name] }),
  "to several rooms": (from, to) => comes(from, to, { rooms: ["nobody", to.name, "all"] }),
  "to nobody's room": (from, to) => comes(from, to, { rooms: ["nobody"] }, []),
  "except rooms": async (from, to) => {
    await comes(from, to, { except: [to.name] }, []);
    await comes(from, to, { rooms: ["all"], except: ["nobody"] });
  },
  "to a socket's id": (from, to) => comes(from, to, { rooms: [to.socket.id] }),
  "to a namespace": (from, to) => comes(from, to, { nsp: "/custom" }),
  "volatile": (from, to) => eventually("it comes", async () => (await sent(from, to, [{ args: [1], flags: { volatile: true } }])).length === 1),
  "uncompressed": (from, to) => comes(from, to, { flags: { compress: false } }),
  "local stays there": (from, to) => comes(from, to, { flags: { local: true } }, []),
  "values": async (from, to) => assert.deepEqual(await sent(from, to, [{ args: values }]), [values]),
  "binary": async (from, to) => {
    const [[first, second]] = await sent(from, to, [{ args: [Buffer.from([1, 2, 250]), "text"] }]);
    assert.deepEqual([bytes(first), second], [[1, 2, 250], "text"]);
  },
  "binary within values": async (from, to) => {
    const [[{ deep }]] = await sent(from, to, [{ args: [{ deep: [Buffer.alloc(300, 7), Buffer.alloc(0)] }] }]);
    assert.deepEqual(deep.map(bytes), [Array(300).fill(7), []]);
  },
  "in order": async (from, to) =>
    assert.deepEqual((await sent(from, to, Array.from({ length: from.command ? 10 : 200 }, (_, index) => ({ args: [index] })))).flat(), [...Array(from.command ? 10 : 200).keys()]),
  "to all but the sender": async (from, to) => {
    if (!from.socket) throw new Lacks("an emitter is no client");
    const got = collect(to.socket, "shouted");
    from.socket.emit("shout", ++marks);
    await got.marked(marks);
  },
  "acknowledgements": async (from, to) => {
    const { ok, responses } = await by(from).ask("emitWithAck", { event: "q", args: [1], rooms: ["all"], timeout: 3000 });
    assert.deepEqual([ok, sorted(responses)], [true, sorted(nodes(from, to).map(({ name }) => `${name} 1`))]);
  },
  "binary acknowledgements": async (from, to) => {
    const { ok, responses } = await by(from).ask("emitWithAck", { event: "bytes", args: [Buffer.from([1, 2])], rooms: [to.name], timeout: 3000 });
    assert.deepEqual([ok, responses.map(({ back }) => bytes(back))], [true, [[1, 2]]]);
  },
  "acknowledgements in part": async (from, to) => {
    const asked = collect(to.socket, "silent");
    const { ok, responses } = await by(from).ask("emitWithAck", { event: "silent", args: [to.name], rooms: ["all"], timeout: 1500 });
    assert.deepEqual([ok, responses], [false, nodes(from).map(({ name }) => name)]);
    await eventually("the other one is asked", () => asked.events.length > 0, NEVER_MS);
  },
  "serverCount": async (from, to) => assert.equal((await by(from).ask("serverCount")).count, nodes(from, to).length),
  "allRooms": async (from, to) => {
    const { ok, rooms } = await by(from).ask("allRooms");
    assert(ok && [from, to].every(({ name, socket }) => rooms.includes(name) && rooms.includes(socket.id)));
  },
  "fetchSockets": async (from, to) => {
    const { ok, sockets } = await by(from).ask("fetchSockets", { rooms: ["all"] });
    assert(ok);
    assert.deepEqual(sorted(sockets.map(({ id }) => id)), sorted(nodes(from, to).map(({ socket }) => socket.id)));
    const { rooms, data, handshake } = sockets.find(({ id }) => id === to.socket.id);
    assert.deepEqual(sorted(rooms), sorted([to.socket.id, "all", to.name]));
    assert.deepEqual([data, handshake.auth, handshake.query.EIO, handshake.address], [{ name: to.name }, { name: to.name }, "4", "127.0.0.1"]);
    assert.deepEqual(Object.keys(handshake).sort(), ["address", "auth", "headers", "issued", "query", "secure", "time", "url", "xdomain"]);
    assert.deepEqual((await by(from).ask("fetchSockets", { rooms: ["all"], except: [to.name] })).sockets.map(({ id }) => id), nodes(from).map(({ socket }) => socket.id));
  },
  "socketsJoin, socketsLeave": async (from, to) => {
    await by(from).order("socketsJoin", { rooms: [to.name], targets: ["ordered", "more"] });
    for (const room of ["ordered", "more"]) await inRoom(to, room);
    await by(from).order("socketsLeave", { rooms: ["ordered"], targets: ["ordered", "more"] });
    for (const room of ["ordered", "more"]) await inRoom(to, room, false);
  },
  "disconnectSockets": async (from, to) => {
    const victim = await connect(to.t, to.node);
    await ask(victim, "join", "victims");
    if (from.node) await eventually("it is known", async () => (await run(from, "fetchSockets", { rooms: ["victims"] })).sockets?.length === 1);
    const gone = collect(victim, "disconnect");
    await by(from).order("disconnectSockets", { rooms: ["victims"] });
    assert.equal((await gone.until(1))[0][0], "io server disconnect");
    assert(to.socket.connected);
  },
  "serverSideEmit": async (from, to) => {
    const args = [++marks, { deep: ["ä", null, 1.5] }];
    await by(from).order("serverSideEmit", { event: "side", args });
    await eventually("the other node hears it", async () =>
      (await ctl(to.socket, "events")).events.some((event) => JSON.stringify(event) === JSON.stringify(["side", ...args])), NEVER_MS);
  },
  "serverSideEmit with acknowledgements": async (from, to) => {
    const { ok, responses } = await by(from).ask("serverSideEmit", { event: "asked", ack: true });
    assert.deepEqual([ok, responses], [true, [to.name]]);
  },
  "orders for one socket (up to 7)": async (from, to) => {
    const { id } = to.socket;
    await by(from).ask("remoteJoin", { id, room: "single" });
    await inRoom(to, "single");
    await by(from).ask("remoteLeave", { id, room: "single" });
    await inRoom(to, "single", false);
  },
};

// A node as the checks know it: a client in the rooms "all" and its name.
export async function member(t, node, name) {
  const socket = await connect(t, node, { auth: { name } });
  const custom = await join(socket, "/custom");
  await ask(socket, "join", ["all", name]);
  await ctl(socket, "setData", { data: { name } });
  socket.on("q", (value, ack) => ack(`${name} ${value}`));
  socket.on("bytes", (value, ack) => ack({ back: value }));
  socket.on("silent", (who, ack) => who === name || ack(name));
  return { t, node, name, socket, custom, news: collect(socket, "news"), customNews: collect(custom, "news") };
}

export const emitterOf = async (t, redis) => ({ emitter: new Emitter(await redis.client(t)) });

// sio-emit, for the nodes of an adapter.
export const commandOf = (redis, adapter) => ({
  command: async (args, input) => {
    const child = spawn(path.join(process.env.SIO_BUILD ?? "", "sio-emit"), ["--adapter", adapter, ...args], { env: { ...process.env, SIO_REDIS: redis.url } });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
    child.stdin.on("error", () => {}); // it may have ended without reading
    child.stdin.end(input);
    const [status] = await within(once(child, "close"), `the end of sio-emit ${args.join(" ")}`);
    return { status, out };
  },
});

// Resolves once what one sends reaches the other, by the channels of all and of a room.
export const meet = (from, to) =>
  eventually(`${from.name ?? "an emitter"} reaches ${to.name}`, async () => {
    // each way may be a channel of its own, and subscribed to later than the others
    const ways = [[], [to.name], [to.socket.id]];
    for (const [way, rooms] of ways.entries()) await by(from).emit({ event: "meet", args: [way], rooms });
    await by(from).emit({ nsp: "/custom", event: "meet", args: [0], rooms: [] });
    to.met ??= [collect(to.socket, "meet"), collect(to.custom, "meet")];
    const [met, custom] = to.met.map(({ events }) => events.map(([way]) => way));
    return ways.every((_, way) => met.includes(way)) && custom.length > 0;
  });

// "yes"; "–": the sender lacks it; "no": it does not work, and why. `why` gets the reason.
export async function verdict(feature, from, to, why = () => {}) {
  try {
    await features[feature](from, to);
    return "yes";
  } catch (error) {
    why(error.message.split("\n")[0]);
    return error instanceof Lacks ? "–" : "no";
  }
}
