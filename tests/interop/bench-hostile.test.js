// bench/hostile.js in short: who does not read is closed, and good clients are answered beside hostile ones. Figures need a quiet machine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { within } from "./lib/later.js";
import { ours } from "./lib/node.js";

const program = fileURLToPath(new URL("../../bench/hostile.js", import.meta.url));

test("good clients are answered beside hostile ones, and who does not read is closed", { skip: ours !== "ours" }, async () => {
  const args = ["--seconds", "1", "--rounds", "1", "--warmup", "3", "--good", "50", "--rate", "100", "--hostile", "20", "--megabytes", "30", "--peer", "ours"];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const [code] = await within(once(child, "close"), "the end of bench/hostile.js", 120_000);
  assert.equal(code, 0, said);
  assert.match(said, /ours: .* MiB; the client was closed: buffer overflow/);
  assert.match(said, /ours: alone .* elsewhere .* beset [\d.]+ \/ [\d.]+ \/ [\d.]+ ms.*the hostile ones did: .*floods \d+/);
});
