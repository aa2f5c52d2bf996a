// Bun with the engine that its authors and Socket.IO's made for it, and the same adapter; run by bun.
//   bun bun-server.js --redis redis://…     prints "listening PORT"
import { parseArgs } from "node:util";
import { Server as Engine } from "@socket.io/bun-engine";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { answer } from "./events.js";

const { values } = parseArgs({ args: Bun.argv.slice(2), options: { redis: { type: "string" } } });
if (!values.redis) {
  console.error("bun-server.js: --redis URL is needed");
  process.exit(2);
}
const publisher = createClient({ url: values.redis });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on("error", (error) => console.error(`redis: ${error.message}`));
await Promise.all([publisher.connect(), subscriber.connect()]);

const io = new Server({ adapter: createAdapter(publisher, subscriber), serveClient: false });
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
io.on("connection", answer);
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 30, ...engine.handler() });
console.log(`listening ${server.port}`);
process.on("SIGTERM", () => process.exit(0));
