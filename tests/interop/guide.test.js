// The programs of docs/examples, which the guide shows: each is started and does what its page says.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { io } from "socket.io-client";
import WebSocket from "ws";
import { root } from "../lib/files.js";
import { certificates, issue } from "./lib/certificates.js";
import { ask, collect, eventually, next } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Life } from "./lib/life.js";
import { startRedis } from "./lib/redis.js";

const folder = path.join(root, "docs/examples");
const program = (name) => path.join(process.env.SIO_BUILD ?? "", "docs/examples", name);

// [start]
async function start(t, name, args = [], env = {}) {
  const node = new Life(program(name), ["0", ...args], { cwd: folder, env: { ...process.env, ...env } });
  later(t, async () => {
    node.child.kill("SIGTERM");
    const [code] = await within(node.exited, `the end of ${name}`);
    assert.equal(code, 0, node.log);
    assert.doesNotMatch(node.log, /Sanitizer|runtime error/);
  });
  await node.listening();
  return node;
}

// [end]
function open(t, node, nsp = "/", options = {}) {
  const socket = io(node.url + nsp, { transports: ["websocket"], forceNew: true, reconnection: false, ...options });
  later(t, () => socket.disconnect());
  return socket;
}

async function connect(t, node, nsp, options) {
  const socket = open(t, node, nsp, options);
  await next(socket, "connect");
  return socket;
}

const refusal = async (socket) => (await next(socket, "connect_error")).at(0);
const logged = (node, pattern) => eventually(`a line ${pattern}`, () => pattern.test(node.log));
// One acknowledgement's first argument.
const answer = async (socket, ...args) => (await ask(socket, ...args))[0];

// As of a browser: whatever is put in comes back as a string.
const storage = () => new Proxy({}, { set: (kept, name, value) => Reflect.set(kept, name, String(value)) });

function rememberOffset(io, localStorage) {
  // [offset]
  const socket = io({ auth: (give) => give({ offset: Number(localStorage.offset ?? 0) }) });
  socket.on("event", (number, event) => { localStorage.offset = number; });
  // [end]
  return socket;
}

