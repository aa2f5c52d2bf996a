// Connection state recovery with the streams adapter: from any node to any other, ours and official ones.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, next } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { argumentsOf, comeBack, lose } from "./lib/recovery.js";
import { startRedis } from "./lib/redis.js";

const layout = kinds.includes("reference") && ours === "ours" ? ["ours", "ours", "reference"] : [ours, ours, ours];
const onlyOurs = { skip: ours !== "ours" };

// Nodes with a client each by which they are told what to do; they know of each other, and Redis answers them in time.
async function startCluster(t, layout, recovery = "60000") {
  const redis = await startRedis(t);
  const nodes = await Promise.all(layout.map((kind) => startNode(t, kind, "--redis", redis.url, "--adapter", "streams", "--recovery", recovery)));
  const controls = await Promise.all(nodes.map((node) => connect(t, node)));
  const heard = controls.map((socket) => collect(socket, "hello"));
  for (const [from, control] of controls.entries())
    await eventually("the nodes hear each other", async () => {
      await ctl(control, "emit", { event: "hello", args: [from, 0] });
      return heard.every(({ events }) => events.some(([who, , offset]) => who === from && offset));
    });
  return { redis, nodes, controls };
}

test(`streams: recovery among ${layout.join(", ")}`, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, layout);
  const client = await redis.client(t);

  for (const [from, one] of layout.entries())
    for (const [to, other] of layout.entries())
      await t.test(`from node ${from} (${one}) to node ${to} (${other})`, async (t) => {
        const socket = await connect(t, nodes[from]);
        await ask(socket, "join", ["r", "s"]);
        await ctl(socket, "setData", { data: { name: "Ada", list: [1, null] } });
        const { id } = socket;
        const heard = collect(socket, "news");
        await ctl(controls[to], "emit", { event: "news", args: ["seen"], rooms: ["r"] });
        await heard.until(1);
        await lose(socket, controls[from]);
        await eventually("the session is kept", () => client.exists(`sio:session:${socket._pid}`));
        const sent = [
          [["to r"], { rooms: ["r"] }], [["to others"], { rooms: ["elsewhere"] }], [["to all", { deep: [1.5] }], {}], [["not to s"], { except: ["s"] }],
          [["to the socket"], { rooms: [id] }], [["twice", "in one"], { rooms: ["r", "s"] }], [["binary", Buffer.from([0, 1, 255])], { rooms: ["s"] }],
        ];
        // by each node in turn: an entry is there before the next is sent
        for (const [index, [args, target]] of sent.entries()) {
          const before = await client.xLen("socket.io");
          await ctl(controls[index % 3], "emit", { event: "news", args, ...target });
          await eventually("it is in the stream", async () => (await client.xLen("socket.io")) > before);
        }
        await comeBack(socket, nodes[to]);
        assert.deepEqual([socket.recovered, socket.id], [true, id]);
        const missed = [["to r"], ["to all", { deep: [1.5] }], ["to the socket"], ["twice", "in one"], ["binary", Buffer.from([0, 1, 255])]];
        assert.deepEqual(argumentsOf(heard.events).slice(1), missed);
        assert.deepEqual((await ask(socket, "rooms"))[0].sort(), [id, "r", "s"].sort());
        const { sockets } = await ctl(controls[from], "fetchSockets", { rooms: [id] });
        assert.deepEqual(sockets.map(({ data }) => data), [{ name: "Ada", list: [1, null] }]);
        assert.equal(await client.exists(`sio:session:${socket._pid}`), 0);
        await ctl(controls[from], "emit", { event: "news", args: ["after"], rooms: ["s"] });
        await heard.marked("after");
        assert.equal(new Set(heard.events.map((args) => args.at(-1))).size, heard.events.length, "each offset once");
        socket.disconnect();
      });
});

