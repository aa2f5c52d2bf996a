// What our node tells those who watch it, while official clients do what they do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { root } from "../lib/files.js";
import { ask, collect, connect, ctl, eventually, next, open } from "./lib/clients.js";
import { watch } from "./lib/exposition.js";
import { later, within } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
// Who does not read answers no ping either, and is to be closed for what it has not read.
const unpinged = ["--ping-interval", "600000"];

async function startWatched(t, ...flags) {
  const node = await startNode(t, ours, "--metrics-port", "0", ...flags);
  return { node, watcher: await watch(node) };
}

test("ours: values move as clients do", own, async (t) => {
  const { node, watcher } = await startWatched(t);
  const before = await watcher.scrape();
  const socket = await connect(t, node);
  const polling = await connect(t, node, { over: "polling" });
  await connect(t, node, { over: "upgrade" });
  await watcher.reaches('sio_clients{transport="websocket"}', 2);
  await watcher.reaches('sio_clients{transport="polling"}', 1);
  assert.equal(await watcher.value('sio_handshakes_total{transport="polling"}'), 2);
  assert.equal(await watcher.value("sio_upgrades_total"), 1);
  assert.equal(await watcher.value("sio_sockets"), 3);

  const received = await watcher.value("sio_events_received_total");
  const delivered = await watcher.value("sio_deliveries_total");
  await ask(socket, "join", ["red", "blue"]);
  await ask(polling, "join", ["red"]);
  assert.equal(await watcher.value("sio_rooms"), 2);
  const said = next(polling, "said");
  socket.emit("say", "red", "x".repeat(10_000));
  await said;
  assert.equal(await watcher.value("sio_events_received_total"), received + 3);
  assert.equal(await watcher.value("sio_deliveries_total"), delivered + 1);
  assert((await watcher.value("sio_received_bytes_total")) > before.samples.get("sio_received_bytes_total") + 10_000);
  assert((await watcher.value("sio_sent_bytes_total")) > before.samples.get("sio_sent_bytes_total") + 10_000);

  socket.emit("bye", false);
  await next(socket, "disconnect");
  polling.disconnect();
  await watcher.reaches('sio_disconnects_total{reason="server namespace disconnect"}', 1);
  await watcher.reaches('sio_disconnects_total{reason="client namespace disconnect"}', 1);
  await watcher.reaches("sio_sockets", 1);
  assert.equal(await watcher.value("sio_redis_up").catch(() => "none"), "none", "there is no Redis");
});

