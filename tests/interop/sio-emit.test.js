// The command sio-emit, as a shell or a cron job calls it, with the official server and client at the other end.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { ask, connect, eventually, next } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Node } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const program = path.join(process.env.SIO_BUILD ?? "", "sio-emit");
const folder = mkdtempSync(path.join(tmpdir(), "sio-emit-"));
const suite = { after };
const redis = await startRedis(suite);
const node = new Node("reference", ["--redis", redis.url]);
later(suite, () => node.stop());
later(suite, () => rmSync(folder, { recursive: true }));
await node.listening();
const admin = await redis.client(suite);
await eventually("the node has subscribed to its namespaces", async () => (await admin.sendCommand(["PUBSUB", "NUMPAT"])) === 3);

async function run(args, { input = "", env = {}, patience = 30_000 } = {}) {
  const child = spawn(program, args, { env: { ...process.env, SIO_REDIS: redis.url, ...env } });
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.err += text));
  child.stdin.on("error", () => {}).end(input);
  [result.status] = await within(once(child, "close"), `the end of sio-emit ${args.join(" ")}`, patience);
  assert.doesNotMatch(result.err, /Sanitizer|runtime error/);
  return result;
}

async function sent(args, options) {
  assert.deepEqual(await run(args, options), { out: "", err: "", status: 0 });
}

// What a client gets when the command is called so.
async function received(t, args, options) {
  const socket = await connect(t, node);
  const event = next(socket, "e");
  await sent(args, options);
  return event;
}

test("arguments are JSON where they are JSON, and text where they cannot be meant as JSON", async (t) => {
  const args = ["e", '{"a":[1,{"b":null}]}', "[1, 2]", '"5"', "5", "-1.5", "true", "null", "hello", "007", "10:30", "-5", "", "x{", "é 😀", "nul"];
  assert.deepEqual(await received(t, args), [
    { a: [1, { b: null }] }, [1, 2], "5", 5, -1.5, true, null, "hello", "007", "10:30", -5, "", "x{", "é 😀", "nul",
  ]);
});

test("an event may have no arguments", async (t) => {
  assert.deepEqual(await received(t, ["e"]), []);
});

test("all kinds of arguments come in the order of the command line", async (t) => {
  const file = path.join(folder, "bytes");
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256));
  writeFileSync(file, bytes);
  const input = Buffer.from([0, 255, 10]);
  assert.deepEqual(await received(t, ["e", "--text", "5", "6", "--file", file, "-", "--text={", "end"], { input }), ["5", 6, bytes, input, "{", "end"]);
  assert.deepEqual(await received(t, ["e", "-", "1"], { input: "" }), [Buffer.alloc(0), 1]);
});

test("after -- nothing is an option", async (t) => {
  assert.deepEqual(await received(t, ["--", "e", "--room", "-", "--"]), ["--room", "-", "--"]);
});

test("rooms, exceptions and namespaces choose the receivers", async (t) => {
  const [a, b, ab, custom] = await Promise.all([connect(t, node), connect(t, node), connect(t, node), connect(t, node, { nsp: "/custom" })]);
  await Promise.all([ask(a, "join", "a"), ask(b, "join", "b"), ask(ab, "join", ["a", "b"])]);
  const got = [];
  for (const [name, socket] of Object.entries({ a, b, ab, custom })) socket.on("e", (value) => got.push(`${name} ${value}`));
  const over = Promise.all([a, b, ab, custom].map((socket) => next(socket, "over")));
  await sent(["--room", "a", "e", "1"]);
  await sent(["--room", "a", "--room=b", "e", "2"]);
  await sent(["--room", "a", "--except", "b", "e", "3"]);
  await eventually("the third has come", () => got.includes("a 3")); // behind it what is volatile could be dropped
  await sent(["--except", "b", "--volatile", "e", "4"]);
  await sent(["--nsp", "custom", "e", "5"]);
  await sent(["over"]);
  await sent(["--nsp", "/custom", "over"]);
  await over;
  assert.deepEqual(got.sort(), ["a 1", "a 2", "a 3", "a 4", "ab 1", "ab 2", "b 2", "custom 5"]);
});