test("streams: a session is kept as the package keeps it", { skip: kinds.length < 2 }, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours", "reference"]);
  const client = await redis.client(t);
  for (const [index, node] of nodes.entries()) {
    const socket = await connect(t, node);
    await ask(socket, "join", "r");
    if (index) await ctl(socket, "setData", { data: {} });
    const { id, _pid: pid } = socket;
    await lose(socket, controls[index]);
    const text = await eventually("it is there", () => client.get(`sio:session:${pid}`));
    const ttl = await client.pTTL(`sio:session:${pid}`);
    assert(ttl > 50_000 && ttl <= 60_000, `it expires in ${ttl} ms`);
    // sid, pid, rooms, data, in that order
    const expected = Buffer.concat([Buffer.from([0x84 + (index ? 0 : 1), 0xa3]), Buffer.from("sid"), Buffer.from([0xb4]), Buffer.from(id), Buffer.from([0xa3]), Buffer.from("pid"),
      Buffer.from([0xb4]), Buffer.from(pid), Buffer.from([0xa5]), Buffer.from("rooms"), Buffer.from([0x92, 0xb4]), Buffer.from(id), Buffer.from([0xa1]), Buffer.from("r"),
      Buffer.from([0xa4]), Buffer.from("data"), Buffer.from([0x80])]);
    assert.equal(Buffer.from(text, "base64").subarray(0, expected.length).toString("latin1"), expected.toString("latin1"));
  }
});

test("streams: a client whose node ends goes on with another", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours", "ours"]);
  const client = await redis.client(t);
  const socket = await connect(t, nodes[0]);
  await ask(socket, "join", "r");
  const heard = collect(socket, "news");
  const { id } = socket;
  const gone = next(socket, "disconnect");
  const ended = nodes[0].terminate();
  await gone;
  await eventually("the session is kept", () => client.exists(`sio:session:${socket._pid}`));
  await ctl(controls[1], "emit", { event: "news", args: ["missed"], rooms: ["r"] });
  await comeBack(socket, nodes[1]);
  assert.deepEqual([socket.recovered, socket.id], [true, id]);
  await heard.until(1);
  assert.deepEqual(argumentsOf(heard.events), [["missed"]]);
  await ended; // a second signal would hit it on its way out
});

test("streams: a client that changes nodes all the time gets everything once, in order", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours", "ours", "ours"]);
  const client = await redis.client(t);
  const socket = await connect(t, nodes[0]);
  const heard = collect(socket, "news");
  const { id } = socket;
  let going = true;
  const sending = controls.slice(0, 2).map(async (control, sender) => {
    let number = 0;
    while (going) await ctl(control, "emit", { event: "news", args: [sender, number++] });
    return number;
  });
  for (let round = 1; round <= 15; round++) {
    await lose(socket, controls[(round - 1) % 3]);
    await eventually("the session is kept", () => client.exists(`sio:session:${socket._pid}`));
    await comeBack(socket, nodes[round % 3]);
    assert.deepEqual([socket.recovered, socket.id], [true, id]);
  }
  going = false;
  const sent = await Promise.all(sending);
  for (const sender of [0, 1]) {
    const expected = Array.from({ length: sent[sender] }, (_, index) => index);
    await eventually("all have come", () => heard.events.some(([who, number]) => who === sender && number === expected.at(-1)));
    // what Redis took too long for has no offset, and may come again by one: a node says so
    const once = (got) => (nodes.some(({ log }) => log.includes("Redis does not answer in time")) ? [...new Set(got)].sort((a, b) => a - b) : got);
    assert.deepEqual(once(heard.events.filter(([who]) => who === sender).map(([, number]) => number)), expected);
  }
});

