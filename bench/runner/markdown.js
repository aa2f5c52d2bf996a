// The tables of a run.
import { peers } from "./peers.js";

const order = ["floor", "ours", "ours-threads", "ours-rooms", "bun", "node"];
const orders = { tls: ["ours", "ours-tls", "ours-nginx", "node", "node-tls"] };
const orderOf = ({ table }) => orders[table] ?? order;
const shown = {
  cpu_us_per_delivery: "us CPU of the server per delivery",
  cpu_us_per_message: "us CPU of the server per message",
  cpu_us_per_noise: "us CPU of the server per message for a room elsewhere",
  cpu_us_per_emit: "us CPU per emit",
  emits_per_second: "emits a second",
  deliveries_per_second: "deliveries a second",
  messages_per_second: "messages a second",
  deflated_share: "share that came deflated",
  p50_us: "us late, half of all",
  p99_us: "us late, 99 %",
  p999_us: "us late, 99.9 %",
  behind_ms: "ms that messages waited to be sent, at the end",
  cpu_us_per_join: "us CPU of the server per join",
  joins_per_second: "joins a second",
  join_p99_us: "us to join, 99 %",
  join_max_us: "us to join, the slowest",
  rss_bytes_per_client: "bytes resident per client",
  rss_bytes: "bytes resident",
  ms: "ms from start to end",
  cpu_ms: "ms CPU",
  peak_kib: "KiB at most",
  cpu_share: "CPUs that the server used",
  own_cpu_share: "CPUs that the generator used",
};
const joining = ["cpu_us_per_join", "joins_per_second", "join_p99_us", "join_max_us", "rss_bytes_per_client"];

export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return "-";
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

const table = (head, rows) => [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows.map((row) => `| ${row.join(" | ")} |`), ""];
const ratio = (a, b) => (a > 0 && b > 0 ? `${figure(a / b)} x` : "-");
const valueOf = (result, peer, key = result.figure) => result.peers[peer]?.medians?.[key];

function goalRows(goals) {
  const word = (reached) => (reached === undefined ? "not compared" : reached ? "yes" : "**no**");
  return goals.map(({ line, value, node, other, goal, limit, reached }) =>
    [line, figure(node), figure(value), `${goal}${other === undefined ? "" : ` (${figure(limit)})`}`, word(reached)]);
}

function overviewRows(results) {
  return results.map((result) => [
    `\`${result.name}\` ${result.title}${result.loop === "open" ? `, ${figure(result.rate)} a second` : ""}`,
    shown[result.figure],
    ...order.map((peer) => figure(valueOf(result, peer))),
    ratio(valueOf(result, "ours"), valueOf(result, "floor")),
    ratio(valueOf(result, "node"), valueOf(result, "ours")),
  ]);
}

function tlsRows(results) {
  return results.flatMap((result) =>
    [result.figure, ...(result.untimed ? ["cpu_us_per_join"] : [])].map((key) => [
      `\`${result.name}\` ${result.title}`, shown[key], ...orders.tls.map((peer) => figure(valueOf(result, peer, key))),
      ...["ours-nginx", "node-tls"].map((peer) => ratio(valueOf(result, peer, key), valueOf(result, "ours-tls", key))),
    ]));
}

function tlsTable(results) {
  if (results.length === 0) return [];
  const head = ["scenario", "figure", ...orders.tls.map((peer) => peers[peer].title), "nginx is, of ours by TLS", "Node.js by TLS is"];
  return ["## TLS", "", "CPU and memory are those of the server and of nginx before it.", "", ...table(head, tlsRows(results))];
}

function detail(result) {
  const names = orderOf(result).filter((peer) => result.peers[peer]);
  const relevant = ([key]) => (key in shown) && (result.untimed || !joining.includes(key));
  const keys = Object.entries(shown).filter(relevant).map(([key]) => key).filter((key) => names.some((peer) => valueOf(result, peer, key) !== undefined));
  const rows = keys.map((key) => [shown[key], ...names.map((peer) => figure(valueOf(result, peer, key)))]);
  const failures = names.flatMap((peer) => result.peers[peer].failures.map((text) => `${peers[peer].title} failed: ${text}\n`));
  const loop = `${result.loop === "open" ? `, at ${figure(result.rate)} messages a second` : ""} (${roundsText([result])})`;
  return [`### ${result.title}${loop}`, "", ...(keys.length ? table(["", ...names.map((peer) => peers[peer].title)], rows) : []), ...failures];
}

function roundsText(results) {
  const counts = [...new Set(results.map(({ rounds }) => rounds))].sort((a, b) => a - b);
  return counts.length > 1 ? `${counts.slice(0, -1).join(", ")} or ${counts.at(-1)} rounds, as said below` : counts[0] > 1 ? `${counts[0]} rounds` : "one round";
}

export function markdown({ date, took_minutes, machine, versions, options, goals, results, plots, missing }) {
  const used = Object.entries(versions).filter(([, text]) => text).map(([name, text]) => `${name} ${text}`).join(", ");
  return [
    `# Benchmark of ${date.slice(0, 10)}`, "",
    `${machine.cpu}, ${machine.cpus} cores, ${machine.memory_gib} GiB, ${machine.kernel}; load before: ${machine.load.join(", ")}.`,
    `${used}.`,
    `Medians of ${roundsText(results)}; ${options.seconds} s each after ${options.warmup} s; peers in turns; everything on loopback. It took ${figure(took_minutes)} minutes.`,
    ...missing.map((text) => `Not measured: ${text}.`), "",
    ...(goals.length ? ["## Goals", "", ...table(["", "Node.js", "ours", "goal", "reached"], goalRows(goals))] : []),
    "## All scenarios", "",
    ...table(["scenario", "figure", ...order.map((peer) => peers[peer].title), "ours is, of the floor", "Node.js is, of ours"], overviewRows(results.filter(({ table }) => !table))),
    ...tlsTable(results.filter(({ table }) => table === "tls")),
    ...plots.map((file) => `![](${file})\n`),
    "## In detail", "",
    ...results.flatMap(detail),
  ].join("\n");
}
