// Starts sio-lifenode, or another program, and follows what it says about its life, line by line.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { later, within } from "./later.js";
import { tlsFlags, urlOf } from "./tls.js";

const build = process.env.SIO_BUILD ?? "";
export const lifenode = path.join(build, "tests/sio-lifenode");

export class Life {
  constructor(command, args, options = {}) {
    this.lines = [];
    this.log = "";
    this.waiting = new Set();
    this.child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe", ...(options.sockets ?? [])] });
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    createInterface(this.child.stdout).on("line", (line) => (this.lines.push(line), this.waiting.forEach((check) => check())));
    this.exited = once(this.child, "close");
  }

  // The match of the first line that fits, sooner or later.
  async says(pattern, ms = 10_000) {
    const found = new Promise((resolve) => {
      const check = () => {
        const match = this.lines.map((line) => pattern.exec(line)).find(Boolean);
        if (match) this.waiting.delete(check), resolve(match);
      };
      this.waiting.add(check);
      check();
    });
    const early = this.exited.then(([code]) => Promise.reject(new Error(`ended with ${code}: ${this.log}`)));
    early.catch(() => {});
    return within(Promise.race([found, early]), `a line ${pattern}`, ms);
  }

  async listening() {
    this.port = Number((await this.says(/^listening (\d+)$/))[1]);
    this.url = urlOf(`127.0.0.1:${this.port}`);
    return this;
  }

  // Waits for its end, which has to be a good one.
  async ended(ms = 10_000) {
    const [code, signal] = await within(this.exited, "the end of the node", ms);
    assert.equal(code, 0, `the node ended with ${code ?? signal}: ${this.log}`);
    assert.doesNotMatch(this.log, /Sanitizer|runtime error/);
  }
}

export async function startLife(t, ...args) {
  const node = new Life(lifenode, [...tlsFlags, ...args]);
  later(t, async () => {
    if (node.child.exitCode === null && node.child.signalCode === null) node.child.kill("SIGINT");
    await node.ended().finally(() => node.child.kill("SIGKILL"));
  });
  return node.listening();
}
