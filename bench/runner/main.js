// bench/run's other half: what is asked for, measured and written down.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { judge } from "./goals.js";
import { figure, markdown } from "./markdown.js";
import { measure } from "./measure.js";
import { peers, versions } from "./peers.js";
import { plot } from "./plots.js";
import { startRedis } from "./process.js";
import { scenarios } from "./scenarios.js";

const say = (text) => console.error(`bench: ${text}`);
function refuse(text) {
  say(text);
  process.exit(2);
}

function readOptions() {
  const text = { type: "string" };
  const list = { type: "string", multiple: true };
  const options = { quick: { type: "boolean" }, list: { type: "boolean" }, scenario: list, peer: list, loop: text, rounds: text, seconds: text, results: text };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    refuse(`${error.message}; bench/run --help`);
  }
  for (const name of values.scenario ?? []) if (!scenarios.some((scenario) => scenario.name === name)) refuse(`there is no scenario ${name}: bench/run --list`);
  for (const name of values.peer ?? []) if (!peers[name]) refuse(`there is no peer ${name}; there are ${Object.keys(peers).join(", ")}`);
  if (values.loop && !["closed", "open", "both"].includes(values.loop)) refuse("--loop takes closed, open or both");
  for (const name of ["rounds", "seconds"]) if (values[name] && !(Number.isInteger(Number(values[name])) && Number(values[name]) > 0)) refuse(`--${name} takes a number above 0`);
  return values;
}

const values = readOptions();
if (values.list) {
  for (const { name, title } of scenarios) console.log(`${name.padEnd(14)}${title}`);
  process.exit(0);
}

const quick = values.quick ?? false;
const began = Date.now();
// on a slow or a busy machine, what is still to come is measured once
const again = values.rounds ? Infinity : began + (quick ? 1.5 : 17) * 60_000;
const options = { quick, again, seconds: Number(values.seconds ?? (quick ? 1 : 2)), warmup: 1 };
// What is promised is measured most often: a full run is to end within 22 minutes, a quick one within 2.
const promised = quick ? 1 : 3, told = quick ? 1 : 2;
const roundsOf = (scenario, open) => Number(values.rounds ?? (open && !scenario.quickOpen ? 1 : scenario.quick ? promised : told));
const machine = { cpu: cpus()[0].model, cpus: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: `${type()} ${release()}`, load: loadavg().map((load) => load.toFixed(1)) };
const wanted = Object.keys(peers).filter((name) => values.peer?.includes(name) ?? true);
const missing = wanted.filter((name) => peers[name].missing).map((name) => `${peers[name].title} (${peers[name].missing})`);
missing.forEach((text) => say(`not measured: ${text}`));
const present = wanted.filter((name) => !peers[name].missing);
const chosen = scenarios.filter(({ name, quick: brief }) => values.scenario?.includes(name) ?? (!quick || brief));
const loop = values.loop ?? (quick ? "quick" : "both");

const done = (measured) => Math.max(...Object.values(measured).map(({ runs, failures }) => runs.length + failures.length));

// Half of what Node.js reached in the closed loop; without it, of what the slowest did.
function rateOf({ node, ...others }) {
  const best = node?.medians?.rate_reached ?? Math.min(...Object.values(others).map(({ medians }) => medians?.rate_reached ?? Infinity));
  return Number.isFinite(best) ? Math.max(1, Math.round(best / 2)) : undefined;
}

const redis = await startRedis();
const results = [];
for (const scenario of chosen) {
  const names = present.filter((name) => scenario.peers.includes(name));
  if (names.length === 0) continue;
  const base = { name: scenario.name, title: scenario.title, figure: scenario.figure, untimed: scenario.untimed, table: scenario.table, args: scenario.args };
  const closed = await measure(scenario, names, { ...options, rounds: roundsOf(scenario, false), redis }, say);
  const open = !scenario.untimed && !scenario.closedOnly && (loop === "both" || loop === "open" || (loop === "quick" && scenario.quickOpen));
  if (loop !== "open" || !open) results.push({ ...base, loop: "closed", rounds: done(closed), peers: closed });
  const rate = open ? rateOf(closed) : undefined;
  if (!rate) continue;
  const late = await measure(scenario, names, { ...options, rounds: roundsOf(scenario, true), redis, rate }, say);
  results.push({ ...base, loop: "open", rounds: done(late), rate, figure: "p99_us", peers: late });
}

const folder = values.results ?? "bench/results";
const date = new Date().toISOString();
const stem = path.join(folder, date.slice(0, 19).replace(/[-:]/g, "").replace("T", "-"));
mkdirSync(folder, { recursive: true });
const report = { date, took_minutes: (Date.now() - began) / 60_000, machine, versions: versions(), options, missing, goals: judge(results), results };
const plots = plot(stem, results).map((file) => path.basename(file));
writeFileSync(`${stem}.json`, `${JSON.stringify(report, null, 1)}\n`);
writeFileSync(`${stem}.md`, `${markdown({ ...report, plots })}\n`);

for (const { line, value, goal, limit, reached } of report.goals)
  console.log(`${line.padEnd(64)}${figure(value).padStart(12)}   ${goal} (${figure(limit)})   ${reached === undefined ? "not compared" : reached ? "reached" : "NOT REACHED"}`);
console.log(`\n${stem}.md, ${stem}.json${plots.length ? `, ${plots.join(", ")}` : "; plots need gnuplot"}`);
process.exit(results.some(({ peers: measured }) => Object.values(measured).some(({ failures }) => failures.length > 0)) ? 1 : 0);
