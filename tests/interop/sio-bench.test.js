// The load generator believes nobody: what a server loses, doubles or mixes up ends its run as a failure.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { answer } from "../../bench/peers/events.js";
import { certificates } from "./lib/certificates.js";
import { later, within } from "./lib/later.js";
import { startRedis } from "./lib/redis.js";

const built = (name) => path.join(process.env.SIO_BUILD ?? "", "bench", name);
const program = built("sio-bench");
const suite = { after };
const redis = await startRedis(suite);

// An official server whose sockets pass each broadcast through `spoil`, which sends it on or does worse.
async function serve(t, spoil = (send) => send(), { tls, ...options } = {}) {
  const publisher = createClient({ url: redis.url }), subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = tls ? createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }) : createServer();
  const io = new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ["websocket"], ...options });
  let connections = 0;
  io.on("connection", (socket) => {
    const first = connections++ === 0;
    let count = 0;
    const write = socket.client.writeToEngine;
    socket.client.writeToEngine = function (packets, options) {
      const send = () => write.call(this, packets, options);
      if (first && String(packets[0]).startsWith('2["b"')) spoil(send, count++);
      else send();
    };
    answer(socket);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  later(t, () => Promise.all([publisher.quit(), subscriber.quit()]));
  later(t, () => io.close());
  return `${tls ? "wss" : "ws"}://127.0.0.1:${http.address().port}`;
}

async function run(url, ...args) {
  const child = spawn(program, ["--url", url, "--redis", redis.url, "--clients", "20", "--seconds", "0.3", "--warmup", "0", "--json", ...args]);
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.err += text));
  [result.status] = await within(once(child, "close"), "the end of sio-bench", 60_000);
  assert.doesNotMatch(result.err, /Sanitizer|runtime error/);
  return result;
}

for (const [name, args, check] of [
  ["one broadcast at a time", [], () => {}],
  ["many in flight", ["--in-flight", "16"], ({ in_flight }) => assert.equal(in_flight, 16)],
  ["a room, and payloads larger than a read", ["--room", 'a "room"', "--payload", "300000"], ({ payload }) => assert.equal(payload, 300000)],
])
  test(`a server that works: ${name}`, async (t) => {
    const { status, out, err } = await run(await serve(t), "--pid", String(process.pid), ...args);
    assert.equal(status, 0, err);
    const figures = JSON.parse(out);
    assert(figures.deliveries >= 20 && figures.cpu_us_per_delivery > 0 && figures.rss_bytes > 0);
    assert(figures.p50_us > 0 && figures.p50_us <= figures.p99_us && figures.p99_us <= figures.max_us);
    check(figures);
  });

test("deflated messages are counted, and inflated to be checked", async (t) => {
  const url = await serve(t, undefined, { perMessageDeflate: true });
  for (const [payload, share] of [["2000", 1], ["100", 0]]) {
    const { status, out, err } = await run(url, "--deflate", "--payload", payload);
    assert.equal(status, 0, err);
    assert.equal(JSON.parse(out).deflated_share, share);
  }
  const plain = await run(await serve(t), "--deflate");
  assert.equal(plain.status, 1);
  assert.match(plain.err, /declined: permessage-deflate/);
});

test("by TLS, with the server's certificate verified or not", async (t) => {
  const tls = certificates();
  const url = await serve(t, undefined, { tls, transports: ["polling", "websocket"], perMessageDeflate: true });
  for (const args of [["--ca", tls.ca], ["--polling"], ["--deflate", "--payload", "300000"]]) {
    const { status, err } = await run(url, ...args);
    assert.equal(status, 0, `${args}: ${err}`);
  }
  const refused = async (url, args, pattern) => {
    const { status, err } = await run(url, ...args);
    assert.equal(status, 1);
    assert.match(err, pattern);
  };
  await refused(url.replace("127.0.0.1", "127.1"), ["--ca", tls.ca], /could not shake hands: .*mismatch/);
  await refused(url, ["--ca", tls.cert], /could not shake hands: unable to get/);
  await refused(url, ["--ca", tls.key], /--ca holds no certificates/);
  await refused((await serve(t)).replace("ws:", "wss:"), [], /could not shake hands: wrong version number|closed a client/);
  await refused(url.replace("wss:", "ws:"), [], /closed a client|refused the WebSocket/);
});