test("--redis wins over SIO_REDIS", async () => {
  await sent(["--redis", redis.url, "e"], { env: { SIO_REDIS: "redis://127.0.0.1:1" } });
});

test("status 1: nobody listens", async () => {
  const { status, err } = await run(["--key", "elsewhere", "e"]);
  assert.equal(status, 1);
  assert.match(err, /no server was listening .* classic adapter .*key "elsewhere"/);
  assert.match((await run(["--adapter", "sharded", "e"])).err, /no server was listening .* sharded adapter .*key "socket.io"/);
  assert.match((await run(["--adapter", "streams", "--stream", "s", "e"])).err, /no server was listening .* streams adapter .*stream "s"/);
});

test("status 2: what is wrong is told, and nothing is sent", async (t) => {
  const large = path.join(folder, "large");
  writeFileSync(large, "");
  truncateSync(large, 33 * 2 ** 20);
  const cases = [
    [[], /which event.*--help/],
    [["--bogus", "e"], /--bogus/],
    [["--room"], /--room needs a value/],
    [["--volatile=1", "e"], /takes no value/],
    [["--timeout", "soon", "e"], /--timeout.*soon/],
    [["--redis", "http://x", "e"], /redis:/],
    [["--redis", "redis://:secret@host:port", "e"], /^(?!.*secret)/s],
    [["e", "1", '{"a":1'], /argument 2, {"a":1, .*at character 7, its end: /],
    [["e", "[1,2,x]"], /argument 1, \[1,2,x\], .*at character 6, x\]: .*--text/],
    [["e", "[\n7,\n" + "é".repeat(200)], /argument 1, \[ 7, é{17}\.\.\., .*, é{20}\.\.\.: /],
    [["e", '"open'], /at character/],
    [["e", "[".repeat(100_000)], /./],
    [["e", "--file", path.join(folder, "absent")], /absent.*No such file/],
    [["e", "--file", folder], /directory/],
    [["e", "--file", large], /more than \d+ bytes/],
    [["e", "-", "-"], /only once/],
    [["e", "--stdin"], /not both/],
    [["--fetch", "--count"], /--fetch and --count/],
    [["--join", "a", "--leave", "b"], /--join and --leave/],
    [["--disconnect=now"], /--disconnect=close/],
    [["--count", "--ack"], /belong to an event/],
    [["--server-side", "--room", "a", "e"], /all servers/],
    [["--server-side", "connection"], /"connection"/],
    [["--adapter", "mongo", "e"], /classic, sharded or streams/],
    [["--retry", "0", "e"], /--retry takes 1/],
    [["disconnect"], /"disconnect"/],
    [[""], /EVENT is empty/],
    [["--room", "", "e"], /--room is empty/],
    [["--room=", "e"], /--room is empty/],
    [["--except", "", "e"], /--except is empty/],
    [["--join", ""], /--join is empty/],
    [["--leave", ""], /--leave is empty/],
    [["--nsp", "", "e"], /--nsp is empty/],
    [["--key=", "e"], /--key is empty/],
    [["--adapter", "streams", "--stream", "", "e"], /--stream is empty/],
    [["--stream", "s", "e"], /--stream belongs to --adapter streams/],
    [["--stream", "s", "--adapter", "sharded", "--count"], /--stream belongs to --adapter streams/],
  ];
  const socket = await connect(t, node);
  let events = 0;
  socket.onAny(() => events++);
  for (const [args, message] of cases) {
    const { status, out, err } = await run(args);
    assert.deepEqual({ args, status, out }, { args, status: 2, out: "" });
    assert.match(err, /^sio-emit: .*\n$/); // one line
    assert.match(err, message);
  }
  const over = next(socket, "over");
  await sent(["over"]);
  await over;
  assert.equal(events, 1);
});

test("status 2: standard input that does not end is cut off at the limit", async () => {
  const { status, err } = await run(["e", "-"], { input: Buffer.alloc(33 * 2 ** 20) });
  assert.equal(status, 2);
  assert.match(err, /standard input: more than/);
});

test("status 3: Redis is away, or wants a password", async (t) => {
  const away = await run(["--redis", "redis://127.0.0.1:1", "e"]);
  assert.equal(away.status, 3);
  assert.match(away.err, /127\.0\.0\.1 port 1: Connection refused.*SIO_REDIS/);
  const locked = await startRedis(t);
  const admin = await locked.client(t);
  await admin.configSet("requirepass", "open sesame");
  const refused = await run(["--redis", locked.url, "e"]);
  assert.equal(refused.status, 3);
  assert.match(refused.err, /NOAUTH.*PASSWORD@HOST/);
  const guessed = await run(["--redis", locked.url.replace("//", "//:guess@"), "e"]);
  assert.equal(guessed.status, 3);
  assert.doesNotMatch(guessed.err, /guess/);
  assert.equal((await run(["--redis", locked.url.replace("//", "//:open%20sesame@"), "e"])).status, 1);
});

// A Redis that answers what `answers` has an answer for, and else is silent.
async function partial(t, answers) {
  const server = createServer((socket) => {
    socket.on("error", () => {}).setEncoding("utf8").on("data", (text) => {
      for (const [word, answer] of Object.entries(answers)) if (text.includes(`\r\n${word}\r\n`)) socket.write(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  later(t, () => server.close());
  return `127.0.0.1:${server.address().port}`;
}

test("status 3: a Redis that is silent before the message was written", async (t) => {
  const place = await partial(t, {});
  await Promise.all([["e"], ["--join", "a"], ["--count"], ["--ack", "e"], ["--stdin"]].map(async (args) => {
    const { status, err } = await run(["--redis", `redis://${place}`, "--timeout", "1000", ...args]);
    assert.deepEqual({ args, status }, { args, status: 3 });
    assert.match(err, /1000 ms.*--timeout/);
  }));
});

test("status 4: a Redis that is silent after the message was written", async (t) => {
  const place = await partial(t, { PING: "+PONG\r\n", XADD: "$3\r\n1-1\r\n" });
  await Promise.all([["e"], ["--join", "a"], ["--adapter", "streams", "e"], ["--stdin"]].map(async (args) => {
    const { status, err } = await run(["--redis", `redis://${place}`, "--timeout", "2000", ...args], { input: '{"event":"e"}' });
    assert.deepEqual({ args, status }, { args, status: 4 });
    assert.match(err, /2000 ms/);
  }));
});

test("status 3: sentinels that name no port where a master could be", async (t) => {
  const place = await partial(t, { PING: "+PONG\r\n", SENTINEL: "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n99999\r\n" });
  const { status, err } = await run(["--redis", `redis+sentinel://${place}/m`, "--timeout", "5000", "e"]);
  assert.equal(status, 3);
  assert.match(err, /the sentinels name no host and port of the master m/);
});

test("status 3: a Redis that is no sentinel, or speaks no TLS", async () => {
  const place = redis.url.replace("redis://", "");
  const sentinel = await run(["--redis", `redis+sentinel://${place}/m`, "e"]);
  assert.equal(sentinel.status, 3);
  assert.match(sentinel.err, /port \d+: this is no sentinel .*26379/);
  const plain = await run(["--redis", `rediss://${place}`, "--timeout", "1000", "e"]);
  assert.equal(plain.status, 3);
  assert.match(plain.err, /no TLS handshake within 1000 ms; does this port speak TLS\?/);
  const absent = await run(["--redis", `rediss://${place}?ca=/absent`, "e"]);
  assert.equal(absent.status, 2);
  assert.match(absent.err, /\/absent: No such file/);
});

test("--retry waits for a Redis that is not there yet", async (t) => {
  const late = await startRedis(t);
  await late.stop();
  const begun = run(["--redis", late.url, "--retry", "20000", "e"]);
  await late.start();
  assert.equal((await begun).status, 1);
  await late.stop();
  assert.equal((await run(["--redis", late.url, "--retry", "50", "e"])).status, 3);
  await late.start();
});

const json = (...lines) => lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");

test("--stdin sends an event for each line, and tells which are wrong", async (t) => {
  const [a, b, custom] = await Promise.all([connect(t, node), connect(t, node), connect(t, node, { nsp: "/custom" })]);
  await Promise.all([ask(a, "join", "a"), ask(b, "join", "b")]);
  const got = [];
  for (const [name, socket] of Object.entries({ a, b, custom })) socket.on("e", (...args) => got.push([name, ...args]));
  const over = Promise.all([a, b, custom].map((socket) => next(socket, "over")));
  const lines = [
    { event: "e", args: [1, "two", { three: [null] }], room: "a" },
    { event: "e", rooms: ["a", "b"], except: "a", volatile: true, compress: false },
    "",
    { event: "e", args: ["custom"], nsp: "custom" },
    { event: "e", args: ["é"], except: ["b"], rooms: [] },
    { event: "over" }, { event: "over", nsp: "/custom" },
  ];
  assert.deepEqual(await run(["--stdin"], { input: json(...lines) }), { out: "", err: "", status: 0 });
  await over;
  assert.deepEqual(got.sort(), [["a", 1, "two", { three: [null] }], ["a", "é"], ["b"], ["custom", "custom"]]);

  const bad = ['{"event":"e"', [], "7", {}, { event: 5 }, { event: "e", arg: [] }, { event: "e", args: {} }, { event: "e", room: 1 },
    { event: "e", volatile: 1 }, { event: "disconnect" }, { event: "a\0b" }, { event: "e", args: [1], nsp: null },
    { event: "" }, { event: "e", room: "" }, { event: "e", rooms: ["a", ""] }, { event: "e", except: "" }, { event: "e", nsp: "" }];
  const second = next(a, "second");
  const { status, out, err } = await run(["--stdin", "--room", "a"], { input: json({ event: "e", room: "none" }, ...bad, { event: "second", args: [2] }) + "\r\n" });
  assert.deepEqual({ status, out }, { status: 2, out: "" });
  assert.deepEqual([...err.matchAll(/^sio-emit: line (\d+): ./gm)].map(([, line]) => Number(line)), bad.map((_, index) => index + 2));
  assert.deepEqual(await second, [2]);
});

test("--stdin sends what has come before it waits for more", async (t) => {
  const socket = await connect(t, node);
  const child = spawn(program, ["--stdin"], { env: { ...process.env, SIO_REDIS: redis.url } });
  for (const value of [1, 2]) {
    const event = next(socket, "e");
    child.stdin.write(json({ event: "e", args: [value] }) + "\n");
    assert.deepEqual(await event, [value]);
  }
  child.stdin.end();
  assert.deepEqual(await within(once(child, "close"), "the end of sio-emit --stdin"), [0, null]);
});

test("--stdin sends many, in their order", async (t) => {
  const socket = await connect(t, node);
  const got = [];
  socket.on("e", (value) => got.push(value));
  const over = next(socket, "over", 60_000);
  const lines = Array.from({ length: 20_000 }, (_, i) => ({ event: "e", args: [i] }));
  await sent(["--stdin"], { input: json(...lines, { event: "over" }), patience: 60_000 });
  await over;
  assert.deepEqual(got, lines.map(({ args }) => args[0]));
});

test("--stdin: exit statuses", async () => {
  const input = json({ event: "e" }, { event: "e" });
  const nobody = await run(["--stdin", "--key", "elsewhere"], { input });
  assert.equal(nobody.status, 1);
  assert.match(nobody.err, /2 of 2 events/);
  assert.equal((await run(["--stdin", "--redis", "redis://127.0.0.1:1"], { input })).status, 3);
  assert.equal((await run(["--stdin"], { input: Buffer.concat([Buffer.alloc(33 * 2 ** 20, "x"), Buffer.from(`\n${input}`)]) })).status, 2);
});

test("--help tells of every option and status, --version of the version", async () => {
  const { out, status } = await run(["--help"]);
  assert.equal(status, 0);
  for (const word of ["--redis", "SIO_REDIS", "--key", "--nsp", "--room", "--except", "--volatile", "--timeout", "--text", "--file", "--stdin", "--help", "--version", "--adapter",
    "--stream", "--retry", "--ack", "--server-side", "--join", "--leave", "--disconnect", "--fetch", "--count", "--uncompressed"])
    assert(out.includes(word), word);
  for (let code = 0; code <= 5; code++) assert.match(out, new RegExp(`^  ${code}  `, "m"));
  for (const line of out.split("\n")) assert(line.length <= 100, line);
  assert.match((await run(["--version"])).out, /^sio-emit \d+\.\d+\.\d+\n$/);
});
