// What hostile clients cost everybody else: our server beside Node.js, each with its defaults, ours also with limits.
//   node bench/hostile.js [--seconds 8] [--good 1000] [--hostile 200] [--megabytes 300] [--warmup 6] [--peer NAME]…    about two minutes
// First so many megabytes are emitted to one client that does not read, and the server's memory is followed. Then good clients ask
// at a fixed rate, alone and while hostile ones do their worst (runner/attack.js); latency counts from when a question was due.
// Everything is on one machine, the attackers at nice 19. The programs are those of ${SIO_BUILD:-build}.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect as dial } from "node:net";
import { loadavg } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { run, start, stop } from "./runner/process.js";

const { io } = createRequire(new URL("../tests/package.json", import.meta.url))("socket.io-client");
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const built = (...names) => path.join(process.env.SIO_BUILD ?? "build", ...names);

const testnode = built("tests", "sio-testnode");
const peers = {
  ours: [testnode],
  "ours, with limits": [testnode, "--packets", "100", "--bytes", "200000", "--max-per-address", "2000"],
  node: [process.execPath, here("../tests/interop/lib/reference-node.js")],
};

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({
  options: { seconds: number(8), good: number(1000), hostile: number(200), megabytes: number(300), rate: number(500), warmup: number(6), peer: { type: "string", multiple: true, default: Object.keys(peers) } },
});
const unknown = values.peer.find((name) => !peers[name]);
if (unknown) {
  console.error(`hostile.js: no peer ${unknown}; there are: ${Object.keys(peers).join("; ")}`);
  process.exit(2);
}

const MESSAGE = 900_000; // bytes, below what both take by default
const messages = Math.ceil((Number(values.megabytes) * 1e6) / MESSAGE);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const resident = ({ pid }) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024);

async function serve(name) {
  const [command, ...args] = peers[name];
  const server = await start(command, [...args, "--port", "0"], /^listening/);
  server.port = Number(server.line.split(" ")[1]);
  return server;
}

// ---- one that does not read ----

// A WebSocket of which nothing is read once it has its id.
async function openDeaf({ port }) {
  const socket = dial(port, "127.0.0.1");
  socket.on("error", () => {});
  let text = "";
  const id = new Promise((resolve) => socket.on("data", (bytes) => {
    if (text === "") socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30])); // engine.io loses what comes with the handshake
    text += bytes.toString("latin1");
    const match = /40\{"sid":"([\w-]+)"/.exec(text);
    if (match) socket.pause(), resolve(match[1]);
  }));
  socket.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  return { socket, id: await id };
}

async function overflow(name) {
  const server = await serve(name);
  const control = io(`http://127.0.0.1:${server.port}`, { transports: ["websocket"] });
  await once(control, "connect");
  const { socket, id } = await openDeaf(server);
  const before = resident(server);
  const course = [];
  let most = before;
  for (let sent = 1; sent <= messages; sent++) {
    await control.emitWithAck("ctl", { op: "emit", event: "bulk", args: ["x".repeat(MESSAGE)], rooms: [id] });
    most = Math.max(most, resident(server));
    if (sent % Math.ceil(messages / 6) === 0) course.push(`${Math.round((sent * MESSAGE) / 1e6)} MB: ${resident(server)}`);
  }
  await pause(1000);
  const { disconnects } = await control.emitWithAck("ctl", { op: "disconnects" });
  const reason = disconnects.find(([other]) => other === id)?.[1];
  console.log(`${name}: ${before} MiB resident before, ${most} at most, ${resident(server)} a second after; ${course.join(", ")} MiB; the client ${reason ? `was closed: ${reason}` : "is still there"}`);
  socket.destroy();
  control.disconnect();
  await stop(server);
}

// ---- good ones beside hostile ones ----

// The clients have `warmup` seconds until it counts.
async function ask(server, warmup) {
  const args = ["--url", `ws://127.0.0.1:${server.port}`, "--clients", values.good, "--traffic", "ack", "--rate", values.rate, "--seconds", values.seconds, "--warmup", String(warmup), "--json"];
  return JSON.parse(await run(built("bench", "sio-bench"), args));
}

async function attack({ port }) {
  const child = spawn("nice", ["-n", "19", process.execPath, here("runner/attack.js"), String(port), values.hostile], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  const [ready] = await once(lines, "line");
  if (ready !== "attacking") throw new Error(ready);
  return async () => {
    const said = once(lines, "line");
    child.stdin.end();
    return JSON.parse((await said)[0]);
  };
}

const tell = ({ p50_us, p99_us, p999_us }) => [p50_us, p99_us, p999_us].map((us) => `${(us / 1000).toFixed(2)}`).join(" / ");

async function besides(name) {
  const server = await serve(name);
  const before = resident(server);
  const alone = await ask(server, 1);
  const asked = ask(server, Number(values.warmup)).catch((error) => ({ failed: error.message })); // all of them are there when the attack begins
  await pause((Number(values.warmup) - 2) * 1000);
  const end = await attack(server);
  const beset = await asked;
  const most = resident(server);
  const done = Object.entries(await end()).map(([what, count]) => `${what} ${count}`).join(", ");
  console.log(`${name}: alone ${tell(alone)} ms (50, 99, 99.9 %), ${before} MiB before; ` + (beset.failed ? `beset: failed: ${beset.failed}`
    : `beset ${tell(beset)} ms: p99 is ${(beset.p99_us / alone.p99_us).toFixed(2)} times that alone`) + `, ${most} MiB, CPU ${beset.own_cpu_share} of the good ones; the hostile ones did: ${done}`);
  await stop(server);
}

console.log(`load before: ${loadavg().map((load) => load.toFixed(1)).join(" ")}`);
console.log(`\n${values.megabytes} MB emitted to one client that does not read`);
for (const name of values.peer.filter((peer) => !peer.endsWith("limits"))) await overflow(name); // what is emitted comes by a client: limits would end it
console.log(`\n${values.good} clients ask ${values.rate} times a second, ${values.hostile} hostile ones beside them`);
for (const name of values.peer) await besides(name);
process.exit(0);