test("idle clients are counted and let go", async (t) => {
  const { status, out, err } = await run(await serve(t), "--idle", "--pid", String(process.pid));
  assert.equal(status, 0, err);
  assert.equal(JSON.parse(out).clients, 20);
});

test("a message that comes twice fails the run", async (t) => {
  const { status, out, err } = await run(await serve(t, (send, count) => {
    send();
    if (count === 5) send();
  }));
  assert.deepEqual([status, out], [1, ""]);
  assert.match(err, /a client got number 5 where 6 was next/);
});

test("messages that change places fail the run", async (t) => {
  let held;
  const { status, err } = await run(await serve(t, (send, count) => {
    if (count === 5) held = send;
    else {
      send();
      if (count === 6) held();
    }
  }), "--in-flight", "8");
  assert.equal(status, 1);
  assert.match(err, /a client got number 6 where 5 was next/);
});

test("a message that is lost fails the run", async (t) => {
  const { status, err } = await run(await serve(t, (send, count) => count === 5 || send()), "--patience", "1");
  assert.equal(status, 1);
  assert.match(err, /nothing has come.* 1 messages have not reached all/);
});

test("servers that are away or no servers are told", async (t) => {
  const away = await run("ws://127.0.0.1:1");
  assert.equal(away.status, 1);
  assert.match(away.err, /could not connect: connection refused/);
  const web = createServer((request, response) => response.end("hello")).listen(0, "127.0.0.1");
  await once(web, "listening");
  later(t, () => web.close());
  const other = await run(`ws://127.0.0.1:${web.address().port}`);
  assert.equal(other.status, 1);
  assert.match(other.err, /refused the WebSocket/);
  const deaf = await run(await serve(t), "--key", "elsewhere");
  assert.equal(deaf.status, 1);
  assert.match(deaf.err, /reached no server/);
});

// ---- what it measures is what an official client gets ----

// A server of the benchmark's own, by what it is started with.
async function started(t, command, ...args) {
  const child = spawn(command, [...args, "--redis", redis.url], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const exited = once(child, "exit");
  later(t, async () => {
    child.kill("SIGTERM");
    await within(exited, `the end of ${command}`);
    assert.doesNotMatch(said, /Sanitizer|runtime error/);
  });
  const [line] = await within(once(createInterface(child.stdout), "line"), `${command} that listens`);
  return [`ws://127.0.0.1:${line.split(" ")[1]}`, child.pid];
}

const floor = (t) => started(t, built("sio-bench-floor"));
const ours = (t) => started(t, built("sio-bench-server"));
const helped = (t) => started(t, built("sio-bench-server"), "--send-threads", "2");
const deflating = (t) => started(t, built("sio-bench-server"), "--deflate", "100");
const official = async (t) => [await serve(t, undefined, { transports: ["websocket", "polling"], perMessageDeflate: { threshold: 100 } }), process.pid];

// In a process of its own: its adapter keeps a timer for each survey.
const node = (t) => started(t, process.execPath, fileURLToPath(new URL("../../bench/peers/node-server.js", import.meta.url)));

// A guest that is no client of the generator's, and what it gets.
async function guest(t, url, rooms, transports = ["websocket"]) {
  const socket = connect(url.replace("ws:", "http:"), { transports, forceNew: true, reconnection: false });
  later(t, () => socket.disconnect());
  const texts = [], packets = [];
  for (const event of ["b", "said"]) socket.on(event, (text, asked) => (texts.push(text), asked?.("a guest's answer")));
  socket.io.engine.on("packet", ({ type, data }) => type === "message" && packets.push(data));
  await within(once(socket, "connect"), "a guest that is connected");
  if (rooms.length > 0) await within(socket.emitWithAck("join", rooms), "a guest that has joined");
  return { socket, texts, packets };
}

const rooms = (count) => Array.from({ length: count }, (_, index) => `room ${String(index).padStart(7, "0")}`);
const everyone = () => [];
for (const [name, { args, at = [ours, official], guestIn = everyone, event = "b", transports, payload = 64, share = 1 }] of Object.entries({
  "to everyone": { args: ["--in-flight", "4"], at: [ours, official, floor] },
  "to everyone, 64 KiB": { args: ["--payload", "65536"], payload: 65536, at: [ours, official, floor] },
  "to everyone, at a fixed rate": { args: ["--rate", "500"], at: [ours, official, floor] },
  "to everyone, by threads that help": { args: ["--clients", "300", "--in-flight", "4"], at: [helped] },
  "rooms": { args: ["--rooms", "10", "--in-flight", "16"], guestIn: () => rooms(5), share: 0.5 },
  "rooms, several of each client": { args: ["--rooms", "40", "--each", "5", "--in-flight", "16"], guestIn: () => rooms(20), share: 0.5 },
  "rooms of Zipf": { args: ["--rooms", "10", "--zipf", "--in-flight", "16"], guestIn: () => rooms(10) },
  "noise": { args: ["--noise", "9"] },
  "by polling": { args: ["--polling", "--in-flight", "4"], transports: ["polling"] },
  "deflated": { args: ["--deflate", "--payload", "2000"], payload: 2000, at: [deflating, official] },
  "surveys": { args: ["--traffic", "survey", "--in-flight", "1"], at: [ours, node] },
  "what clients say": { args: ["--traffic", "say", "--rooms", "5", "--in-flight", "8"], guestIn: () => rooms(5), event: "said" },
}))
  for (const server of at)
    test(`an official client gets the same, ${server.name}: ${name}`, async (t) => {
      const [url, pid] = await server(t);
      const { socket, texts, packets } = await guest(t, url, guestIn(), transports);
      const { status, out, err } = await run(url, "--pid", String(pid), ...args);
      assert.equal(status, 0, err);
      const figures = JSON.parse(out);
      // all that was sent before has come with this answer; the floor knows none
      if (server !== floor) await within(socket.emitWithAck("message-with-ack"), "an answer", 30_000);
      while (texts.length < figures.messages && server === floor) await within(once(socket, "b"), "a message");
      assert(texts.length >= Math.floor(figures.messages * share) - 16 && texts.length > 0, `${texts.length} of ${figures.messages}`);
      const numbers = texts.map((text) => Number(text.slice(0, 12)));
      assert.equal(new Set(numbers).size, numbers.length, "each once");
      if (event === "b") assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), "in order");
      if (share === 1) assert.equal(Math.max(...numbers) + 1, numbers.length, "none is missing");
      for (const text of texts) assert.equal(text.length, payload);
      // a survey's have an id
      const messages = packets.flatMap((packet) => (/^2\d*\["(b|said)"/.test(packet) ? [packet.replace(/^2\d*/, "2")] : []));
      assert.deepEqual(messages, texts.map((text) => `2${JSON.stringify([event, text])}`));
      assert(figures.cpu_us_per_delivery > 0 && figures.p50_us > 0);
    });

