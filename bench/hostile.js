// What hostile clients cost everybody else: our server beside Node.js, each with its defaults, ours also with limits.
//   node bench/hostile.js [--seconds 5] [--rounds 3] [--good 1000] [--hostile 200] [--megabytes 300] [--warmup 4] [--fifo] [--peer NAME]…
// About five minutes. First so many megabytes are emitted to one client that does not read, and the server's memory is followed.
// Then good clients ask at a fixed rate, in rounds of three: alone; elsewhere, while hostile ones (runner/attack.js) do their worst to
// another server; and beset, while they do it to this one. Latency counts from when a question was due; the medians of the rounds are told.
//
// The hostile clients need a machine too, and what it costs to be beside them is no fault of the server. Two designs keep that apart:
// 1. The same work elsewhere: "normal" is measured while the same hostile clients beset a second server of the same kind. It is the
//    control for all that is shared: the kernel, caches, the processor of the generator. But where both servers share a processor it
//    takes for normal what is none, and flatters the one that is measured; with a processor for each it takes four.
// 2. The server alone on a processor: nobody else may use it (taskset), and generator, hostile clients and the second server share
//    another one, where the hostile are only run when the generator sleeps (SCHED_IDLE). "Normal" is alone, on a machine that rests: all
//    that makes "beset" slower is charged to the server, and nothing flatters it.
// The second one is judged by: p99 beset to p99 alone, the stricter ratio. The control is told beside it, on the same processors, so that
// what is left of the machine in it can be seen. Without a second processor, or taskset and chrt, nothing is bound, and it says so.
// --fifo (root) gives server and generator priority over whatever else the machine does (SCHED_FIFO), hostile clients a high one.
// The programs are those of ${SIO_BUILD:-build}; what they log is thrown away, as nobody reads it in time.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect as dial } from "node:net";
import { availableParallelism, loadavg } from "node:os";
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
  options: { seconds: number(5), rounds: number(3), good: number(1000), hostile: number(200), megabytes: number(300), rate: number(500), warmup: number(4), fifo: { type: "boolean" }, peer: { type: "string", multiple: true, default: Object.keys(peers) } },
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

// ---- who runs where ----

const has = (command) => spawnSync(command, ["--version"]).status === 0;
const bound = availableParallelism() > 1 && has("taskset") && has("chrt");
const OWN = "0", SHARED = "1"; // processors: of the server that is measured, and of all others

function place(who, command) {
  const priority = { server: ["chrt", "--fifo", "10"], generator: ["chrt", "--fifo", "20"], hostile: ["setsid", "--wait", "sh", "-c", 'echo -20 >/proc/self/autogroup 2>/dev/null; exec nice -n -20 "$0" "$@"'] };
  if (!bound) return who === "hostile" ? ["nice", "-n", "19", ...command] : command;
  const how = values.fifo ? priority[who] : who === "hostile" ? ["chrt", "--idle", "0"] : [];
  return ["taskset", "--cpu-list", who === "server" ? OWN : SHARED, ...how, ...command];
}

async function serve(name, who = "server") {
  const [command, ...args] = place(who, [...peers[name], "--port", "0"]);
  const server = await start(command, args, /^listening/, { unheard: true });
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
async function ask({ port, pid }, warmup) {
  const url = `ws://127.0.0.1:${port}`;
  const args = ["--url", url, "--pid", pid, "--clients", values.good, "--traffic", "ack", "--rate", values.rate, "--seconds", values.seconds, "--warmup", warmup, "--json"];
  const [command, ...rest] = place("generator", [built("bench", "sio-bench"), ...args.map(String)]);
  return JSON.parse(await run(command, rest));
}

async function attack({ port }) {
  const [command, ...args] = place("hostile", [process.execPath, here("runner/attack.js"), String(port), values.hostile]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  const [ready] = await once(lines, "line");
  if (ready !== "attacking") throw new Error(ready);
  return async () => {
    const said = once(lines, "line");
    child.stdin.end();
    return JSON.parse((await said)[0]);
  };
}

// What the good clients of `server` get, all of them being there, while `victim` is attacked.
async function askWhile(server, victim) {
  const asked = ask(server, values.warmup).catch((error) => ({ failed: error.message }));
  await pause((Number(values.warmup) - 2) * 1000);
  const end = await attack(victim);
  const result = await asked;
  return { ...result, resident: resident(server), did: await end() };
}

async function round(name) {
  const server = await serve(name), other = await serve(name, "hostile");
  const before = resident(server);
  const alone = await ask(server, 1);
  const elsewhere = await askWhile(server, other);
  await stop(other);
  const beset = await askWhile(server, server);
  await stop(server);
  return { before, alone, elsewhere, beset };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const tell = (results) => ["p50_us", "p99_us", "p999_us"].map((name) => (median(results.map((result) => result[name])) / 1000).toFixed(2)).join(" / ");
const p99 = (results) => median(results.map((result) => result.p99_us));
const total = (results, key) => results.reduce((sum, { did }) => sum + (did[key] ?? 0), 0);

async function besides(name) {
  const rounds = [];
  while (rounds.length < Number(values.rounds)) rounds.push(await round(name));
  const [alone, elsewhere, beset] = ["alone", "elsewhere", "beset"].map((phase) => rounds.map((one) => one[phase]));
  const failed = [...elsewhere, ...beset].find((result) => result.failed);
  const did = Object.keys(beset[0].did).map((what) => `${what} ${total(beset, what)}`).join(", ");
  const times = (than) => (p99(beset) / p99(than)).toFixed(2);
  console.log(failed ? `${name}: failed: ${failed.failed}` : `${name}: alone ${tell(alone)} ms (50, 99, 99.9 %), elsewhere ${tell(elsewhere)} ms, beset ${tell(beset)} ms: ` +
    `p99 is ${times(alone)} times that alone, ${times(elsewhere)} times that elsewhere; p99 of each round ${beset.map(({ p99_us }) => (p99_us / 1000).toFixed(2)).join(", ")} ms; ` +
    `CPU of the server ${median(alone.map((one) => one.cpu_share))} alone, ${median(beset.map((one) => one.cpu_share))} beset; ` +
    `${rounds[0].before} MiB before, ${Math.max(...beset.map((one) => one.resident))} beset; the hostile ones did: ${did}; elsewhere ${total(elsewhere, "floods")} floods`);
}

console.log(`load before: ${loadavg().map((load) => load.toFixed(1)).join(" ")}`);
console.log(`\n${values.megabytes} MB emitted to one client that does not read`);
for (const name of values.peer.filter((peer) => !peer.endsWith("limits"))) await overflow(name); // what is emitted comes by a client: limits would end it
console.log(bound ? `\nprocessor ${OWN} is the server's, ${SHARED} all others'${values.fifo ? ", with SCHED_FIFO" : ""}` : "\nnothing is bound to a processor");
console.log(`${values.good} clients ask ${values.rate} times a second, ${values.hostile} hostile ones beside them`);
for (const name of values.peer) await besides(name);
process.exit(0);
