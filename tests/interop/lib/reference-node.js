// The contract of sio-testnode on the official server: what the tests expect is first shown to hold here.
//   node reference-node.js [--port N] [--redis URL] …      prints `listening PORT`, ends on SIGTERM
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { createClient, createCluster } from "redis";
import { Server } from "socket.io";
import msgpackParser from "socket.io-msgpack-parser";
import { httpServer } from "./reference-http.js";

const text = (value) => ({ type: "string", default: value });
const { values: flags } = parseArgs({
  options: {
    host: text("127.0.0.1"), port: text("3000"), tls: { type: "string" }, name: text(String(process.pid)),
    redis: { type: "string" }, adapter: { type: "string" }, key: text("socket.io"), "subscription-mode": text("dynamic"),
    "redis-adapter": text("8"),
    "request-timeout": text("5000"), "specific-response-channel": { type: "boolean" },
    "ping-interval": text("25000"), "ping-timeout": text("20000"), "upgrade-timeout": text("10000"),
    "connect-timeout": text("45000"), "max-payload": text("1000000"), path: text("/socket.io"),
    cors: { type: "string" }, cookie: { type: "string" }, transports: text("polling,websocket"), parser: text("default"), "no-serve-client": { type: "boolean" }, "no-upgrades": { type: "boolean" },
    deflate: { type: "string" }, recovery: { type: "string" },
    "allow-eio3": { type: "boolean" },
  },
});

// A publish that Redis did not take rejects a promise that the adapter drops.
process.on("unhandledRejection", (error) => console.error("unhandled:", error.message));

// Earlier major versions are CommonJS; 6 brings a client of Redis of its own.
const require = createRequire(import.meta.url);
const adapters = { 7: "@socket.io/redis-adapter-v7", 8: "@socket.io/redis-adapter" };

function redisClient(url) {
  const [, hosts] = /^redis\+cluster:\/\/(.*)$/.exec(url) ?? [];
  if (!hosts) return createClient({ url, socket: { reconnectStrategy: 50 } });
  return createCluster({ rootNodes: hosts.split(",").map((host) => ({ url: `redis://${host}` })), defaults: { socket: { reconnectStrategy: 50 } } });
}

async function redisAdapter() {
  const options = {
    key: flags.key,
    requestsTimeout: Number(flags["request-timeout"]),
    publishOnSpecificResponseChannel: flags["specific-response-channel"],
  };
  if (flags["redis-adapter"] === "6") {
    const { hostname: host, port } = new URL(flags.redis);
    return require("socket.io-redis-v6").createAdapter({ host, port, ...options });
  }
  const { createAdapter, createShardedAdapter } = require(adapters[flags["redis-adapter"]]);
  const publisher = redisClient(flags.redis);
  const subscriber = publisher.duplicate();
  const tell = () => console.error("redis:", publisher.isReady && subscriber.isReady ? "ready" : "disconnected");
  for (const client of [publisher, subscriber])
    client.on("error", (error) => console.error("redis: error:", error.message)).on("ready", tell).on("reconnecting", tell);
  await Promise.all([publisher.connect(), subscriber.connect()]);
  if (flags.adapter === "streams")
    return require("@socket.io/redis-streams-adapter").createAdapter(publisher, { channelPrefix: flags.key, streamName: flags.key });
  if (flags.adapter === "sharded")
    return createShardedAdapter(publisher, subscriber, { channelPrefix: flags.key, subscriptionMode: flags["subscription-mode"] });
  return createAdapter(publisher, subscriber, options);
}

const http = httpServer(flags.tls);
const origins = flags.cors?.split(",");
const io = new Server(http, {
  ...(origins && { cors: origins[0] === "*" ? { origin: "*" } : { origin: origins, credentials: true } }),
  ...(flags.cookie && { cookie: { name: flags.cookie } }),
  path: flags.path,
  serveClient: !flags["no-serve-client"],
  transports: flags.transports.split(","),
  allowUpgrades: !flags["no-upgrades"],
  allowEIO3: flags["allow-eio3"],
  pingInterval: Number(flags["ping-interval"]),
  pingTimeout: Number(flags["ping-timeout"]),
  upgradeTimeout: Number(flags["upgrade-timeout"]),
  connectTimeout: Number(flags["connect-timeout"]),
  maxHttpBufferSize: Number(flags["max-payload"]),
  ...(flags.recovery && { connectionStateRecovery: { maxDisconnectionDuration: Number(flags.recovery) } }),
  ...(flags.parser === "msgpack" && { parser: msgpackParser }),
  ...(flags.deflate && { perMessageDeflate: { threshold: Number(flags.deflate) } }),
  ...(flags.redis && { adapter: await redisAdapter() }),
});

const disconnects = new Map();
const serverSide = new Map();
const recorded = (map, nsp) => map.get(nsp) ?? map.set(nsp, []).get(nsp);

function target({ rooms = [], except = [], flags = {} }, nsp) {
  let operator = io.of(nsp).to(rooms).except(except);
  if (flags.volatile) operator = operator.volatile;
  if (flags.local) operator = operator.local;
  if (flags.compress !== undefined) operator = operator.compress(flags.compress);
  if (flags.timeout !== undefined) operator = operator.timeout(flags.timeout);
  return operator;
}

