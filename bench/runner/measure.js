// Measures a scenario: each peer once a round, in turns, in fresh processes; medians at the end.
import path from "node:path";
import { makeCertificates } from "../../tests/interop/lib/certificates.js";
import { startNginx } from "./nginx.js";
import { built, peers } from "./peers.js";
import { folder, run, start, stop } from "./process.js";

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

const medians = (runs) =>
  Object.fromEntries(Object.keys(runs[0]).map((key) => [key, median(runs.map((figures) => figures[key]))]));

let made;
const certificates = () => (made ??= makeCertificates(folder));

// A node, and what clients reach it by: { url, pids, lives }.
async function startNode(scenario, { command: [command, ...args], tls, nginx }, redis) {
  const own = tls ? ["--tls", `${certificates().cert},${certificates().key}`] : [];
  const node = await start(command, [...args, "--redis", redis.url, ...own, ...(scenario.flags ?? [])], /^listening \d+/);
  const port = node.line.split(" ")[1];
  if (!nginx) return { url: `${tls ? "wss" : "ws"}://127.0.0.1:${port}`, pids: [node.pid], lives: [node] };
  try {
    const proxy = await startNginx(port, certificates());
    return { url: `wss://127.0.0.1:${proxy.port}`, pids: [node.pid, ...proxy.pids], lives: [proxy, node] };
  } catch (error) {
    await stop(node);
    throw error;
  }
}

async function load(scenario, peer, { redis, seconds, warmup, rate }) {
  const nodes = [];
  try {
    for (let i = 0; i < (scenario.nodes ?? 1); i++)
      nodes.push(await startNode(scenario, peers[peer], redis));
    const targets = nodes.flatMap(({ url, pids }) => ["--url", url, ...pids.flatMap((pid) => ["--pid", pid])]);
    // at a fixed rate, what the server has not taken waits outside, and its latency runs
    const loop = rate ? [...withoutInFlight(scenario.args), "--rate", rate] : scenario.args;
    const timed = scenario.untimed ? [] : ["--seconds", seconds, "--warmup", warmup];
    const out = await run(built("bench/sio-bench"), [...targets, "--redis", redis.url, ...loop, ...timed, "--json"].map(String));
    return JSON.parse(out);
  } finally {
    await Promise.all(nodes.flatMap(({ lives }) => lives).map(stop));
  }
}

function withoutInFlight(args) {
  const at = args.indexOf("--in-flight");
  return at < 0 ? args : args.toSpliced ? args.toSpliced(at, 2) : [...args.slice(0, at), ...args.slice(at + 2)];
}

async function emit(scenario, peer, { redis, quick }) {
  const emits = quick ? 100_000 : 500_000;
  const out = peer === "ours"
    ? await run(built("bench/emit-bench"), [redis.unix, "classic", emits, 64].map(String))
    : await run(process.execPath, ["bench/emit.js", "--official", redis.unix, "--emits", String(emits), "--bytes", "64"]);
  const { seconds, cpu } = JSON.parse(out);
  return { emits, emits_per_second: emits / seconds, cpu_us_per_emit: (cpu / emits) * 1e6 };
}

// The shortest script that the official emitter allows.
const script = "const { createClient } = require('redis'); const { Emitter } = require('@socket.io/redis-emitter'); (async () => { " +
  "const client = createClient({ socket: { path: process.env.SIO_REDIS.slice(5) } }); await client.connect(); " +
  "new Emitter(client).emit('e', 'x'); await client.quit(); })()";

async function life(scenario, peer, { redis }) {
  const env = { ...process.env, SIO_REDIS: redis.unix };
  const command = peer === "ours" ? [20, built("sio-emit"), "e", "x"] : [4, process.execPath, "-e", script];
  const out = await run(built("bench/process-bench"), command.map(String), { env, cwd: path.resolve("tests") });
  const lives = out.trim().split("\n").map((line) => JSON.parse(line));
  const of = (field) => median(lives.map((one) => one[field]));
  return { ms: of("seconds") * 1e3, cpu_ms: of("cpu") * 1e3, peak_kib: of("kib") };
}

const kinds = { load, emit, life };

// { peer: { medians, runs, failures } }
export async function measure(scenario, names, options, say) {
  const results = Object.fromEntries(names.map((peer) => [peer, { runs: [], failures: [] }]));
  for (let round = 1; round <= options.rounds && (round === 1 || Date.now() < options.again); round++)
    for (const peer of names) {
      say(`${scenario.title}${options.rate ? `, ${options.rate} a second` : ""}: ${peers[peer].title}, round ${round} of ${options.rounds}`);
      try {
        results[peer].runs.push(await kinds[scenario.kind ?? "load"](scenario, peer, options));
      } catch (error) {
        say(`failed: ${error.message}`);
        results[peer].failures.push(error.message);
      }
    }
  for (const result of Object.values(results)) if (result.runs.length > 0) result.medians = medians(result.runs);
  return results;
}