test("our server deflates what it is told to", async (t) => {
  const [url] = await deflating(t);
  const { status, out, err } = await run(url, "--deflate", "--payload", "2000");
  assert.equal(status, 0, err);
  assert.equal(JSON.parse(out).deflated_share, 1);
});

for (const server of [ours, official]) {
  test(`messages for one client each reach no other, ${server.name}`, async (t) => {
    const [url] = await server(t);
    const { texts } = await guest(t, url, []);
    const { status, out, err } = await run(url, "--traffic", "private", "--in-flight", "10");
    assert.equal(status, 0, err);
    const { messages, deliveries } = JSON.parse(out);
    assert(messages > 0 && messages === deliveries);
    assert.deepEqual(texts, []);
  });

  test(`an acknowledgement carries what an official client gets, ${server.name}`, async (t) => {
    const [url] = await server(t);
    const { socket } = await guest(t, url, []);
    assert.deepEqual(await within(socket.emitWithAck("message-with-ack", "000000000000xxxx"), "an answer"), "000000000000xxxx");
    const { status, out, err } = await run(url, "--traffic", "ack", "--in-flight", "20");
    assert.equal(status, 0, err);
    assert(JSON.parse(out).messages > 0);
  });

  test(`clients on two nodes talk to each other, ${server.name}`, async (t) => {
    const [[one], [other]] = [await server(t), await server(t)];
    const { status, out, err } = await run(one, "--url", other, "--traffic", "say", "--rooms", "5", "--in-flight", "8");
    assert.equal(status, 0, err);
    const { messages, deliveries } = JSON.parse(out);
    assert(messages > 0 && Math.abs(deliveries - 3 * messages) <= 3 * 8, `${deliveries} of 3 each for ${messages}`);
  });
}