test("ours: refusals are counted by their cause", own, async (t) => {
  const { node, watcher } = await startWatched(t);
  assert.equal((await fetch(`${node.url}/socket.io/?EIO=4&transport=carrier-pigeon`)).status, 400);
  assert.equal((await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=nobody`)).status, 400);
  assert.equal((await fetch(`${node.url}/socket.io/?EIO=3&transport=polling`)).status, 400);
  await next(open(t, node, { nsp: "/nowhere" }), "connect_error");
  await next(open(t, node, { nsp: "/auth" }), "connect_error");
  for (const cause of ["unknown_transport", "unknown_sid", "unsupported_protocol_version"])
    assert.equal(await watcher.value(`sio_requests_refused_total{cause="${cause}"}`), 1);
  for (const cause of ["unknown_namespace", "middleware"])
    assert.equal(await watcher.value(`sio_joins_refused_total{cause="${cause}"}`), 1);
  const { node: hasty, watcher: other } = await startWatched(t, "--connect-timeout", "300");
  assert.equal((await fetch(`${hasty.url}/socket.io/?EIO=4&transport=polling`)).status, 200);
  await other.reaches("sio_clients_never_joined_total", 1);
});

test("ours: a client that does not read is seen before it is dropped", own, async (t) => {
  const { node, watcher } = await startWatched(t, "--max-buffered", "3000000", ...unpinged);
  const control = await connect(t, node);
  const deaf = await connect(t, node);
  const { id } = deaf;
  deaf.io.engine.transport.ws.pause();
  let queued = 0;
  for (let i = 0; i < 1000 && !(await watcher.value("sio_clients_dropped_total")); i++) {
    await ctl(control, "emit", { event: "bulk", args: ["x".repeat(100_000)], rooms: [id] });
    queued = Math.max(queued, await watcher.value("sio_queue_bytes"));
  }
  assert(queued > 1_000_000, `${queued} bytes`);
  await watcher.reaches('sio_disconnects_total{reason="buffer overflow"}', 1);
  await watcher.reaches("sio_queue_bytes", (value) => value < 100_000);
  assert((await watcher.value('sio_messages_dropped_total{cause="closed"}')) > 0);
});

for (const adapter of ["redis", "sharded", "streams"])
  test(`ours: Redis by the ${adapter} adapter`, own, async (t) => {
    const redis = await startRedis(t);
    const flags = ["--redis", redis.url, "--adapter", adapter];
    const [{ node: a, watcher }, { node: b, watcher: other }] = await Promise.all([startWatched(t, ...flags), startWatched(t, ...flags)]);
    await watcher.reaches("sio_redis_up", 1);
    await other.reaches("sio_redis_up", 1);
    const sender = await connect(t, a);
    const receiver = await connect(t, b);
    const news = collect(receiver, "news");
    let sent = 0;
    await eventually("a message passes, and its lag is measured", async () => {
      await ctl(sender, "emit", { event: "news", args: [sent++] });
      return news.events.length > 0 && (await watcher.value("sio_redis_lag_seconds_count")) > 0;
    });
    assert((await watcher.value("sio_redis_published_total")) >= sent);
    assert((await other.value('sio_redis_messages_total{outcome="delivered"}')) > 0);
    await watcher.reaches('sio_redis_messages_total{outcome="own"}', (count) => count > 0);
    assert.equal(await other.value('sio_redis_messages_total{outcome="malformed"}'), 0, "what measures the lag is nobody else's");
    assert((await watcher.value("sio_redis_lag_seconds_sum")) > 0);

    await redis.stop();
    await watcher.reaches("sio_redis_up", 0);
    await redis.start();
    await watcher.reaches("sio_redis_up", 1);
    assert.equal(await watcher.value("sio_redis_connects_total"), 2);
  });

test("ours: whoever plays with the message that measures the lag measures nothing", own, async (t) => {
  const redis = await startRedis(t);
  const { watcher } = await startWatched(t, "--redis", redis.url);
  await watcher.reaches("sio_redis_lag_seconds_count", (count) => count > 0);
  const client = await redis.client(t);
  const channels = await client.sendCommand(["PUBSUB", "CHANNELS", "socket.io-response#/#?*"]);
  assert.equal(channels.length, 1);
  const junk = ["ffffffffffffffff", "0000000000000000", "zzzzzzzzzzzzzzzz", "-000000000000001", "                ", "0x00000000000000"];
  for (const digits of junk) assert.equal(await client.publish(channels[0], `probe:${digits}`), 1);
  const before = await watcher.value("sio_redis_lag_seconds_count");
  await watcher.reaches("sio_redis_lag_seconds_count", (count) => count > before);
  assert((await watcher.value("sio_redis_lag_seconds_sum")) < 60);
});

test("ours: readiness follows Redis, unless it is told not to", own, async (t) => {
  const redis = await startRedis(t);
  const [{ watcher }, { watcher: local }] = await Promise.all([
    startWatched(t, "--redis", redis.url),
    startWatched(t, "--redis", redis.url, "--ready-without-redis"),
  ]);
  const ready = async (who) => (await who.get("/readyz")).status === 200;
  await eventually("both are ready", async () => (await ready(watcher)) && (await ready(local)));
  await redis.stop();
  await eventually("one is not", async () => !(await ready(watcher)));
  const { status, text } = await watcher.get("/readyz");
  assert.equal(status, 503);
  assert.match(text, /^not ready: redis: (connecting|disconnected)\n$/);
  assert(await ready(local));
  assert.deepEqual((({ status, text }) => ({ status, text }))(await watcher.get("/healthz")), { status: 200, text: "ok\n" });
  await redis.start();
  await eventually("it is again", () => ready(watcher));
});

test("ours: a process that stood still has a late loop", own, async (t) => {
  const { node, watcher } = await startWatched(t);
  const late = async () => (await watcher.value("sio_loop_delay_seconds_count")) - (await watcher.value('sio_loop_delay_seconds_bucket{le="0.5"}'));
  await watcher.reaches("sio_loop_delay_seconds_count", (count) => count > 0);
  const before = await late();
  node.child.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 1200)); // this is what is measured
  node.child.kill("SIGCONT");
  await eventually("it is seen", async () => (await late()) >= before + 5);
});

test("ours: a new process takes the port of metrics over", own, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-metrics-"));
  later(t, () => rmSync(folder, { recursive: true }));
  const flags = ["--handover", path.join(folder, "next.sock"), "--drain-ms", "600000", "--metrics-reuse-port"];
  const { node: old, watcher } = await startWatched(t, ...flags);
  const socket = await connect(t, old);
  await watcher.reaches("sio_sockets", 1);
  const { port } = new URL(watcher.url);
  await startNode(t, ours, "--metrics-port", port, ...flags);
  // each on a connection of its own: the kernel has shared them out among both while there were two, and has reset who was about
  // to be accepted by the old one
  const asked = () => watcher.get("/metrics", { headers: { connection: "close" } }).catch(({ message }) => ({ text: message }));
  let by = 0;
  await eventually("only the new one answers", async () => {
    by = /^sio_sockets 0$/m.test((await asked()).text) ? by + 1 : 0;
    return by === 30;
  }, 60_000);
  assert(socket.connected, "the old one still drains");
});

// ---- who else comes ----

// What a connection says until it ends.
async function talk(t, watcher, text) {
  const socket = dial(Number(new URL(watcher.url).port), "127.0.0.1");
  later(t, () => socket.destroy());
  socket.on("error", () => {});
  let heard = "";
  socket.setEncoding("utf8").on("data", (data) => (heard += data));
  socket.write(text);
  await within(once(socket, "close"), "the end of a connection", 20_000);
  return heard;
}

// A connection that never gets to the point; what ends it.
function hold(watcher) {
  const socket = dial(Number(new URL(watcher.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET /metrics HTT");
  return () => socket.destroy();
}

test("ours: the listener of metrics serves nothing else, and outlives who is hostile", own, async (t) => {
  const { node, watcher } = await startWatched(t);
  for (const where of ["/", "/socket.io/?EIO=4&transport=polling", "/socket.io/socket.io.js", "/metrics/x", "/%6detrics"])
    assert.equal((await watcher.get(where)).status, 404, where);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const { status, headers } = await watcher.get("/metrics", { method });
    assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD"], method);
  }
  const { headers } = await watcher.get("/metrics", { headers: { origin: "http://evil.example" } });
  assert.equal(headers.get("access-control-allow-origin"), null);
  const socket = open(t, { url: watcher.url });
  await next(socket, "connect_error");

  const junk = ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n", `GET /${"x".repeat(100_000)} HTTP/1.1\r\n\r\n`,
    `GET /metrics HTTP/1.1\r\n${"X: y\r\n".repeat(1000)}\r\n`, "POST /metrics HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"];
  for (const text of junk) assert.match(await talk(t, watcher, text), /^(HTTP\/1\.1 4\d\d |$)/);
  for (let i = 0; i < 100; i++) later(t, hold(watcher));
  assert.equal((await watcher.get("/healthz")).status, 200, "those who hold places hold nobody up");
  await connect(t, node);
});

test("ours: nothing of it is on the port of clients", own, async (t) => {
  const { node } = await startWatched(t);
  for (const where of ["/metrics", "/healthz", "/readyz", "/socket.io/metrics"])
    assert.notEqual((await fetch(node.url + where)).status, 200, where);
});

test("ours: Prometheus gets OpenMetrics, compressed", own, async (t) => {
  const { watcher } = await startWatched(t);
  const accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
  const { headers, text } = await watcher.get("/metrics", { headers: { accept, "accept-encoding": "gzip" } });
  assert.equal(headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.equal(headers.get("content-encoding"), "gzip");
  assert(text.endsWith("# EOF\n"));
  assert.match(text, /^# TYPE sio_handshakes counter\nsio_handshakes_total\{transport="polling"\} 0$/m);
});

// ---- the guide ----

test("ours: the guide has every metric, its type and its labels", own, async (t) => {
  const redis = await startRedis(t);
  const { watcher } = await startWatched(t, "--redis", redis.url);
  const { types, samples } = await watcher.scrape();
  const page = readFileSync(path.join(root, "docs/guide/operating.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (?:`(\w+)` )?\|/gm)].map(([, name, type, label]) => [name, type, label ?? ""]);
  const labelOf = (name) => [...samples.keys()].map((key) => new RegExp(`^${name}\\{(\\w+)=`).exec(key)?.[1]).find(Boolean) ?? "";
  assert.deepEqual(rows, [...types].map(([name, type]) => [name, type, labelOf(name)]));
  const named = [...page.matchAll(/\b((?:sio|process)_\w+)\b/g)].map(([, name]) => name.replace(/_bucket$/, "")).filter((name) => /_(total|seconds|bytes|up|fds)$/.test(name));
  assert.deepEqual(named.filter((name) => !types.has(name)), [], "an alert that names what is not there");
});
