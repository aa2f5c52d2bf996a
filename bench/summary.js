// Reads the runs (JSON lines {scenario, peer, …figures}) on stdin; prints medians and ratios, and writes them to a file.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";

const [file] = process.argv.slice(2);
const runs = readFileSync(0, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));

// figure, its heading, decimals, whether more is better (undefined: neither)
const shown = [
  ["deliveries_per_second", "deliveries a second", 0, true],
  ["cpu_us_per_delivery", "us CPU per delivery", 3, false],
  ["p50_us", "us late, half of all", 0, false],
  ["p99_us", "us late, 99 %", 0, false],
  ["max_us", "us late, the latest", 0, false],
  ["joins_per_second", "joins a second", 0, true],
  ["cpu_us_per_join", "us CPU per join", 1, false],
  ["rss_bytes_per_client", "bytes resident per client", 0, false],
  ["rss_bytes", "bytes resident", 0, false],
  ["cpu_share", "CPUs the server used", 2],
  ["own_cpu_share", "CPUs the generator used", 2],
];

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
const medians = (list) =>
  Object.fromEntries(Object.keys(list[0]).filter((key) => typeof list[0][key] === "number").map((key) => [key, median(list.map((run) => run[key]))]));
const number = (value, decimals) => (value === undefined ? "-" : value.toFixed(decimals));
const row = (name, ours, node, ratio) => console.log(`${name.padEnd(28)}${ours.padStart(14)}${node.padStart(14)}${ratio.padStart(16)}`);

const results = [];
for (const scenario of new Set(runs.map((run) => run.scenario))) {
  const of = (peer) => runs.filter((run) => run.scenario === scenario && run.peer === peer);
  const [ours, node] = [of("ours"), of("node")].map((list) => (list.length ? medians(list) : {}));
  console.log(`\n${scenario}: median of ${of("ours").length || of("node").length}`);
  row("", "ours", "Node.js", "ours is");
  for (const [key, title, decimals, more] of shown) {
    if (ours[key] === undefined && node[key] === undefined) continue;
    const times = more ? ours[key] / node[key] : node[key] / ours[key];
    const ratio = more === undefined || !Number.isFinite(times) || times <= 0 ? "-" : times >= 1 ? `${times.toFixed(1)} x better` : `${(1 / times).toFixed(1)} x worse`;
    row(title, number(ours[key], decimals), number(node[key], decimals), ratio);
  }
  results.push({ scenario, medians: { ours, node } });
}
const [{ model }] = cpus();
writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), cpu: model, cpus: cpus().length, node: process.version, results, runs }, null, 1)}\n`);
console.log(`\nall runs: ${file}`);
