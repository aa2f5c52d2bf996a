// Runs a soak and says what came of it; scripts/soak tells more.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { makePlan, sayPlan } from "./plan.js";

// The flags of the nodes in turns; official ones know of the adapter only.
const adapters = {
  classic: [[], ["--subscribe", "rooms"], ["--subscribe", "auto"]],
  pattern: [[]],
  rooms: [["--subscribe", "rooms"]],
  sharded: [["--adapter", "sharded"]],
};
const number = (fallback) => ({ type: "string", default: String(fallback) });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: number(1 + Math.floor(Math.random() * 1e6)), nodes: number(3), clients: number(32), hostile: number(6), every: number(150),
    official: { type: "boolean" }, adapter: { type: "string", default: "classic" }, plan: { type: "boolean" },
    fault: { type: "string" }, logs: { type: "string" },
  },
});

function usage(text) {
  console.error(`soak: ${text}; scripts/soak --help`);
  process.exit(2);
}

const minutes = Number(positionals[0]);
if (!(minutes > 0) || positionals.length > 1) usage("it takes a number of minutes");
for (const name of ["seed", "nodes", "clients", "hostile", "every"]) {
  values[name] = Number(values[name]);
  if (!Number.isInteger(values[name]) || values[name] < 0) usage(`--${name} takes a whole number`);
}
if (values.nodes < 2) usage("--nodes takes 2 or more");
if (!adapters[values.adapter]) usage(`--adapter takes ${Object.keys(adapters).join(", ")}`);
if (values.fault && !["drop", "double", "forge"].includes(values.fault)) usage("--fault takes drop, double or forge");

const nodes = values.nodes + (values.official ? 1 : 0);
const plan = values.fault ? [{ length: minutes * 60_000, steps: [] }] : makePlan({ seed: values.seed, minutes, nodes });
console.log(`seed ${values.seed}: ${minutes} minutes, ${values.nodes} nodes${values.official ? " and an official one" : ""}, ${values.clients} good clients, ${values.hostile} hostile ones, ${values.adapter}`);
if (values.plan) {
  console.log(sayPlan(plan));
  process.exit(0);
}

// What is freed goes back at once, so that resident memory says what is used.
process.env.ASAN_OPTIONS = `quarantine_size_mb=1:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=100:malloc_context_size=8:detect_leaks=1:${process.env.ASAN_OPTIONS ?? ""}`;
process.env.SIO_LOG ??= "*:info";
const { Soak } = await import("./soak.js");

const soak = new Soak({ ...values, adapter: adapters[values.adapter], plan, say: console.log });
let wrong;
try {
  wrong = await soak.run();
} catch (error) {
  soak.cluster.kill();
  wrong = [...soak.ledger.violations, ...soak.cluster.wrongs, ...soak.wrongs, error.stack];
}

const { ledger, cluster, counts } = soak;
const rounded = (object) => Object.entries(object).map(([name, count]) => `${name} ${count}`).join(", ");
console.log(`deliveries: ${rounded(ledger.counts)}; slowest ${Math.round(ledger.slowest)} ms`);
console.log(`clients: ${counts.connections} connections, ${counts.failed} failed, ${counts.acks} acknowledgements, ${counts.stalls} stalls; ends: ${rounded(counts.ends)}`);
console.log(`hostile: ${rounded(counts.acts)}`);
console.log(`faults: ${rounded(cluster.done)}; outages reported: ${cluster.outages}; warnings logged: ${cluster.warnings}`);
for (const text of wrong.slice(0, 20)) console.log(`WRONG: ${text}`);
if (wrong.length > 0) values.logs ??= mkdtempSync(path.join(tmpdir(), "sio-soak-"));
if (values.logs) {
  mkdirSync(values.logs, { recursive: true });
  for (const { name, lines } of cluster.past) writeFileSync(path.join(values.logs, `${name}.log`), `${lines.join("\n")}\n`);
  writeFileSync(path.join(values.logs, "wrong"), wrong.map((text) => `${text}\n`).join(""));
}
if (wrong.length > 0) console.log(`soak: FAILED, ${wrong.length} wrong; all of it and what the nodes logged is in ${values.logs}; again: --seed ${values.seed}`);
else console.log("soak: good: every delivery is accounted for, nothing is leaked, no sanitizer has found anything");
process.exit(wrong.length > 0 ? 1 : 0);
