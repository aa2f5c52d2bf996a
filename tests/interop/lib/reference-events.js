// What sio-eventnode does, by the official server.
import { parseArgs } from "node:util";
import { Server } from "socket.io";
import { httpServer } from "./reference-http.js";

const text = (value) => ({ type: "string", default: value });
const { values: flags } = parseArgs({
  options: { port: text("3000"), tls: { type: "string" }, "ping-interval": text("25000"), "ping-timeout": text("20000"), "allow-eio3": { type: "boolean" } },
});

const http = httpServer(flags.tls);
const io = new Server(http, {
  serveClient: false, allowEIO3: flags["allow-eio3"],
  pingInterval: Number(flags["ping-interval"]), pingTimeout: Number(flags["ping-timeout"]),
});

let journal = [];
let held = [];
const note = (line) => journal.push(line);
const noteArgs = (what, event, args) =>
  event !== "journal" && note(`${what} ${event} ${JSON.stringify(args.filter((arg) => typeof arg !== "function"))}`);

io.engine.on("connection", (conn) => {
  note(`connection ${conn.transport.name}`);
  conn.on("packet", ({ type }) => type !== "message" && note(`packet ${type}`));
  conn.on("packetCreate", ({ type }) => type === "ping" && note("create ping"));
  conn.on("upgrading", () => note(`upgrading ${conn.transport.name}`));
  conn.on("upgrade", () => note(`upgrade ${conn.transport.name}`));
  conn.on("heartbeat", () => note("heartbeat"));
  conn.on("close", (reason) => note(`close ${reason}`));
});

io.on("connection", (socket) => {
  const listener = (what) => (event, ...args) => noteArgs(what, event, args);
  const first = listener("first");
  socket.onAny(listener("any")).prependAny(first);
  socket.onAnyOutgoing(listener("out")).prependAnyOutgoing(listener("out first"));
  socket.use(([event, ...args], next) => {
    noteArgs("middleware", event, args);
    if (event === "bad") next(Object.assign(new Error("not this one"), { data: { code: 7 } }));
    else if (event === "slow") held.push(next);
    else next();
  });
  socket.use(([event, ...args], next) => (noteArgs("second", event, args), next()));
  socket.on("error", (error) => note(`error ${error.message} ${error.data?.code ?? 0}`));

  const handler = (event) => (...args) => {
    noteArgs("handler", event, args);
    const ack = args.pop();
    if (typeof ack === "function") ack(...args);
  };
  const twice = handler("twice");
  socket.once("once", handler("once"));
  for (const event of ["bad", "slow"]) socket.on(event, handler(event));
  socket.on("twice", twice).on("twice", twice);
  socket.on("disconnecting", (reason) => note(`disconnecting ${reason}, ${socket.rooms.size} rooms`));
  socket.on("disconnect", (reason) => note(`disconnect ${reason}, ${socket.rooms.size} rooms`));

  socket.on("journal", (ack) => {
    const lines = journal;
    journal = [];
    ack(lines);
  });
  socket.on("forget", (what, ack) => {
    if (what === "any") socket.offAny(first);
    else if (what === "outgoing") socket.offAnyOutgoing();
    else socket.off(what, twice).off(what, twice);
    ack();
  });
  socket.on("listeners", (ack) => ack(socket.listenersAny().length, socket.listenersAnyOutgoing().length));
  socket.on("release", (ack) => {
    held.forEach((next) => next());
    held = [];
    setImmediate(ack);
  });
  socket.on("say", (ack) => {
    socket.emit("said", 1, "two");
    io.emit("to all", Buffer.from([1, 2]));
    socket.broadcast.emit("to others");
    socket.send("sent");
    ack();
  });
  socket.on("join", (ack) => {
    socket.join(["a", "b", "c"]);
    socket.leave("c");
    ack(socket.rooms.size);
  });
  socket.on("handshake", (ack) => ack(socket.handshake));
  socket.on("conn", (ack) => {
    const { transport, protocol, readyState, remoteAddress } = socket.conn;
    ack({ transport: transport.name, protocol, readyState, remoteAddress });
  });
  socket.on("close", () => socket.conn.close());
  socket.emit("auth", {});
});

process.on("SIGTERM", () => io.close(() => process.exit(0)));
http.listen(Number(flags.port), "127.0.0.1", () => console.log(`listening ${http.address().port}`));
