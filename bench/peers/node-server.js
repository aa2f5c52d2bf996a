// The reference to measure against: the official server and Redis adapter; compression only if asked for.
//   node node-server.js --redis redis://… | unix:PATH [--deflate THRESHOLD] [--tls CERT,KEY]     prints "listening PORT"
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { parseArgs } from "node:util";
import { answer } from "./events.js";

const require = createRequire(new URL("../../tests/package.json", import.meta.url));
const { Server } = require("socket.io");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");

const { values } = parseArgs({ options: { redis: { type: "string" }, deflate: { type: "string" }, tls: { type: "string" } } });
if (!values.redis) {
  console.error("node-server.js: --redis URL is needed");
  process.exit(2);
}
const options = values.redis.startsWith("unix:") ? { socket: { path: values.redis.slice(5) } } : { url: values.redis };
const publisher = createClient(options);
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on("error", (error) => console.error(`redis: ${error.message}`));
await Promise.all([publisher.connect(), subscriber.connect()]);

const [cert, key] = values.tls?.split(",").map((file) => readFileSync(file)) ?? [];
const http = cert ? createTlsServer({ cert, key }) : createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  serveClient: false,
  perMessageDeflate: values.deflate && { threshold: Number(values.deflate) },
});
io.on("connection", answer);
http.listen(0, "127.0.0.1", 4096, () => console.log(`listening ${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
