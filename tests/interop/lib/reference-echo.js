// What sio-engine-echo does, by the official Engine.IO server.
import { parseArgs } from "node:util";
import { Server } from "engine.io";
import { httpServer } from "./reference-http.js";

const text = (value) => ({ type: "string", default: value });
const { values: flags } = parseArgs({
  options: {
    port: text("3000"), tls: { type: "string" }, "ping-interval": text("25000"), "ping-timeout": text("20000"), "max-payload": text("1000000"),
    "allow-eio3": { type: "boolean" }, deflate: { type: "string" },
  },
});

const http = httpServer(flags.tls);
const engine = new Server({
  pingInterval: Number(flags["ping-interval"]),
  pingTimeout: Number(flags["ping-timeout"]),
  maxHttpBufferSize: Number(flags["max-payload"]),
  allowEIO3: flags["allow-eio3"],
  ...(flags.deflate && { perMessageDeflate: { threshold: Number(flags.deflate) } }),
});
engine.attach(http, { path: "/engine.io" });
engine.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));

process.on("SIGTERM", () => {
  engine.close();
  http.closeAllConnections();
  setTimeout(() => process.exit(0), 50);
});
http.listen(Number(flags.port), "127.0.0.1", () => console.log(`listening ${http.address().port}`));
