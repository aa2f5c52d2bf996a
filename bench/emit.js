// Emits a second, and what one of them costs: our emitter beside the official one, through one Redis, in turns.
//   node bench/emit.js [--emits 500000] [--bytes 64] [--rounds 5] [--in-flight 1000]
// Then one emit from the start of a process to its end: sio-emit beside a one-line script. Programs of ${SIO_BUILD:-build}.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({ options: { emits: number(500_000), bytes: number(64), rounds: number(5), "in-flight": number(1000), official: { type: "string" } } });
const tests = new URL("../tests/package.json", import.meta.url);

// The other half of this file: the official emitter, in a process of its own.
async function official(url) {
  const require = createRequire(tests);
  const { Emitter } = require("@socket.io/redis-emitter");
  const client = require("redis").createClient({ socket: { path: url.replace(/^unix:/, "") } });
  await client.connect();
  const text = "x".repeat(Number(values.bytes));
  const publishing = new Set();
  // what the emitter gives away are the promises of its publishes: kept here, so that not all wait at once
  const emitter = new Emitter({ publish: (channel, message) => publishing.add(client.publish(channel, message)) });
  const begin = process.hrtime.bigint();
  const before = process.cpuUsage();
  for (let done = 0; done < Number(values.emits); ) {
    for (let i = 0; i < Number(values["in-flight"]) && done < Number(values.emits); i++, done++) emitter.to("news").emit("headline", text);
    await Promise.all(publishing);
    publishing.clear();
  }
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - begin) / 1e9, cpu: (used.user + used.system) / 1e6 }));
  await client.quit();
}

const build = process.env.SIO_BUILD ?? "build";
const self = fileURLToPath(import.meta.url);
const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
const column = (text) => String(text).padStart(14);

function run(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (error || status > 1) throw new Error(`${command}: ${error ?? stderr}`);
  return stdout;
}

const emits = (url) => ({
  ours: () => JSON.parse(run(path.join(build, "bench", "emit-bench"), [url, "classic", values.emits, values.bytes])),
  official: () => JSON.parse(run(process.execPath, [self, "--official", url, "--emits", values.emits, "--bytes", values.bytes, "--in-flight", values["in-flight"]])),
});

const script = "import('redis').then(async ({createClient}) => { const {Emitter} = (await import('@socket.io/redis-emitter')).default; " +
  "const c = createClient({socket: {path: process.env.SIO_REDIS.slice(5)}}); await c.connect(); new Emitter(c).emit('e', 'x'); await c.quit(); })";

const lives = (url) => {
  const options = { env: { ...process.env, SIO_REDIS: url }, cwd: path.dirname(fileURLToPath(tests)) };
  const live = (count, ...command) => run(path.resolve(build, "bench", "process-bench"), [count, ...command], options).trim().split("\n").map(JSON.parse);
  return {
    ours: () => live(20, path.resolve(build, "sio-emit"), "e", "x"),
    official: () => live(4, process.execPath, "-e", script),
  };
};

async function startRedis() {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-bench-"));
  const address = path.join(folder, "redis");
  const child = spawn("redis-server", ["--port", "0", "--unixsocket", address, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) if (/ready to accept/i.test(line)) break;
  child.stdout.resume();
  return { child, address, end: () => (child.kill(), rmSync(folder, { recursive: true, force: true })) };
}

async function inTurns(peers) {
  const rows = Object.fromEntries(Object.keys(peers).map((peer) => [peer, []]));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const peer of Object.keys(peers)) rows[peer].push(...[peers[peer]()].flat());
  return Object.entries(rows).map(([peer, results]) => ({ peer, of: (field) => median(results.map((result) => result[field])) }));
}

async function main() {
  const redis = await startRedis();
  const url = `unix:${redis.address}`;
  try {
    console.log(`${cpus()[0].model}, ${cpus().length} cores, medians of ${values.rounds} rounds`);
    console.log(`\n${`${values.emits} emits, ${values.bytes} bytes`.padEnd(28)}${column("a second")}${column("us of CPU")}`);
    for (const { peer, of } of await inTurns(emits(url)))
      console.log(`${peer.padEnd(28)}${column(Math.round(values.emits / of("seconds")))}${column(((of("cpu") / values.emits) * 1e6).toFixed(2))}`);
    console.log(`\n${"one emit, one process".padEnd(28)}${column("ms")}${column("ms of CPU")}${column("peak MiB")}`);
    for (const { peer, of } of await inTurns(lives(url)))
      console.log(`${peer.padEnd(28)}${column((of("seconds") * 1e3).toFixed(1))}${column((of("cpu") * 1e3).toFixed(1))}${column((of("kib") / 1024).toFixed(1))}`);
  } finally {
    redis.end();
  }
}

await (values.official ? official(values.official) : main());
