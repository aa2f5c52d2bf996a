// Real messages of both adapters with faults in them, on every channel, and forged answers to questions that are being asked:
// nobody can send to Redis what ends a node. SIO_SEED=n takes the faults of another seed.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import msgpack from "notepack.io";
import { ask, collect, connect, ctl, eventually } from "./lib/clients.js";
import { mutations, random } from "./lib/mutate.js";
import { ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const ROUNDS = 12; // of faults in each message on each channel

// Where messages travel, and how one is published and heard there.
const kinds = {
  classic: {
    flags: [],
    requests: /^socket\.io-request#/,
    channels: async () => ["socket.io#/#", "socket.io#/#all#", "socket.io-request#/#", "socket.io-response#/#"],
    hear: (client, channel, listener) => client.pSubscribe(channel, listener, true),
    deafen: (client) => client.pUnsubscribe(),
    send: (client, channel, message) => client.publish(channel, message),
    answers: () => "socket.io-response#/#",
  },
  sharded: {
    flags: ["--adapter", "sharded"],
    requests: /^socket\.io#\/#$/,
    channels: (client) => client.sendCommand(["PUBSUB", "SHARDCHANNELS", "socket.io#/#*"]),
    hear: (client, channel, listener) => client.sSubscribe(channel, listener, true),
    deafen: (client) => client.sUnsubscribe(), // who hears the channel counts as a node
    send: (client, channel, message) => client.sPublish(channel, message),
    answers: (uid) => `socket.io#/#${uid}#`,
  },
};

const parse = (message) => (message[0] === 0x7b ? JSON.parse(message) : msgpack.decode(message));
const encode = (message, like) => (like[0] === 0x7b ? Buffer.from(JSON.stringify(message)) : msgpack.encode(message));

const every = [
  ["emit", { event: "news", args: [1, { a: [null, 2.5] }] }], ["emit", { event: "news", args: [Buffer.from([1, 2])], rooms: ["all"] }],
  ["emit", { event: "news", args: ["x"], rooms: ["all", "other"], except: ["n1"] }],
  ["fetchSockets", { rooms: ["all"] }], ["allRooms", {}], ["emitWithAck", { event: "q", timeout: 300 }],
  ["emitWithAck", { event: "q", args: [Buffer.from([1])], timeout: 300 }], ["serverSideEmit", { event: "side", args: [1] }],
  ["serverSideEmit", { event: "side", ack: true }], ["socketsJoin", { targets: ["j"] }], ["socketsLeave", { targets: ["j"] }],
  ["disconnectSockets", { rooms: ["nobody"], close: true }],
];

// Every message that two nodes exchange when they do all that they can do: [channel, bytes].
async function record(redis, t, kind, sockets) {
  const listener = await redis.client(t);
  const heard = [];
  const hear = (message, channel) => heard.push([channel.toString(), Buffer.from(message)]);
  const channels = kind === kinds.classic ? ["socket.io*"] : await kind.channels(await redis.client(t));
  for (const channel of channels) await kind.hear(listener, channel, hear);
  for (const socket of sockets) for (const [op, fields] of every) await ctl(socket, op, fields);
  await ctl(sockets[0], "emit", { event: "news", args: ["the last one"] });
  await eventually("all is heard", () => heard.some(([, message]) => message.includes("the last one")));
  await kind.deafen(listener);
  return heard;
}

const forgeries = [
  {}, { clientCount: 4294967295 }, { clientCount: -1 }, { clientCount: 1.5 }, { clientCount: "2" }, { sockets: null }, { sockets: [null, 1, {}, { id: 1 }, { id: "" }] },
  { sockets: [{ id: "x", rooms: "a", data: [], handshake: 1 }] }, { rooms: [1, null, {}, "r"] }, { rooms: "r" }, { packet: null }, { packet: [] }, { packet: [[[]]] }, { data: null }, { data: [] },
];

// Answers every question that it hears with what has been answered before, made to fit, with faults in it, and with forgeries.
async function forge(redis, t, name, answers, seed) {
  const kind = kinds[name];
  const [listener, sender] = [await redis.client(t), await redis.client(t)];
  const below = random(seed);
  let forged = 0;
  const say = (uid, message) => (forged++, kind.send(sender, kind.answers(uid), message).catch(() => {}));
  const answer = (message, channel) => {
    let question;
    try {
      if (kind.requests.test(channel.toString())) question = parse(message);
    } catch {
      return;
    }
    const requestId = question?.requestId ?? question?.data?.requestId;
    if (typeof requestId !== "string") return;
    const fit = (old) => (name === "classic" ? { ...old, requestId } : { ...old, data: { ...old.data, requestId } });
    for (const bytes of answers) {
      const fitting = encode(fit(parse(bytes)), bytes);
      for (const faulty of mutations(fitting, 2, below(2 ** 31))) say(question.uid, faulty);
    }
    for (const wrong of forgeries)
      for (let type = 0; type < 13; type++)
        say(question.uid, encode(fit(name === "classic" ? { type, ...wrong } : { uid: "0123456789abcdef", nsp: "/", type, data: wrong }), answers[0]));
  };
  await kind.hear(listener, name === "classic" ? "socket.io-request*" : "socket.io#/#", answer);
  return async () => (await kind.deafen(listener), forged);
}

for (const [name, kind] of Object.entries(kinds))
  test(`${name}: messages with faults, and forged answers`, { skip: ours !== "ours" }, async (t) => {
    const seed = Number(process.env.SIO_SEED ?? randomInt(1, 2 ** 31));
    t.diagnostic(`SIO_SEED=${seed}`);
    const redis = await startRedis(t);
    const nodes = await Promise.all([0, 1].map((index) => startNode(t, "ours", "--redis", redis.url, "--name", `n${index}`, "--request-timeout", "300", ...kind.flags)));
    const come = async () => {
      const sockets = await Promise.all(nodes.map((node) => connect(t, node)));
      for (const [index, socket] of sockets.entries()) {
        await ask(socket, "join", ["all", `n${index}`]);
        socket.on("q", (...args) => typeof args.at(-1) === "function" && args.at(-1)(index));
      }
      await eventually("they know of each other", async () => (await ctl(sockets[0], "serverCount")).count === 2 && (await ctl(sockets[1], "serverCount")).count === 2);
      return sockets;
    };
    // messages can throw out clients of "/", which these are not
    const controls = await Promise.all(nodes.map((node) => connect(t, node, { nsp: "/custom" })));
    const local = await Promise.all(nodes.map(async (node) => collect(await connect(t, node, { nsp: "/custom" }), "local")));

    const recorded = await record(redis, t, kind, await come());
    const answers = recorded.map(([, message]) => message).filter((message) => {
      const value = parse(message);
      return name === "classic" ? value.requestId && !value.uid : [8, 10, 11, 12].includes(value.type);
    });
    assert(recorded.length > 20 && answers.length >= 6, "the messages are recorded");

    const publisher = await redis.client(t);
    const below = random(seed);
    let sent = 0;
    await t.test("on every channel", async () => {
      const before = await Promise.all(controls.map((control) => ctl(control, "stats")));
      for (const channel of await kind.channels(publisher)) {
        const bad = recorded.flatMap(([, message]) => [...mutations(message, ROUNDS, below(2 ** 31))]);
        for (let count = 0; count < 200; count++) bad.push(Buffer.from(Array.from({ length: below(80) }, () => below(256))));
        sent += bad.length;
        for (const message of bad) kind.send(publisher, channel, message);
        for (const [index, control] of controls.entries()) {
          await ctl(control, "emit", { event: "local", args: [channel] });
          await local[index].marked(channel);
        }
      }
      await eventually("all of it is counted", async () => {
        const after = await Promise.all(controls.map((control) => ctl(control, "stats")));
        const more = (counter) => after.reduce((sum, { [counter]: now }, index) => sum + now - before[index][counter], 0);
        return more("received") >= sent && more("malformed") + more("elsewhere") > sent / 4;
      });
    });

    await t.test("answers to what is asked", async () => {
      const forged = await forge(redis, t, name, answers, seed);
      const questions = every.filter(([op, { ack }]) => /fetch|all|WithAck/.test(op) || ack);
      for (let round = 0; round < 3; round++)
        await Promise.all(controls.flatMap((control) => questions.map(([op, fields]) => ctl(control, op, { ...fields, nsp: "/" }))));
      assert((await forged()) > 1000);
    });

    await t.test("and all is as before", async () => {
      for (const client of controls) assert(client.connected);
      const [first, second] = await come();
      await eventually("both are found", async () => {
        const { ok, sockets } = await ctl(controls[0], "fetchSockets", { nsp: "/", rooms: ["n0", "n1"] });
        return ok && [first, second].every(({ id }) => sockets.some((socket) => socket.id === id));
      });
      const news = collect(second, "news");
      await eventually("they reach each other", async () => (await ctl(first, "emit", { event: "news", args: ["there"], rooms: ["n1"] }), news.events.some(([value]) => value === "there")));
      for (const control of controls) assert.equal((await ctl(control, "stats")).connects, 1);
    });
  });
