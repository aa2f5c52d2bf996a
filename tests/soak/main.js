// Runs a soak and says what came of it; scripts/soak tells more.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeLegs, sayLeg, sayPlan } from "./plan.js";

const adapters = ["all", "classic", "pattern", "rooms", "sharded", "streams"];
const counts = ["seed", "nodes", "clients", "hostile", "every"];

function usage(text) {
  console.error(`soak: ${text}; scripts/soak --help`);
  process.exit(2);
}

function read() {
  const number = (fallback) => ({ type: "string", default: String(fallback) });
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: number(1 + Math.floor(Math.random() * 1e6)), nodes: number(3), clients: number(32), hostile: number(6), every: number(150),
        official: { type: "boolean" }, adapter: { type: "string", default: "all" }, tls: { type: "boolean" }, plain: { type: "boolean" },
        plan: { type: "boolean" }, check: { type: "boolean" }, fault: { type: "string" }, logs: { type: "string" },
      },
    });
  } catch (error) {
    return usage(error.message.split(". ")[0]);
  }
}

const { values, positionals } = read();
const minutes = Number(positionals[0]);
if (!(minutes > 0) || positionals.length > 1) usage("it takes a number of minutes");
for (const name of counts) {
  if (!/^\d+$/.test(values[name])) usage(`--${name} takes a whole number`);
  values[name] = Number(values[name]);
}
if (values.nodes < 2) usage("--nodes takes 2 or more");
if (!adapters.includes(values.adapter)) usage(`--adapter takes ${adapters.join(", ")}`);
if (values.tls && values.plain) usage("--tls and --plain do not go together");
if (values.fault && !["drop", "double", "forge"].includes(values.fault)) usage("--fault takes drop, double or forge");
if (values.check) process.exit(0);

const tls = values.tls ? true : values.plain ? false : undefined;
const legs = makeLegs({ ...values, minutes, tls, quiet: Boolean(values.fault) });
console.log(`seed ${values.seed}: ${minutes} minutes, ${values.clients} good clients, ${values.hostile} hostile ones`);
if (values.plan) {
  for (const leg of legs) console.log(`${sayLeg(leg)}\n${sayPlan(leg.epochs)}`);
  process.exit(0);
}

// What is freed goes back at once, so that resident memory says what is used.
process.env.ASAN_OPTIONS = `quarantine_size_mb=1:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=100:malloc_context_size=8:detect_leaks=1:${process.env.ASAN_OPTIONS ?? ""}`;
process.env.SIO_LOG ??= "*:info";

const total = { wrong: [], slowest: 0, deliveries: {}, clients: {}, acts: {}, ends: {}, faults: {}, log: {} };
const add = (to, from) => Object.entries(from).forEach(([name, count]) => (to[name] = (to[name] ?? 0) + count));
let child;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (child?.kill("SIGKILL"), process.exit(1)));

async function certified() {
  const { makeCertificates } = await import("../interop/lib/certificates.js");
  const folder = mkdtempSync(path.join(tmpdir(), "sio-soak-tls-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return { SIO_TLS: folder, NODE_EXTRA_CA_CERTS: makeCertificates(folder).ca };
}

async function run(leg, logs) {
  const { SIO_TLS, ...env } = process.env;
  child = fork(fileURLToPath(new URL("leg.js", import.meta.url)), { env: { ...env, ...(leg.tls && (await certified())) } });
  const ended = once(child, "exit");
  const answer = once(child, "message").then(([result]) => result);
  child.send({ ...leg, clients: values.clients, hostile: values.hostile, every: values.every, fault: values.fault, logs });
  const result = await Promise.race([answer, ended.then(([code, signal]) => ({ wrong: [`the process of this leg ended with ${code ?? signal}`] }))]);
  await ended;
  return result;
}

function account(leg, result) {
  const { acts, ends, ...clients } = result.counts ?? {};
  for (const [to, from] of Object.entries({ deliveries: result.deliveries, clients, acts, ends, faults: result.faults, log: result.log })) add(total[to], from ?? {});
  total.slowest = Math.max(total.slowest, result.slowest ?? 0);
  total.wrong.push(...result.wrong.map((text) => `${text} [${leg.adapter}${leg.tls ? ", TLS" : ""}]`));
}

const logs = values.logs ?? mkdtempSync(path.join(tmpdir(), "sio-soak-"));
for (const [index, leg] of legs.entries()) {
  console.log(`leg ${index + 1} of ${legs.length}: ${sayLeg(leg)}`);
  account(leg, await run(leg, { folder: path.join(logs, String(index + 1)), always: Boolean(values.logs) }));
}

const { wrong, slowest, deliveries, clients, acts, ends, faults, log } = total;
const listed = (object) => Object.entries(object).map(([name, count]) => `${name} ${count}`).join(", ");
console.log(`deliveries: ${listed(deliveries)}; slowest ${Math.round(slowest)} ms`);
console.log(`clients: ${listed(clients)}; ends: ${listed(ends)}`);
console.log(`hostile: ${listed(acts)}`);
console.log(`faults: ${listed(faults)}; logged: ${listed(log)}`);
for (const text of wrong.slice(0, 20)) console.log(`WRONG: ${text}`);
if (wrong.length > 0) {
  console.log(`soak: FAILED, ${wrong.length} wrong; all of it and what the nodes logged is in ${logs}; again: --seed ${values.seed}`);
} else {
  if (!values.logs) rmSync(logs, { recursive: true });
  console.log("soak: good: every delivery is accounted for, nothing is leaked, no sanitizer has found anything");
}
process.exit(wrong.length > 0 ? 1 : 0);
