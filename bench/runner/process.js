// The processes that a run starts; all of them are ended by it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { freePorts } from "../../tests/lib/ports.js";

const running = new Set();
export const folder = mkdtempSync(path.join(tmpdir(), "sio-bench-"));
process.on("exit", () => {
  for (const { child } of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

// What it says by its standard error is kept for when it fails, unless it is to be `unheard`.
export function launch(command, args, { unheard, ...options } = {}) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", unheard ? "ignore" : "pipe"] });
  const life = { child, ended: once(child, "exit"), said: "" };
  running.add(life);
  child.stderr?.setEncoding("utf8").on("data", (text) => (life.said = (life.said + text).slice(-4000)));
  return life;
}

// Resolves with the first line that matches.
export async function start(command, args, ready, options) {
  const life = launch(command, args, options);
  const { child } = life;
  for await (const line of createInterface(child.stdout)) {
    if (!ready.test(line)) continue;
    child.stdout.resume();
    return Object.assign(life, { line, pid: child.pid });
  }
  running.delete(life);
  throw new Error(`${command} did not start: ${life.said}`);
}

export async function stop(life) {
  running.delete(life);
  life.child.kill("SIGTERM");
  const killing = setTimeout(() => life.child.kill("SIGKILL"), 10_000);
  await life.ended;
  clearTimeout(killing);
}

// Runs to its end; stdout, or an error that says what it said.
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 180_000, ...options });
  const life = { child };
  running.add(life);
  let out = "", err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const [status] = await once(child, "close");
  running.delete(life);
  if (status !== 0) throw new Error(err.trim() || `${command} ended with ${status}`);
  return out;
}

// The first line that a command says of itself, or undefined.
export function version(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n")[0].trim() : undefined;
}

export async function startRedis() {
  const address = path.join(folder, "redis");
  const [port] = await freePorts(1);
  const args = ["--port", port, "--bind", "127.0.0.1", "--unixsocket", address, "--save", "", "--appendonly", "no", "--dir", folder];
  await start("redis-server", args.map(String), /ready to accept connections/i);
  return { url: `redis://127.0.0.1:${port}`, unix: `unix:${address}` };
}