test("streams: what a client is sent keeps its order, with recovery too", onlyOurs, async (t) => {
  const { nodes, controls } = await startCluster(t, ["ours", "ours"]);
  const socket = await connect(t, nodes[0]);
  const seen = [];
  socket.onAny((event, number) => ["message-back", "news"].includes(event) && seen.push(number));
  const expected = [];
  for (let number = 0; number < 300; number += 4) {
    // an event of the socket, an answer, a local event, and one of the cluster: all by one node
    socket.emit("message", number, 0);
    socket.emit("echo", number + 1, (value) => seen.push(value));
    socket.emit("ctl", { op: "emit", event: "news", args: [number + 2, 0], flags: { local: true } });
    socket.emit("ctl", { op: "emit", event: "news", args: [number + 3, 0] });
    expected.push(number, number + 1, number + 2, number + 3);
  }
  await eventually("all have come", () => seen.length >= expected.length);
  assert.deepEqual(seen, expected);
  assert(controls[0].connected);
});

test("streams: what is emitted before a disconnection comes before it", onlyOurs, async (t) => {
  const { nodes } = await startCluster(t, ["ours", "ours"]);
  for (const close of [false, true]) {
    const socket = await connect(t, nodes[0]);
    const heard = collect(socket, "message-back");
    const gone = next(socket, "disconnect");
    for (let number = 0; number < 20; number++) socket.emit("message", number, 0);
    socket.emit("bye", close);
    await gone;
    assert.deepEqual(heard.events.map(([number]) => number), Array.from({ length: 20 }, (_, index) => index));
  }
});

test("streams: a session is recovered once, and only in its namespace", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours", "ours"]);
  const client = await redis.client(t);
  const kept = ({ _pid: pid }) => eventually("the session is kept", () => client.exists(`sio:session:${pid}`));
  const socket = await connect(t, nodes[0]);
  const { _pid: pid, _lastOffset: offset, id } = socket;
  await lose(socket, controls[0]);
  await kept(socket);
  const back = await Promise.all(nodes.map((node) => connect(t, node, { auth: { pid, offset } })));
  assert.equal(back.filter((each) => each.id === id).length, 1);
  const second = await connect(t, nodes[0]);
  await ask(second, "join", "secret");
  await lose(second, controls[0]);
  await kept(second);
  const other = await connect(t, nodes[1], { nsp: "/custom", auth: { pid: second._pid, offset: second._lastOffset } });
  assert.notEqual(other.id, second.id);
  assert.deepEqual(await ask(other, "rooms"), [[other.id]]);
});

test("streams: who cannot be recovered begins anew", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours"]);
  const client = await redis.client(t);
  const lost = async () => {
    const socket = await connect(t, nodes[0]);
    const { _pid: pid, _lastOffset: offset } = socket;
    await lose(socket, controls[0]);
    await eventually("it is kept", () => client.exists(`sio:session:${pid}`));
    return { pid, offset };
  };
  const fails = async (auth) => assert.equal((await connect(t, nodes[0], { auth })).recovered, false);
  let session = await lost();
  await fails({ ...session, offset: "1-1" });
  for (const offset of ["nonsense", "-", "+", "$", "1", "18446744073709551616-0"]) await fails({ ...(await lost()), offset });
  for (const junk of ["", "junk", "gA==", "wQ==", "e30=", Buffer.from(JSON.stringify({ sid: "x", pid: 1 })).toString("base64")]) {
    session = await lost();
    await client.set(`sio:session:${session.pid}`, junk);
    await fails(session);
  }
  session = await lost();
  await client.xTrim("socket.io", "MAXLEN", 0);
  await fails(session);
});

test("streams: who stays away for too long begins anew", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours"], "400");
  const client = await redis.client(t);
  const socket = await connect(t, nodes[0]);
  const { _pid: pid, _lastOffset: offset } = socket;
  await lose(socket, controls[0]);
  await new Promise((resolve) => setTimeout(resolve, 400)); // it may not be kept yet
  await eventually("its time is over", async () => !(await client.exists(`sio:session:${pid}`)));
  assert.equal((await connect(t, nodes[0], { auth: { pid, offset } })).recovered, false);
});

