// Starts a test node, ours or the official one, and ends it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { later, within } from "./later.js";
import { tlsFlags, urlOf } from "./tls.js";

const beside = (name) => path.join(path.dirname(fileURLToPath(import.meta.url)), name);
const built = (name) => path.join(process.env.SIO_BUILD ?? "", "tests", name);
export const testnode = built("sio-testnode");

// SIO_NODES=reference proves the tests without a build of ours.
export const kinds = (process.env.SIO_NODES ?? "ours,reference").split(",");
export const ours = kinds.includes("ours") ? "ours" : "reference";

// A command that ours run under, such as valgrind; SIO_PATIENCE in later.js says how much slower that is.
const under = process.env.SIO_UNDER?.split(" ") ?? [];
const nodes = { ours: [...under, testnode], reference: [process.execPath, beside("reference-node.js")] };
const journals = { ours: [...under, built("sio-eventnode")], reference: [process.execPath, beside("reference-events.js")] };
const echoes = { ours: [...under, built("sio-engine-echo")], reference: [process.execPath, beside("reference-echo.js")] };

export class Node {
  constructor(kind, flags, commands = nodes) {
    const [command, ...args] = commands[kind];
    this.kind = kind;
    this.log = "";
    this.child = spawn(command, [...args, "--port", "0", ...tlsFlags, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.first = once(createInterface(this.child.stdout), "line");
    this.exited = once(this.child, "close"); // its log is whole then
  }

  async listening() {
    const line = this.first.then(([text]) => text);
    const early = this.exited.then(([code]) => Promise.reject(new Error(`the node ended with ${code}: ${this.log}`)));
    early.catch(() => {});
    this.port = Number(/^listening (\d+)$/.exec(await within(Promise.race([line, early]), "a node that listens"))[1]);
    this.host = `127.0.0.1:${this.port}`;
    this.url = urlOf(this.host);
    return this;
  }

  terminate() {
    this.child.kill("SIGTERM");
    return within(this.exited, `the end of the ${this.kind} node`);
  }

  // At once, without a word: that is how it is to end.
  async kill() {
    this.killed = true;
    this.child.kill("SIGKILL");
    await this.exited;
  }

  async stop() {
    if (this.killed) return;
    try {
      const [code, signal] = await this.terminate();
      assert.equal(code, 0, `the ${this.kind} node ended with ${code ?? signal}: ${this.log}`);
      assert.doesNotMatch(this.log, /Sanitizer|runtime error/);
    } finally {
      this.child.kill("SIGKILL");
    }
  }
}

function started(t, node) {
  later(t, () => node.stop());
  return node.listening();
}

export const startNode = async (t, kind, ...flags) => started(t, new Node(kind, flags));

// An Engine.IO server that sends every message back.
export const startEcho = async (t, kind, ...flags) => started(t, new Node(kind, flags, echoes));

// A Socket.IO node that keeps a journal of what its listeners are told.
export const startEvents = async (t, kind, ...flags) => started(t, new Node(kind, flags, journals));