const examples = {
  async hello(t) {
    const node = await start(t, "hello", [], { SIO_REDIS: undefined });
    const [ann, bob] = [await connect(t, node), await connect(t, node)];
    const said = next(bob, "said");
    assert.equal(await answer(ann, "say", "lobby", "hi"), true);
    assert.deepEqual(await said, [{ room: "lobby", text: "hi" }]);
    assert.deepEqual(await answer(ann, "say", 1), { error: "say takes a room and a text" });
    assert.match(await (await fetch(node.url)).text(), /socket\.io\.js/);
    const run = (port) => spawnSync(program("hello"), [port], { cwd: folder, encoding: "utf8", env: { ...process.env, SIO_REDIS: undefined } });
    const { port } = new URL(node.url);
    const taken = run(port);
    assert.equal(taken.status, 1);
    assert.match(taken.stderr, new RegExp(`127\\.0\\.0\\.1.*${port}`));
    for (const name of ["70000", "-1"]) assert.match(run(name).stderr, new RegExp(`^${name} is no port`));
    const alone = await start(t, "hello", [], { SIO_REDIS: "redis://127.0.0.1:1" });
    await logged(alone, /^Redis: .*127\.0\.0\.1 port 1: Connection refused/m);
  },

  async initialization(t) {
    const socket = await connect(t, await start(t, "initialization"));
    assert.deepEqual(await next(socket, "clients"), [1]);
  },

  async server(t) {
    const node = await start(t, "server");
    const [ann, bob] = [await connect(t, node), await connect(t, node)];
    assert.deepEqual(await answer(ann, "count"), { clients: 2, sockets: 2 });
    assert.equal(await answer(ann, "merge"), true);
    assert.deepEqual(await answer(ann, "who"), { count: 2, data: { name: "guest" } });
    const reason = next(bob, "disconnect");
    ann.emit("kick", bob.id);
    assert.equal((await reason)[0], "io server disconnect");
    await (await fetch(`${node.url}/socket.io/?EIO=4&transport=nonsense`)).text();
    await logged(node, /^refused: 0 Transport unknown$/m);
    assert.match(node.log, /^namespace \/late$/m);
  },

  async options(t) {
    const node = await start(t, "options");
    const options = { path: "/realtime", transports: ["polling"] };
    assert.match((await refusal(open(t, node, "/", options))).message, /xhr poll error/);
    const socket = await connect(t, node, "/", { ...options, extraHeaders: { "x-key": "let me in" } });
    assert.equal(socket.connected, true);
    const response = await fetch(`${node.url}/realtime/?EIO=4&transport=polling`, { headers: { "x-key": "let me in", origin: "https://a.example.com" } });
    const { pingInterval, pingTimeout, maxPayload } = JSON.parse((await response.text()).slice(1));
    assert.deepEqual([pingInterval, pingTimeout, maxPayload], [10_000, 5000, 100_000]);
    assert.equal(response.headers.get("x-node"), "eu-1");
    assert.equal(response.headers.get("access-control-allow-origin"), "https://a.example.com");
    assert.match(response.headers.get("set-cookie"), /^node=.*SameSite=Strict/);
  },

  async namespaces(t) {
    const node = await start(t, "namespaces");
    const orders = await connect(t, node, "/orders");
    const users = await connect(t, node, "/users");
    const elsewhere = collect(users, "ordered");
    const ordered = next(orders, "ordered");
    orders.emit("order", "tea");
    assert.deepEqual(await ordered, ["tea"]);
    assert.deepEqual(elsewhere.events, []);
    const error = await refusal(open(t, node, "/admin"));
    assert.deepEqual([error.message, error.data], ["not allowed", { code: 403 }]);
    const admin = await connect(t, node, "/admin", { auth: { token: "secret" } });
    const tenant = open(t, node, "/tenant-7");
    assert.deepEqual(await next(tenant, "welcome"), ["/tenant-7", 1]);
    assert.equal((await refusal(open(t, node, "/tenant-x"))).message, "Invalid namespace");
    assert.equal((await refusal(open(t, node, "/game/1"))).message, "Invalid namespace");
    const games = await Promise.all(["/game/1", "/game/2"].map((name) => connect(t, node, name, { auth: { ticket: 1 } })));
    const announced = games.map((game) => next(game, "announced"));
    admin.emit("announce", "start");
    assert.deepEqual(await Promise.all(announced), [["start"], ["start"]]);
  },

  async socket(t) {
    const node = await start(t, "socket");
    const socket = await connect(t, node, "/", { auth: { name: "ann" }, transports: ["polling", "websocket"], extraHeaders: { "user-agent": "me" } });
    const who = await answer(socket, "whoami");
    assert.deepEqual([who.id, who.agent, who.version, who.auth], [socket.id, "me", "4", { name: "ann" }]);
    await ask(socket, "score", 2);
    assert.deepEqual(await ask(socket, "score", 3), ["ann", 5]);
    assert.deepEqual(await answer(socket, "rename", "bob"), { name: "bob" });
    await logged(node, /^127\.0\.0\.1 goes on by websocket$/m);
    const screen = await connect(t, node);
    assert.equal(await answer(socket, "draw", 1), false);
    await ask(screen, "show");
    const drawn = next(screen, "draw");
    assert.equal(await answer(socket, "draw", 1, 2), true);
    assert.deepEqual(await drawn, [1, 2]);
    const left = next(screen, "disconnect");
    screen.emit("leave", false);
    assert.equal((await left)[0], "io server disconnect");
    assert.equal(await answer(socket, "draw", 1), false);
    socket.emit("leave", true);
    await logged(node, /^closed: forced close$/m);
  },

  async middlewares(t) {
    const node = await start(t, "middlewares");
    const error = await refusal(open(t, node));
    assert.deepEqual([error.message, error.data], ["who are you?", { hint: "send a user" }]);
    const socket = await connect(t, node, "/", { auth: { user: "ann" } });
    assert.deepEqual(await ask(socket, "say", "hi"), ["ann", "hi"]);
    const refused = next(socket, "refused");
    socket.emit("say", "HI!");
    assert.deepEqual(await refused, ["do not shout"]);
  },

  async emitting(t) {
    const node = await start(t, "emitting");
    const socket = await connect(t, node);
    const got = [];
    socket.onAny((event, ...args) => event !== "question" && event !== "result" && got.push([event, ...args]));
    socket.once("question", (text, reply) => reply(text, "yes"));
    const result = next(socket, "result");
    assert.deepEqual(await ask(socket, "start", 60_000), [true, "SIO_EUTF8"]);
    assert.deepEqual(await result, ["ready?", "yes"]);
    assert.deepEqual(got, [
      ["hello"], ["hello", "world"], ["hello", 1, "two", [true, null]], ["hello", { name: "ann", at: [3, 4] }],
      ["file", { name: "a.bin", content: Buffer.from([1, 2]) }], ["json", { a: [1, 2.5] }], ["position", 1.5, 2],
    ]);
    const late = next(socket, "result");
    await ask(socket, "start", 50);
    assert.deepEqual(await late, ["too late"]);
  },

  async listening(t) {
    const node = await start(t, "listening");
    const socket = await connect(t, node);
    assert.deepEqual(await answer(socket, "order", "tea", { count: 2 }), { item: "tea", count: 2 });
    assert.deepEqual(await answer(socket, "order", "tea"), { error: "order takes an item and { count }" });
    assert.equal(await answer(socket, "hint"), "it has four digits");
    assert.equal(await answer(socket, "code", 1), "this was your only try");
    await assert.rejects(socket.timeout(50).emitWithAck("code", 2));
    await assert.rejects(socket.timeout(50).emitWithAck("hint"));
    assert.equal(await answer(socket, "sum", [1, 2.5, "x"]), 3.5);
    const pairs = collect(socket, "pair");
    socket.emit("keys", { a: 1, b: [2] });
    assert.deepEqual(await pairs.until(2), [["a", 1], ["b", [2]]]);
    await logged(node, /says order with 2 arguments, and wants an answer/);
    await logged(node, /hears pair with 2 arguments/);
  },

  async broadcasting(t) {
    const node = await start(t, "broadcasting");
    const [ann, bob, eve] = await Promise.all([0, 1, 2].map(() => connect(t, node)));
    const got = [ann, bob, eve].map((socket) => {
      const events = [];
      socket.onAny((event, ...args) => event !== "your vote" && events.push([event, ...args]));
      return events;
    });
    [ann, bob].forEach((socket, i) => socket.on("your vote", (reply) => reply(i)));
    ann.emit("others", 1).emit("all", 2).emit("local");
    const counted = next(ann, "votes"); // when the time is over: eve says nothing
    assert.equal(await answer(ann, "vote"), true);
    const [votes] = await counted;
    assert.deepEqual({ ...votes, votes: votes.votes.sort() }, { votes: [0, 1], asked: 3, complete: false });
    await eventually("all hear of the votes", () => got.every((events) => events.at(-1)?.[0] === "votes"));
    assert.deepEqual(got.map((events) => events.slice(0, -1)), [
      [["all", 2], ["local"]], [["others", 1], ["all", 2], ["local"]], [["others", 1], ["all", 2], ["local"]],
    ]);
  },

  async rooms(t) {
    const node = await start(t, "rooms");
    const [ann, bob, eve] = await Promise.all(["ann", "bob", "bob"].map((user) => connect(t, node, "/", { auth: { user } })));
    const news = [ann, bob, eve].map((socket) => collect(socket, "news"));
    for (const [socket, room] of [[ann, "sports"], [ann, "politics"], [bob, "politics"], [eve, "sports"], [eve, "muted"]])
      assert.equal(await answer(socket, "join", room), null);
    ann.emit("news", 1);
    await ask(ann, "join", "x");
    await news[1].until(1);
    await ask(eve, "join", "x");
    assert.deepEqual(news.map(({ events }) => events), [[[1]], [[1]], []]);
    const told = [next(bob, "told"), next(eve, "told")];
    ann.emit("tell", "bob", "hi");
    assert.deepEqual(await Promise.all(told), [["hi"], ["hi"]]);
    const long = "x".repeat(58);
    const [fits, other] = [await connect(t, node, "/", { auth: { user: long } }), open(t, node, "/", { auth: { user: `${long}y` } })];
    assert.equal((await next(other, "disconnect"))[0], "io server disconnect");
    const whispered = collect(fits, "told");
    assert.equal(await answer(ann, "tell", `${long}y`, "not for you"), false);
    assert.equal(await answer(ann, "tell", long, "for you"), true);
    assert.deepEqual(await whispered.until(1), [["for you"]]);
    fits.disconnect();
    assert.equal(await answer(ann, "leave", "x"), 4);
    const reminded = next(bob, "reminder");
    assert.equal(await answer(ann, "remind", "user:bob"), 2);
    assert.deepEqual(await reminded, [3]);
    assert.equal(typeof (await answer(ann, "join", "x".repeat(2000))), "string");
    const gone = next(bob, "gone");
    ann.disconnect();
    assert.equal((await gone)[0], "politics");
    await logged(node, /^room sports is there$/m);
    eve.disconnect();
    await logged(node, /^room sports is empty$/m);
  },

  async cheatsheet(t) {
    const node = await start(t, "cheatsheet");
    const colors = [undefined, "blue", "red"];
    const [ann, blue, red] = await Promise.all(colors.map((color) => connect(t, node, "/", { auth: color ? { color } : {} })));
    const admin = await connect(t, node, "/admin");
    const got = [ann, blue, red, admin].map((socket) => {
      const events = [];
      socket.onAny((event, ...args) => events.push([event, ...args.filter((value) => typeof value !== "function")]));
      for (const event of ["d", "e", "q"]) socket.on(event, (...args) => args.at(-1)(event));
      return events;
    });
    const answers = [ann, blue, red].map((socket) => next(socket, "answers"));
    assert.equal(await answer(ann, "go", blue.id), true);
    assert.deepEqual(await Promise.all(answers), Array(3).fill([["q", "q", "q"]]));
    const names = (events) => events.map(([event]) => event).filter((event) => event !== "answers").join(" ");
    assert.deepEqual(got[0].slice(0, 6), [["a", 1, "2", { three: [4] }], ["message", "hi"], ["b"], ["c"], ["d"], ["e", 1]]);
    assert.deepEqual(got[0].filter(([event]) => event === "reply"), [["reply", true, "d"], ["reply", true, "e"]]);
    assert.equal(names(got[0]).replaceAll(" reply", ""), "a message b c d e l message p q");
    assert.equal(names(got[1]), "f g h j k l message n o p q");
    assert.deepEqual(got[1][3], ["j", "for you"]);
    assert.equal(names(got[2]), "f h i k l message p q");
    await eventually("a word for the admin", () => names(got[3]) === "m");
  },

  async disconnections(t) {
    const node = await start(t, "disconnections");
    (await connect(t, node)).disconnect();
    await logged(node, /^disconnecting: client namespace disconnect, in 1 rooms\ndisconnected: client namespace disconnect, in 0 rooms\n$/m);
    const rude = await connect(t, node);
    rude.io.engine.close();
    await logged(node, /^disconnected: transport close, in 0 rooms\nit did not say goodbye$/m);
    const kicked = await connect(t, node);
    kicked.emit("kick");
    assert.equal((await next(kicked, "disconnect"))[0], "io server disconnect");
    await logged(node, /^disconnected: server namespace disconnect/m);
  },

  async delivery(t) {
    const node = await start(t, "delivery");
    const socket = await connect(t, node);
    assert.equal(await answer(socket, "order", 7), 1);
    assert.equal(await answer(socket, "order", 7), 1);
    assert.equal(await answer(socket, "order", 8), 2);
    for (const text of ["a", "b", "c"]) assert.equal(await answer(socket, "publish", text), true);
    const late = open(t, node, "/", { auth: { offset: 1 } });
    assert.deepEqual(await collect(late, "event").until(2), [[2, "b"], [3, "c"]]);
    const tab = rememberOffset((options) => open(t, node, "/", options), storage());
    const events = collect(tab, "event");
    await events.until(3);
    tab.disconnect();
    assert.equal(await answer(socket, "publish", "d"), true);
    tab.connect();
    assert.deepEqual((await events.until(4)).map(([number]) => number), [1, 2, 3, 4]);
  },

  async recovery(t) {
    const node = await start(t, "recovery");
    const other = await connect(t, node);
    const socket = await connect(t, node);
    const posts = collect(socket, "posted");
    await ask(other, "post", 1);
    await posts.until(1);
    const { id } = socket;
    const gone = next(socket, "disconnect");
    socket.io.engine.close();
    await gone;
    await ask(other, "post", 2); // while it is away
    const back = next(socket, "connect");
    socket.connect();
    await back;
    assert.deepEqual([socket.recovered, socket.id], [true, id]);
    assert.deepEqual((await posts.until(2)).map(([number]) => number), [1, 2]);
  },

  async cluster(t) {
    const redis = await startRedis(t);
    const nodes = [await start(t, "cluster", [redis.url]), await start(t, "cluster", [redis.url])];
    await Promise.all(nodes.map((node) => logged(node, /^Redis: ready/m)));
    const [ann, bob] = [await connect(t, nodes[0]), await connect(t, nodes[1])];
    const said = next(bob, "said");
    ann.emit("say", "hi");
    assert.deepEqual(await said, ["hi"]);
    assert.equal(await answer(ann, "nodes"), 2);
    assert.deepEqual(await ask(ann, "ask nodes"), [0, [{ pid: nodes[1].child.pid }]]);
  },

  async emitter(t) {
    const redis = await startRedis(t);
    const node = await start(t, "cluster", [redis.url]);
    await logged(node, /^Redis: ready/m);
    const socket = await connect(t, node);
    const said = next(socket, "said");
    const child = spawn(program("emitter"), [redis.url, "by night"], { stdio: ["ignore", "pipe", "inherit"] });
    const [output, ended] = [text(child.stdout), once(child, "close")];
    assert.deepEqual(await said, ["by night"]);
    assert.deepEqual(await within(ended, "the end of the emitter"), [0, null]);
    assert.equal(await output, "1 nodes\n");
    assert.equal(spawnSync(program("emitter"), ["redis://127.0.0.1:1", "x"]).status, 1);
  },

  async logging(t) {
    assert.equal(spawnSync(program("logging"), ["0"], { env: { ...process.env, SIO_LOG: "nonsense" } }).status, 2);
    const node = await start(t, "logging", [], { SIO_LOG: "engine" });
    const socket = await connect(t, node);
    await logged(node, /^debug engine: /m);
    assert.doesNotMatch(node.log, /^\w+ socket: /m);
    assert.equal(await answer(socket, "loud", "socket:trace"), true);
    assert.equal(await answer(socket, "loud", "nonsense"), false);
    await logged(node, /^trace socket: /m);
    assert.equal(spawnSync(program("logging"), ["0"], { env: { ...process.env, SIO_LOG_FORMAT: "xml" } }).status, 2);
    const other = await start(t, "logging", [], { SIO_LOG: "engine", SIO_LOG_FORMAT: "json" });
    await connect(t, other);
    await logged(other, /^\{"time":"\S+","level":"debug","category":"engine",.*"address":"127\.0\.0\.1"\}$/m);
  },

  async operating(t) {
    const node = await start(t, "operating", [], { METRICS_PORT: "0" });
    const [, port] = await node.says(/^metrics at port (\d+)$/);
    const socket = await connect(t, node);
    const readyz = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await readyz(), [503, "not ready: the cache is cold\n"]);
    await ask(socket, "warm", true);
    assert.deepEqual(await readyz(), [200, "ready\n"]);
    await ask(socket, "print");
    await logged(node, /^sio_clients websocket 1$/m);
  },

  async threads(t) {
    const socket = await connect(t, await start(t, "threads"));
    assert.deepEqual(await Promise.all([10, 100].map((n) => answer(socket, "compute", n))), [55, 5050]);
    const measured = collect(socket, "measured");
    await ask(socket, "measure");
    assert.deepEqual(await measured.until(3), [[{ value: 0 }], [{ value: 1 }], [{ value: 2 }]]);
  },

  async drain(t) {
    const node = await start(t, "drain");
    const sockets = await Promise.all([0, 1, 2].map(() => connect(t, node)));
    const gone = sockets.map((socket) => next(socket, "disconnect"));
    assert.equal(await answer(sockets[0], "maintenance"), true);
    for (const reason of await Promise.all(gone)) assert.equal(reason[0], "transport close");
    await logged(node, /^3 of 3 clients have gone$/m);
    assert.deepEqual(await within(node.exited, "its end"), [0, null]);
    const other = await start(t, "drain");
    const socket = await connect(t, other);
    const left = next(socket, "disconnect");
    other.child.kill("SIGTERM");
    assert.equal((await left)[0], "transport close");
    await logged(other, /^1 of 1 clients have gone$/m);
    await within(other.exited, "its end");
  },

  async handover(t) {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "sio-guide-")), "next.sock");
    later(t, () => rmSync(path.dirname(file), { recursive: true }));
    const old = await start(t, "handover", [file]);
    const socket = open(t, old, "/", { reconnection: true, reconnectionDelay: 50 });
    await next(socket, "connect");
    const back = next(socket, "disconnect").then(() => next(socket, "connect"));
    const node = await start(t, "handover", [file]);
    assert.equal(node.url, old.url);
    await logged(old, /^the next process serves$/m);
    await within(old.exited, "the end of the old process");
    await back;
    assert.equal(await answer(socket, "echo", 1), 1);
  },

  async performance(t) {
    const node = await start(t, "performance");
    const [ann, bob] = [await connect(t, node), await connect(t, node)];
    const ticks = collect(bob, "tick");
    await ask(ann, "tick");
    assert.deepEqual(await ticks.until(3), [[0], [1], [2]]);
    assert.equal((await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`)).status, 400);
    assert.equal((await fetch(`${node.url}/socket.io/socket.io.js`)).status, 400);
  },

  async errors(t) {
    const node = await start(t, "errors");
    const [ann, bob] = [await connect(t, node), await connect(t, node)];
    assert.equal(await answer(ann, "save", "x"), null);
    assert.deepEqual(await answer(ann, "save"), { error: "SIO_EINVAL", message: "save takes a text of at most 100 bytes" });
    const forwarded = next(bob, "hi");
    assert.equal(await answer(ann, "forward", "hi", 1), null);
    assert.deepEqual(await forwarded, [1]);
    assert.equal((await answer(ann, "forward", "connect")).error, "SIO_ERESERVED");
    await (await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=nobody`)).text();
    await logged(node, /^127\.0\.0\.1: code 1, Session ID unknown \(nothing more to say\)$/m);
    assert.match(node.log, /^SIO_EADDRESS: .*example\.org/m);
  },

  async proxy(t) {
    const node = await start(t, "proxy");
    const where = async (extraHeaders) => answer(await connect(t, node, "/", { extraHeaders }), "where");
    assert.deepEqual(await where(), { address: "127.0.0.1", secure: false });
    const said = { "x-forwarded-for": "6.6.6.6, 192.0.2.7, 10.1.2.3", "x-forwarded-proto": "https" };
    assert.deepEqual(await where(said), { address: "192.0.2.7", secure: true });
    const { io: { engine } } = await connect(t, node);
    assert.match(engine.id, /^a-[\w-]{18}$/);
  },

  async recipes(t) {
    const node = await start(t, "recipes");
    assert.match((await refusal(open(t, node))).message, /websocket error/);
    const as = (user) => connect(t, node, "/", { auth: { user }, extraHeaders: { cookie: "login=sesame" } });
    const ann = await as("ann");
    const [online, offline] = [collect(ann, "online"), collect(ann, "offline")];
    const tabs = [await as("bob"), await as("bob")];
    await online.until(1);
    tabs[0].disconnect();
    const last = await as("eve");
    last.disconnect();
    await offline.until(1);
    tabs[1].disconnect();
    assert.deepEqual(await offline.until(2), [["user:eve"], ["user:bob"]]);
    assert.deepEqual(online.events, [["user:bob"], ["user:eve"]]);
    assert.deepEqual(await answer(ann, "upload", "a.bin", Buffer.from("abc")), { name: "a.bin", bytes: 3 });
    assert.deepEqual(await answer(ann, "upload", "a.bin"), { error: "upload takes a name and bytes" });
    const nameless = open(t, node, "/", { auth: { user: "x".repeat(75) }, extraHeaders: { cookie: "login=sesame" } });
    assert.equal((await next(nameless, "disconnect"))[0], "io server disconnect");
    assert.deepEqual([online.events.length, offline.events.length], [2, 2]);
    const warned = next(ann, "slow down");
    for (let i = 0; i < 200; i++) ann.emit("anything"); // more than 5 a second, however slowly they are read
    assert.deepEqual(await warned, ["too fast"]);
  },

  // [testing]
  async testing(t) {
    const node = await start(t, "testing");
    const socket = await connect(t, node);
    assert.equal(await answer(socket, "add", 2), 2);
    assert.equal(await answer(socket, "add", 3), 5);
    assert.equal(await answer(socket, "add", "nothing"), 5);
  },
  // [end]

  async tls(t) {
    const { cert, key, ca, authority, folder: made, caKey } = certificates();
    const alice = issue(made, { cert: ca, key: caKey }, "alice-guide");
    const node = await start(t, "tls", [cert, key, ca]);
    node.url = `https://localhost:${node.port}`;
    const secure = { ca: authority, forceNew: true, reconnection: false, transports: ["websocket"] };
    const told = async (options) => {
      const socket = io(node.url, { ...secure, ...options });
      later(t, () => socket.disconnect());
      return (await next(socket, "peer"))[0];
    };
    assert.deepEqual(await told({}), { secure: true, subject: "nobody" });
    assert.deepEqual(await told({ cert: readFileSync(alice.cert), key: readFileSync(alice.key) }), { secure: true, subject: "CN=alice-guide,O=sio" });
    node.child.kill("SIGHUP");
    await logged(node, /certificates have been read anew/);
    assert.equal((await told({})).secure, true);
  },

  async lws(t) {
    const node = await start(t, "lws");
    assert.match(await (await fetch(node.url)).text(), /a page of the program/);
    assert.match(await (await fetch(`${node.url}/elsewhere`)).text(), /a page of the program/);
    assert.equal((await fetch(`${node.url}/socket.io/?EIO=4&transport=none`)).status, 400);
    const mirror = new WebSocket(`ws://127.0.0.1:${node.port}/any`, "mirror");
    const mirrored = next(mirror, "message");
    mirror.on("open", () => mirror.send("hello"));
    const refused = new WebSocket(`ws://127.0.0.1:${node.port}/socket.io/?EIO=9&transport=websocket`);
    assert.match((await within(once(refused, "error"), "a refusal"))[0].message, /Unexpected server response: 400/);
    assert.equal(String((await mirrored)[0]), "hello");
    mirror.terminate();
    const hearer = await connect(t, node);
    for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
      const socket = open(t, node, "/", { transports, extraHeaders: { "x-custom": "yes" } });
      assert.match((await next(socket, "welcome"))[0], /^\/socket\.io\/\?EIO=4&transport=/);
      const heard = next(hearer, "said"), text = "ü".repeat(50_000);
      assert.equal(await answer(socket, "say", text), true);
      assert((await heard)[0] === text, "the text is heard");
      socket.disconnect();
    }
  },

  async structure(t) {
    const node = await start(t, "structure");
    const [ann, clerk] = [await connect(t, node), await connect(t, node)];
    assert.equal(await answer(clerk, "clerk:here"), true);
    const created = next(clerk, "order:created");
    assert.equal(await answer(ann, "order:create", { tea: 1 }), 1);
    assert.deepEqual(await created, [1, { tea: 1 }]);
    assert.equal(await answer(ann, "order:list"), 1);
  },

  async memory(t) {
    const socket = await connect(t, await start(t, "memory"));
    assert(await answer(socket, "taken") > 0);
    assert.equal(await answer(socket, "flood"), true);
  },
};