test("streams: nobody waits for a Redis that does not answer, and nothing comes twice", onlyOurs, async (t) => {
  const { redis, nodes, controls } = await startCluster(t, ["ours", "ours"]);
  const sockets = await Promise.all(nodes.map((node) => connect(t, node)));
  const heard = sockets.map((socket) => collect(socket, "news"));
  redis.child.kill("SIGSTOP");
  for (let number = 0; number < 5; number++) ctl(controls[0], "emit", { event: "news", args: [number, 0] });
  await heard[0].until(5);
  assert.equal(heard[0].events[4].length, 2, "without an offset");
  await ctl(controls[0], "emit", { event: "news", args: [5, 0] });
  await heard[0].until(6);
  redis.child.kill("SIGCONT");
  await heard[1].until(6);
  await eventually("offsets are back", async () => {
    await ctl(controls[0], "emit", { event: "news", args: [6, 0] });
    return heard[0].events.some(({ length }) => length === 3) && heard[1].events.length === heard[0].events.length;
  });
  const numbers = (events) => events.map(([number]) => number);
  assert.deepEqual(numbers(heard[0].events).slice(0, 7), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(numbers(heard[1].events), numbers(heard[0].events));

  await redis.stop();
  await ctl(controls[0], "emit", { event: "news", args: ["alone", 0] });
  await heard[0].marked("alone");
  const socket = await connect(t, nodes[0]);
  assert.equal(socket.recovered, false);
});

// A way to Redis on which answers to the connection that reads the stream can be held up. `told`: the next answer of the others with
// that in it has been handed on.
async function startGate(t, redis) {
  const gate = { shut: false, held: [], waiting: [] };
  const server = net.createServer((client) => {
    const upstream = net.connect(redis.port, redis.host);
    let reads = false;
    client.on("data", (bytes) => ((reads ||= bytes.includes("XREAD")), upstream.write(bytes)));
    upstream.on("data", (bytes) => {
      if (reads && gate.shut) return gate.held.push(() => client.write(bytes));
      client.write(bytes);
      gate.waiting = gate.waiting.filter(([text, resolve]) => reads || !bytes.includes(text) || resolve());
    });
    for (const [one, other] of [[client, upstream], [upstream, client]]) one.on("error", () => {}).on("close", () => other.destroy());
    later(t, () => client.destroy());
  }).listen(0, "127.0.0.1");
  later(t, () => server.close());
  await once(server, "listening");
  gate.url = `redis://127.0.0.1:${server.address().port}`;
  gate.told = (text) => within(new Promise((resolve) => gate.waiting.push([text, resolve])), `an answer with ${text}`);
  gate.open = () => ((gate.shut = false), gate.held.splice(0).forEach((write) => write()));
  return gate;
}

test("streams: who comes back while its node is ahead of what it has read misses nothing", onlyOurs, async (t) => {
  const redis = await startRedis(t);
  const client = await redis.client(t);
  const gate = await startGate(t, redis);
  const node = await startNode(t, "ours", "--redis", gate.url, "--adapter", "streams", "--recovery", "60000");
  const control = await connect(t, node);
  const mine = collect(control, "news");
  const emit = (...args) => ctl(control, "emit", { event: "news", args });
  const join = async () => {
    const socket = await connect(t, node);
    const heard = collect(socket, "news");
    await eventually("an event has an offset", async () => (await emit("seen", 0), heard.events.some(({ length }) => length === 3)));
    return { socket, heard, id: socket.id };
  };
  const leave = async ({ socket }) => {
    await lose(socket, control);
    await eventually("the session is kept", () => client.exists(`sio:session:${socket._pid}`));
  };
  // Emitted, and given out without having been read.
  const miss = async (name) => {
    gate.shut = true;
    await emit(name, 0);
    await mine.marked(name);
    assert.equal(mine.events.at(-1).length, 2);
  };
  // It may be too late on a machine that is busy, and then that is known.
  const back = async ({ socket, heard, id }, name, meanwhile = () => {}) => {
    const welcome = next(socket, "auth", 20_000);
    const told = gate.told(name); // as an entry behind the offset
    socket.connect();
    await told;
    meanwhile();
    await welcome;
    assert.deepEqual(heard.events.map(([other]) => other).filter((other) => other === name), socket.recovered ? [name] : []);
    assert.equal(socket.id === id, socket.recovered);
    return socket.recovered;
  };
  const [one, two] = [await join(), await join()];
  await leave(one);
  await miss("for one");
  await back(one, "for one", gate.open);
  await leave(two);
  await miss("for none");
  assert.equal(await back(two, "for none"), false, "it cannot have missed nothing");
});

test("streams: who comes to a node that is behind gets nothing twice", onlyOurs, async (t) => {
  const redis = await startRedis(t);
  const client = await redis.client(t);
  const gate = await startGate(t, redis);
  const flags = ["--adapter", "streams", "--recovery", "60000"];
  const nodes = await Promise.all([redis.url, gate.url].map((url) => startNode(t, "ours", "--redis", url, ...flags)));
  const [control, socket] = [await connect(t, nodes[0]), await connect(t, nodes[0])];
  const heard = collect(socket, "news");
  let number = 0;
  const emit = () => ctl(control, "emit", { event: "news", args: [`number ${++number}`, 0] });
  const late = await connect(t, nodes[1]);
  const others = collect(late, "news");
  await eventually("the node behind hears", async () => (await emit(), others.events.length > 0));
  gate.shut = true;
  const sent = number;
  await eventually("an event has an offset", async () => (await emit(), heard.events.slice(sent).some(([, , offset]) => offset)));
  await lose(socket, control);
  await eventually("the session is kept", () => client.exists(`sio:session:${socket._pid}`));
  const welcome = next(socket, "auth", 20_000);
  const told = gate.told(heard.events.findLast(([, , offset]) => offset)[0]); // the entry of its offset
  socket.io.uri = nodes[1].url;
  socket.connect();
  await told;
  gate.open();
  await welcome;
  await emit();
  await heard.marked(`number ${number}`);
  // without an offset, on a machine that is busy, it may come twice
  if (socket.recovered && heard.events.every(([, , offset]) => offset)) assert.deepEqual(heard.events.map(([name]) => name), Array.from({ length: number }, (_, index) => `number ${index + 1}`));
});

test("streams: the rights that the documentation names are enough", onlyOurs, async (t) => {
  const text = await readFile(new URL("../../docs/redis.md", import.meta.url), "utf8");
  const rule = `${/ACL SETUSER .*xadd.*/.exec(text)[0]} ${/recovery also `([^`]*)`/.exec(text)[1]}`;
  const redis = await startRedis(t);
  const client = await redis.client(t);
  // of the test node's further namespaces
  await client.sendCommand([...rule.split(" "), "&socket.io#/custom#*", "&socket.io#/auth#*"]);
  const url = redis.url.replace("//", "//sio:SECRET@");
  const node = await startNode(t, "ours", "--redis", url, "--adapter", "streams", "--recovery", "60000");
  const [control, socket] = [await connect(t, node), await connect(t, node)];
  await eventually("the node has reached Redis", async () => (await ctl(control, "serverCount")).count === 1);
  assert.equal((await ctl(control, "serverSideEmit", { event: "asked", ack: true })).ok, true);
  await eventually("an event has an offset", async () => {
    socket.emit("message", 0);
    await next(socket, "message-back");
    return /^[0-9]+-[0-9]+$/.test(socket._lastOffset);
  });
  const heard = collect(socket, "news");
  const { id } = socket;
  await lose(socket, control);
  await ctl(control, "emit", { event: "news", args: ["missed"] });
  await comeBack(socket);
  await heard.until(1);
  assert.deepEqual([socket.recovered, socket.id, heard.events[0][0]], [true, id, "missed"]);
  assert.doesNotMatch(node.log, /NOPERM|no link/);
});