for (const server of [ours, node])
  test(`a survey asks the clients of both nodes, ${server.name}`, async (t) => {
    const [[one, pid], [other]] = [await server(t), await server(t)];
    const { texts } = await guest(t, other, []);
    const { status, out, err } = await run(one, "--url", other, "--pid", String(pid), "--traffic", "survey", "--in-flight", "4");
    assert.equal(status, 0, err);
    const { messages, deliveries } = JSON.parse(out);
    assert(messages > 0 && Math.abs(deliveries - 20 * messages) <= 20 * 4, `${deliveries} of 20 each for ${messages}`);
    assert(texts.length >= messages && new Set(texts).size === texts.length, `${texts.length} of ${messages}`);
  });

test("idle clients may come all at once", async (t) => {
  const [url, pid] = await ours(t);
  const { status, out, err } = await run(url, "--clients", "300", "--connecting", "300", "--idle", "--pid", String(pid));
  assert.equal(status, 0, err);
  const { clients, join_p50_us, join_max_us } = JSON.parse(out);
  assert.equal(clients, 300);
  assert(join_p50_us > 0 && join_p50_us <= join_max_us);
});

// Coordinated omission: a loop that waits for the server would send nothing while it stalls, and so see one late message.
test("at a fixed rate, a server that stalls is late with all that was due meanwhile", async (t) => {
  let held;
  const { status, out, err } = await run(await serve(t, (send, count) => {
    if (count < 20 || held === null) return send();
    held ??= (setTimeout(() => (held.forEach((late) => late()), (held = null)), 500), []);
    held.push(send);
  }), "--rate", "500", "--clients", "2", "--in-flight", "4", "--seconds", "2"); // long enough for a stall that begins late
  assert.equal(status, 0, err);
  const { p50_us, p90_us, max_us, behind_ms, seconds, messages_per_second } = JSON.parse(out);
  assert(max_us > 400_000, `the latest is ${max_us} us late`);
  assert(p90_us > 100_000, `90 % are ${p90_us} us late, half ${p50_us}`);
  assert(behind_ms < seconds * 1000 && messages_per_second > 0);
});

for (const [what, spoil] of [
  ["doubled", (io) => io.use((socket, next) => (socket.on("say", (room, text) => socket.to(room).emit("said", text)), next()))],
  ["for another room", (io) => io.use((socket, next) => (socket.on("say", (_, text) => socket.broadcast.emit("said", text)), next()))],
])
  test(`what clients say fails the run when it comes ${what}`, async (t) => {
    const http = createServer();
    const io = new Server(http);
    spoil(io);
    if (what === "doubled") io.on("connection", answer);
    else io.on("connection", (socket) => socket.on("join", (room, done) => (socket.join(room), done())));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    later(t, () => io.close());
    const { status, err } = await run(`ws://127.0.0.1:${http.address().port}`, "--traffic", "say", "--rooms", "5");
    assert.equal(status, 1);
    assert.match(err, /a message was lost, doubled or mixed up/);
  });

const askAll = (nsp, text) => Promise.all([...nsp.sockets.values()].map((socket) => new Promise((resolve) => socket.emit("b", text, resolve))));
for (const [what, ask, wrong] of [
  ["that some have not answered", async (nsp, text) => (await askAll(nsp, text)).slice(1), /a survey ended before: all had answered it/],
  ["that are asked twice", (nsp, text) => askAll(nsp, text).then(() => askAll(nsp, text)), /a message was lost, doubled or mixed up/],
  ["that nobody was asked", async () => Array(20).fill(1), /a message was lost, doubled or mixed up/],
])
  test(`a survey of clients ${what} fails the run`, async (t) => {
    const http = createServer();
    const io = new Server(http);
    io.on("connection", (socket) => socket.on("survey", async (text, done) => done(text, (await ask(io.of("/"), text)).length)));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    later(t, () => io.close());
    const { status, err } = await run(`ws://127.0.0.1:${http.address().port}`, "--traffic", "survey");
    assert.equal(status, 1);
    assert.match(err, wrong);
  });

test("a wrong command line ends with 2", async () => {
  for (const args of [["--clients", "0"], ["--payload", "x"], ["--bogus"], ["--url", "http://x"], ["--traffic", "loud"], ["--traffic", "say"], ["--zipf"], ["--seconds", "0"], ["--patience", "x"],
    ["--traffic", "survey", "--rooms", "2"],
    ["--rooms", "2", "--each", "3"], ["--room", "a", "--rooms", "2"], ["--polling", "--traffic", "ack"], ["--noise", "1", "--traffic", "ack"]])
    assert.equal((await run("ws://127.0.0.1:1", ...args)).status, 2, args.join(" "));
});