test("each example is run here", () => {
  const programs = readdirSync(folder).filter((name) => name.endsWith(".c") && name !== "example.c").map((name) => name.slice(0, -2));
  assert.deepEqual(Object.keys(examples).sort(), programs.sort());
});

for (const [name, run] of Object.entries(examples)) test(`example ${name}`, run);

// the vhost's own TLS: HTTP/1.1 and HTTP/2, as libwebsockets offers them
test("example lws, by the TLS of its vhost: HTTP/1.1 and HTTP/2", async (t) => {
  const { cert, key, authority } = certificates();
  const node = await start(t, "lws", [cert, key]);
  node.url = `https://localhost:${node.port}`;
  const hearer = await connect(t, node, "/", { ca: authority });
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    const socket = open(t, node, "/", { transports, ca: authority });
    assert.match((await next(socket, "welcome"))[0], /^\/socket\.io\/\?EIO=4&transport=/);
    const heard = next(hearer, "said");
    assert.equal(await answer(socket, "say", "by TLS"), true);
    assert.deepEqual(await heard, ["by TLS"]);
    socket.disconnect();
  }
  const session = http2.connect(node.url, { ca: authority });
  later(t, () => session.destroy());
  for (const [path, status, body] of [["/", 200, /a page of the program/], ["/socket.io/?EIO=4&transport=polling", 200, /^0\{"sid":/], ["/socket.io/?EIO=4&transport=none", 400, /Transport unknown/]]) {
    const request = session.request({ ":path": path });
    const [headers] = await within(once(request, "response"), `an answer for ${path}`);
    assert.equal(headers[":status"], status);
    assert.match(await within(text(request), `the body of ${path}`), body);
  }
});
