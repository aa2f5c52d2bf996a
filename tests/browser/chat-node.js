// A node of the chat, which can be stopped and started again on the same port.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { later, within } from "../interop/lib/later.js";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = process.env.SIO_BUILD ?? path.join(root, "build");
const program = path.join(build, "server/examples/sio-chat");

class ChatNode {
  constructor(redis) {
    this.redis = redis;
    this.port = 0;
  }

  async start() {
    this.child = spawn(program, [
      "--port", String(this.port), "--redis", this.redis,
      "--page", path.join(root, "server/examples/chat/index.html"),
      "--client-files", path.join(root, ".deps/client/node_modules/socket.io-client/dist"),
    ], { stdio: ["ignore", "pipe", "pipe"] });
    this.exited = once(this.child, "exit");
    const [url] = await within(
      Promise.all([this.#said("stdout", /listening on (\S+)/), this.#said("stderr", /cluster (ready)/)]),
      "a chat node that is ready");
    this.url = url;
    this.port = Number(new URL(url).port);
    return this;
  }

  #said(stream, pattern) {
    let text = "";
    return new Promise((resolve, reject) => {
      this.child[stream].setEncoding("utf8").on("data", (more) => {
        text += more;
        const match = pattern.exec(text);
        if (match) resolve(match[1]);
      });
      this.exited.then(([code]) => reject(new Error(`the chat node ended with ${code}: ${text}`)));
    });
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGTERM");
    try {
      const [code, signal] = await within(this.exited, "the end of a chat node");
      assert.equal(code, 0, `the chat node ended with ${code ?? signal}`);
    } finally {
      this.child.kill("SIGKILL");
    }
  }
}

export async function startChatNode(t, redis) {
  const node = new ChatNode(redis);
  later(t, () => node.stop());
  return node.start();
}

// What sio-emit does, from its command line.
export async function emit(redis, ...words) {
  const child = spawn(path.join(build, "sio-emit"), ["--redis", redis, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await within(once(child, "exit"), "the end of sio-emit");
  assert.equal(code, 0);
}
