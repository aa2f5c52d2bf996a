// bench/run measures peers in turns, and writes down what it found.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { later } from "./lib/later.js";

const program = fileURLToPath(new URL("../../bench/run", import.meta.url));
const run = (...args) =>
  new Promise((resolve) => execFile(program, args, { timeout: 250_000 }, (error, out, err) => resolve({ status: error ? error.code : 0, out, err })));

test("both loops of a scenario, and whether a goal was reached", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-run-"));
  later(t, () => rmSync(folder, { recursive: true }));
  const { status, out, err } = await run("--scenario", "hundred", "--scenario", "sio-emit", "--peer", "ours", "--peer", "floor", "--rounds", "1", "--seconds", "1", "--results", folder);
  assert.equal(status, 0, err);
  const files = readdirSync(folder);
  const read = (ending) => readFileSync(path.join(folder, files.find((name) => name.endsWith(ending))), "utf8");
  const { results, goals, machine, versions } = JSON.parse(read(".json"));
  assert.deepEqual(results.map(({ name, loop }) => [name, loop]), [["hundred", "closed"], ["hundred", "open"], ["sio-emit", "closed"]]);
  const [closed, open] = results;
  for (const peer of ["ours", "floor"]) assert(closed.peers[peer].medians.cpu_us_per_delivery > 0);
  const slowest = Math.min(...Object.values(closed.peers).map(({ medians }) => medians.rate_reached));
  assert(Math.abs(open.rate - slowest / 2) <= 1, `${open.rate} is half of ${slowest}`);
  assert.equal(open.peers.ours.medians.rate, open.rate);
  assert(goals.length >= 2 && goals.every(({ reached, value }) => typeof reached === "boolean" && value > 0));
  assert(machine.cpus > 0 && versions.node === process.version);
  assert(results.every(({ rounds, peers }) => rounds === 1 && Object.values(peers).every(({ runs }) => runs.length === 1)));
  const page = read(".md");
  assert.match(page, /\| `hundred` 100 clients/);
  if (spawnSync("gnuplot", ["--version"]).status === 0)
    for (const plot of ["-cpu.svg", "-p99.svg"]) {
      assert.match(read(plot), /<svg[^]*ours[^]*<\/svg>/);
      assert(page.includes(`](${files.find((name) => name.endsWith(plot))})`));
    }
  assert.match(out, /one sio-emit from start to end/);
});

test("TLS has a table of its own", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-run-"));
  later(t, () => rmSync(folder, { recursive: true }));
  const { status, err } = await run("--scenario", "tls-hundred", "--seconds", "1", "--peer", "ours-tls", "--peer", "ours-nginx", "--peer", "node-tls", "--rounds", "1", "--results", folder);
  assert.equal(status, 0, err);
  const file = readdirSync(folder).find((name) => name.endsWith(".json"));
  const { results: [{ peers }], missing } = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
  for (const { medians } of Object.values(peers)) assert(medians.cpu_us_per_delivery > 0 && medians.cpu_us_per_join > 0);
  assert.equal(Object.keys(peers).length, 3 - missing.length);
  assert.match(readFileSync(path.join(folder, file.replace("json", "md")), "utf8"), /^\| `tls-hundred` 100 clients/m);
});

test("what does not exist is refused", async () => {
  for (const args of [["--scenario", "nothing"], ["--peer", "nobody"], ["--loop", "round"], ["--bogus"], ["--rounds", "0"]])
    assert.equal((await run(...args)).status, 2, args.join(" "));
  const { status, out } = await run("--list");
  assert.equal(status, 0);
  assert.match(out, /^many +1,000 clients/m);
});