const plainSocket = ({ id, rooms, data, handshake }) => ({ id, rooms: [...rooms], data, handshake });
// Resolves with the reply, whether or not everybody answered in time.
const collected = (emit) =>
  new Promise((resolve) => emit((error, responses) => resolve(error ? { ok: false, error: error.message, responses } : { responses })));

const operations = {
  emit: (request, nsp) => void target(request, nsp).emit(request.event, ...(request.args ?? [])),
  emitWithAck: (request, nsp) => {
    const timeout = request.timeout ?? request.flags?.timeout ?? 5000;
    return collected((ack) => target(request, nsp).timeout(timeout).emit(request.event, ...(request.args ?? []), ack));
  },
  fetchSockets: async (request, nsp) => ({ sockets: (await target(request, nsp).fetchSockets()).map(plainSocket) }),
  allRooms: async (request, nsp) => {
    const { adapter } = io.of(nsp);
    return { rooms: [...(adapter.allRooms ? await adapter.allRooms() : adapter.rooms.keys())] };
  },
  serverCount: async (request, nsp) => ({ count: await io.of(nsp).adapter.serverCount() }),
  socketsJoin: (request, nsp) => target(request, nsp).socketsJoin(request.targets),
  socketsLeave: (request, nsp) => target(request, nsp).socketsLeave(request.targets),
  disconnectSockets: (request, nsp) => target(request, nsp).disconnectSockets(request.close === true),
  serverSideEmit: (request, nsp) => {
    const emit = (...more) => io.of(nsp).serverSideEmit(request.event, ...(request.args ?? []), ...more);
    if (!request.ack) return void emit();
    // the adapter in memory never calls back
    return flags.redis ? collected(emit) : { responses: [] };
  },
  // what adapters up to 7 could do beside
  remoteJoin: ({ id, room }, nsp) => io.of(nsp).adapter.remoteJoin(id, room).then(() => {}),
  remoteLeave: ({ id, room }, nsp) => io.of(nsp).adapter.remoteLeave(id, room).then(() => {}),
  remoteDisconnect: ({ id, close }, nsp) => io.of(nsp).adapter.remoteDisconnect(id, close).then(() => {}),
  sockets: async ({ rooms }, nsp) => ({ ids: [...(await io.of(nsp).adapter.sockets(new Set(rooms)))] }),
  setData: (request, nsp, socket) => void (socket.data = request.data),
  disconnects: (request, nsp) => ({ disconnects: recorded(disconnects, nsp) }),
  events: (request, nsp) => ({ events: recorded(serverSide, nsp) }),
  stats: () => ({ clients: io.engine.clientsCount, sockets: [...io._nsps.values()].reduce((sum, nsp) => sum + nsp.sockets.size, 0) }),
};

async function control(socket, request, ack) {
  const operation = operations[request?.op];
  if (!operation) return ack({ ok: false, error: `${request?.op} is not supported by this build` });
  try {
    ack({ ok: true, ...(await operation(request, request.nsp ?? socket.nsp.name, socket)) });
  } catch (error) {
    ack({ ok: false, error: error.message });
  }
}

// Namespaces have no catch-all listener for what other servers emit.
function hear(nsp) {
  nsp._onServerSideEmit = (args) => {
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    recorded(serverSide, nsp.name).push(args);
    ack?.(flags.name);
  };
}
io.on("new_namespace", hear);
hear(io.of("/"));

function serve(socket) {
  const nsp = socket.nsp.name;
  socket.on("message", (...args) => socket.emit("message-back", ...args.filter((value) => typeof value !== "function")));
  socket.on("message-with-ack", (...args) => typeof args.at(-1) === "function" && args.pop()(...args));
  socket.on("echo", (...args) => {
    if (typeof args.at(-1) === "function") args.pop()(...args);
    else socket.emit("echo", ...args);
  });
  socket.on("join", (rooms, ack) => (socket.join(rooms), ack?.()));
  socket.on("leave", (room, ack) => (socket.leave(room), ack?.()));
  socket.on("rooms", (ack) => ack?.([...socket.rooms].sort()));
  socket.on("say", (room, ...args) => socket.to(room).emit("said", ...args));
  socket.on("shout", (...args) => socket.broadcast.emit("shouted", ...args));
  socket.on("bye", (close) => socket.disconnect(close === true));
  socket.on("ctl", (request, ack) => control(socket, request, ack));
  socket.on("disconnect", (reason) => {
    recorded(disconnects, nsp).push([socket.id, reason]);
    console.error(`${nsp}: ${socket.id} disconnected: ${reason}`);
  });
  socket.emit("auth", socket.handshake.auth);
}

for (const name of ["/", "/custom", "/auth", /^\/dynamic-\d+$/]) io.of(name).on("connection", serve);
io.of("/auth").use((socket, next) => {
  if (socket.handshake.auth.token === "secret") return next();
  next(Object.assign(new Error("not authorized"), { data: { code: 401 } }));
});

process.on("SIGTERM", () => {
  io.close();
  http.closeAllConnections();
  setTimeout(() => process.exit(0), 50);
});
http.listen(Number(flags.port), flags.host, () => console.log(`listening ${http.address().port}`));
