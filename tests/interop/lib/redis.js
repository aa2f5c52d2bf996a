// A Redis of the test's own, on a free port; it can be stopped and started again on the same one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createClient } from "redis";
import { later, within } from "./later.js";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

class Redis {
  constructor(port) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  async start() {
    const args = ["--port", this.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    this.child = spawn("redis-server", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
    const ready = new Promise((resolve) => {
      let seen = "";
      this.child.stdout.setEncoding("utf8").on("data", (text) => {
        seen = (seen + text).slice(-10_000);
        if (seen.includes("Ready to accept connections")) resolve();
      });
    });
    await within(ready, "redis-server that is ready");
    return this;
  }

  async stop() {
    if (this.child.exitCode !== null) return;
    this.child.kill("SIGTERM");
    await within(once(this.child, "exit"), "the end of redis-server");
  }

  // A client of the test's own, for the emitter and for what no node would publish.
  async client(t) {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: 50 } });
    client.on("error", () => {});
    await client.connect();
    later(t, () => client.quit());
    return client;
  }
}

export async function startRedis(t) {
  const redis = await new Redis(await freePort()).start();
  later(t, () => redis.stop());
  return redis;
}
