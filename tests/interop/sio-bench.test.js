// The load generator believes nobody: what a server loses, doubles or mixes up ends its run as a failure.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import path from "node:path";
import { after, test } from "node:test";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { later, within } from "./lib/later.js";
import { startRedis } from "./lib/redis.js";

const program = path.join(process.env.SIO_BUILD ?? "", "bench/sio-bench");
const suite = { after };
const redis = await startRedis(suite);

// An official server whose sockets pass each broadcast through `spoil`, which sends it on or does worse.
async function serve(t, spoil = (send) => send(), options = {}) {
  const publisher = createClient({ url: redis.url }), subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = createServer();
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
    socket.on("join", (room, done) => {
      socket.join(room);
      done();
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  later(t, () => Promise.all([publisher.quit(), subscriber.quit()]));
  later(t, () => io.close());
  return `ws://127.0.0.1:${http.address().port}`;
}

async function run(url, ...args) {
  const child = spawn(program, ["--url", url, "--redis", redis.url, "--clients", "20", "--seconds", "1", "--warmup", "0", "--json", ...args]);
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.err += text));
  [result.status] = await within(once(child, "close"), "the end of sio-bench", 30_000);
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
  const { status, err } = await run(await serve(t, (send, count) => count === 5 || send()));
  assert.equal(status, 1);
  assert.match(err, /nothing has come.* 1 broadcasts have not reached all/);
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

test("a wrong command line ends with 2", async () => {
  for (const args of [["--clients", "0"], ["--payload", "x"], ["--bogus"], ["--url", "http://x"]])
    assert.equal((await run("ws://127.0.0.1:1", ...args)).status, 2, args.join(" "));
});
