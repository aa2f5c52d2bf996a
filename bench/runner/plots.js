// Bars as SVG, if gnuplot is there.
import { spawnSync } from "node:child_process";
import { peers } from "./peers.js";

const order = ["floor", "ours", "ours-threads", "bun", "node"];

function bars(file, title, results, key) {
  const names = order.filter((peer) => results.some((result) => result.peers[peer]?.medians?.[key] > 0));
  const rows = results.map((result) => `"${result.name}" ${names.map((peer) => result.peers[peer]?.medians?.[key] ?? "NaN").join(" ")}`);
  const script = [
    `set terminal svg size ${Math.max(640, 110 * results.length)},420 font "sans,12" background "white"`,
    `set output "${file}"`, `set title "${title}"`, "set style data histograms", "set style histogram clustered gap 1",
    "set style fill solid 0.85 noborder", "set logscale y", "set grid ytics lc rgb '#dddddd'", "set key outside top", "set xtics rotate by -25",
    "$data << EOD", ...rows, "EOD",
    `plot ${names.map((peer, index) => `$data using ${index + 2}:xtic(1) title "${peers[peer].title}"`).join(", ")}`,
  ].join("\n");
  return rows.length > 0 && names.length > 0 && spawnSync("gnuplot", [], { input: script }).status === 0;
}

// The files that were made, beside `stem`.
export function plot(stem, results) {
  if (spawnSync("gnuplot", ["--version"]).status !== 0) return [];
  const has = (key, loop) => results.filter((result) => !result.table && result.loop === loop && Object.values(result.peers).some(({ medians }) => medians?.[key] > 0));
  return [
    [`${stem}-cpu.svg`, "us of the server's CPU per delivery, closed loop", has("cpu_us_per_delivery", "closed"), "cpu_us_per_delivery"],
    [`${stem}-p99.svg`, "us late, 99 %, at half of Node.js's best rate", has("p99_us", "open"), "p99_us"],
  ].filter((args) => bars(...args)).map(([file]) => file);
}
