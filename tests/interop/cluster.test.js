// Nodes of ours and official ones on one Redis: each client gets each broadcast once, whoever sends it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdapter } from "@socket.io/redis-adapter";
import { Emitter } from "@socket.io/redis-emitter";
import msgpack from "notepack.io";
import { Server } from "socket.io";
import { ask, collect, connect, ctl, eventually, join } from "./lib/clients.js";
import { mutations } from "./lib/mutate.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startRedis } from "./lib/redis.js";

const plain = (value) => (Buffer.isBuffer(value) || value instanceof ArrayBuffer ? Buffer.from(value).toString("latin1") : value);

// Nodes with one client for each transport, each in "/" and "/custom" and collecting `news`.
async function startCluster(t, layout, ...flags) {
  const redis = await startRedis(t);
  const nodes = await Promise.all(layout.map((kind, index) => startNode(t, kind, "--redis", redis.url, "--name", `n${index}`, ...flags)));
  const members = [];
  for (const node of nodes)
    for (const over of ["websocket", "polling"]) {
      const socket = await connect(t, node, { over });
      const custom = await join(socket, "/custom");
      members.push({ node, over, socket, custom, rooms: [], news: collect(socket, "news"), customNews: collect(custom, "news"), ready: collect(socket, "ready"), customReady: collect(custom, "ready") });
    }
  const senders = nodes.map((node) => members.find((member) => member.node === node));
  const cluster = { redis, nodes, members, senders };
  await unite(cluster, "start");
  return cluster;
}

// Resolves once what each node sends reaches every client.
async function unite({ members, senders }, when) {
  for (const [index, sender] of senders.entries())
    for (const [nsp, field] of [["/", "ready"], ["/custom", "customReady"]]) {
      const token = `${when} ${index}`;
      await eventually(`node ${index} reaches all in ${nsp}`, async () => {
        await ctl(sender.socket, "emit", { nsp, event: "ready", args: [token] });
        await ask(sender.socket, "echo", 0);
        return members.every((member) => member[field].events.some(([seen]) => seen === token));
      });
    }
}

// Empties what has been collected.
const forget = (members) => members.forEach(({ news, customNews }) => (news.events.splice(0), customNews.events.splice(0)));

// Every node sends `count` numbered events with binary at the same time.
async function exchange({ members, senders }, count, send = {}) {
  forget(members);
  const total = senders.length * count;
  for (let number = 0; number < count; number++)
    for (const [index, sender] of senders.entries())
      sender.socket.emit("ctl", { op: "emit", event: "news", args: [index, number, Buffer.from([index, number, 255])], ...send }, () => {});
  for (const [index, sender] of senders.entries())
    await ctl(sender.socket, "emit", { event: "news", args: [`end ${index}`] });
  for (const { news } of members) {
    for (const index of senders.keys()) await news.marked(`end ${index}`);
    const numbered = news.events.filter(([index]) => typeof index === "number");
    assert.equal(numbered.length, total);
    for (const index of senders.keys())
      assert.deepEqual(numbered.filter(([from]) => from === index).map(([, number]) => number), [...Array(count).keys()]);
    for (const [index, number, bytes] of numbered) assert.equal(plain(bytes), Buffer.from([index, number, 255]).toString("latin1"));
  }
}

const rooms = [["a"], ["b"], ["a", "b"], ["b", "c"], ["a", "b", "c"], []];
const targets = [[], ["a"], ["b"], ["c"], ["a", "b"], ["a", "c"], ["a", "b", "c"], ["nobody"], ["nobody", "a"]];
const exceptions = [[], ["a"], ["b"], ["a", "c"], ["nobody"]];

async function takeRooms(members) {
  for (const [index, member] of members.entries()) {
    member.rooms = rooms[index % rooms.length];
    for (const socket of [member.socket, member.custom]) await ask(socket, "join", member.rooms);
  }
}

// What each member must get of `sent`: [{rooms, except}, args] in order.
const expected = (member, sent) =>
  sent.filter(([{ rooms = [], except = [], only }]) =>
    (!only || only === member.node) &&
    (rooms.length === 0 || rooms.some((room) => member.rooms.includes(room) || room === member.socket.id)) &&
    !except.some((room) => member.rooms.includes(room) || room === member.socket.id)).map(([, args]) => args);

const layouts = kinds.map((kind) => (kind === "ours" ? ["ours", "ours", "reference"] : ["reference", "reference", "reference"]));

for (const layout of layouts)
  test(`cluster of ${layout.join(", ")}`, async (t) => {
    const cluster = await startCluster(t, layout);
    const { redis, nodes, members, senders } = cluster;
    const publisher = await redis.client(t);
    const emitter = new Emitter(publisher);
    await takeRooms(members);

    await t.test("each broadcast once, in order, with binary", () => exchange(cluster, 50));
    await t.test("the same to several rooms that overlap", async () => {
      forget(members);
      for (const [index, { socket }] of senders.entries()) {
        await ctl(socket, "emit", { event: "news", args: [index], rooms: ["a", "b", "c", ...members.map((member) => member.socket.id)] });
        await ctl(socket, "emit", { event: "news", args: [`end ${index}`] });
      }
      for (const { news } of members)
        for (const index of senders.keys()) {
          await news.marked(`end ${index}`);
          assert.equal(news.events.filter(([from]) => from === index).length, 1);
        }
    });

    for (const [index, sender] of senders.entries())
      await t.test(`rooms and exceptions, from node ${index} (${layout[index]})`, async () => {
        forget(members);
        const sent = [];
        for (const rooms of [...targets, [members[0].socket.id], [members.at(-1).socket.id]])
          for (const except of [...exceptions, [members[0].socket.id], [members.at(-1).socket.id]]) {
            sent.push([{ rooms, except }, [sent.length]]);
            sender.socket.emit("ctl", { op: "emit", event: "news", args: [sent.length - 1], rooms, except }, () => {});
          }
        await ctl(sender.socket, "emit", { event: "news", args: ["end"] });
        for (const member of members)
          assert.deepEqual(await member.news.marked("end"), [...expected(member, sent), ["end"]]);
      });

    await t.test("rooms and exceptions, from the emitter", async () => {
      forget(members);
      const sent = [];
      for (const rooms of targets)
        for (const except of exceptions) {
          sent.push([{ rooms, except }, [sent.length]]);
          emitter.to(rooms).except(except).emit("news", sent.length - 1);
        }
      emitter.emit("news", "end");
      for (const member of members)
        assert.deepEqual(await member.news.marked("end"), [...expected(member, sent), ["end"]]);
    });

    await t.test("options of the emitter", async () => {
      forget(members);
      const binary = Buffer.from([0, 1, 254, 255]);
      emitter.to("a").to("b").emit("news", "to to");
      emitter.in("c").emit("news", "in");
      emitter.in(["a", "c"]).except("b").emit("news", "in except");
      emitter.except(["a"]).emit("news", "except");
      emitter.compress(false).emit("news", "plain", binary, { deep: [binary] });
      emitter.compress(true).to("a").emit("news", "compressed", 1, null, { x: [] });
      emitter.of("custom").emit("news", "custom");
      emitter.of("/custom").to("b").except("a").emit("news", "custom room");
      emitter.of("/nowhere").emit("news", "nowhere");
      emitter.emit("news", "end");
      emitter.of("/custom").emit("news", "end");
      for (const member of members) {
        const inRoom = (...names) => names.some((name) => member.rooms.includes(name));
        const both = [...(inRoom("a", "b") ? [["to to"]] : []), ...(inRoom("c") ? [["in"]] : []),
          ...(inRoom("a", "c") && !inRoom("b") ? [["in except"]] : []), ...(inRoom("a") ? [] : [["except"]]),
          ["plain", binary, { deep: [binary] }], ...(inRoom("a") ? [["compressed", 1, null, { x: [] }]] : []), ["end"]];
        const seen = await member.news.marked("end");
        assert.deepEqual(JSON.stringify(seen), JSON.stringify(both));
        const custom = [["custom"], ...(inRoom("b") && !inRoom("a") ? [["custom room"]] : []), ["end"]];
        assert.deepEqual(await member.customNews.marked("end"), custom);
      }
    });

    await t.test("say and shout reach other nodes and leave the sender out", async () => {
      for (const sender of senders) {
        const said = members.map(({ socket }) => collect(socket, "said"));
        const shouted = members.map(({ socket }) => collect(socket, "shouted"));
        sender.socket.emit("say", "b", "hello", Buffer.from([9]));
        sender.socket.emit("shout", "all");
        for (const event of ["said", "shouted"]) await ctl(sender.socket, "emit", { event, args: ["end"] });
        for (const [index, member] of members.entries()) {
          const other = member !== sender;
          const words = (await said[index].marked("end")).map((args) => args.map(plain));
          assert.deepEqual(words, [...(other && member.rooms.includes("b") ? [["hello", "\t"]] : []), ["end"]]);
          assert.deepEqual(await shouted[index].marked("end"), [...(other ? [["all"]] : []), ["end"]]);
          member.socket.off("said").off("shouted");
        }
      }
    });

    await t.test("local stays on its node", async () => {
      forget(members);
      for (const [index, { socket }] of senders.entries()) {
        await ctl(socket, "emit", { event: "news", args: [index], flags: { local: true } });
        await ctl(socket, "emit", { event: "news", args: [index, "a"], rooms: ["a"], flags: { local: true } });
        await ctl(socket, "emit", { event: "news", args: [`end ${index}`] });
      }
      for (const member of members) {
        for (const index of senders.keys()) await member.news.marked(`end ${index}`);
        const at = nodes.indexOf(member.node);
        const local = member.news.events.filter(([from]) => typeof from === "number");
        assert.deepEqual(local, [[at], ...(member.rooms.includes("a") ? [[at, "a"]] : [])]);
      }
    });

    await t.test("namespaces do not mix", async () => {
      forget(members);
      for (const [index, { socket }] of senders.entries()) {
        await ctl(socket, "emit", { nsp: "/custom", event: "news", args: ["custom", index], rooms: ["a", "b", "c"] });
        for (const nsp of ["/", "/custom"]) await ctl(socket, "emit", { nsp, event: "news", args: [`end ${index}`] });
      }
      for (const { news, customNews, rooms } of members) {
        for (const index of senders.keys()) await Promise.all([news.marked(`end ${index}`), customNews.marked(`end ${index}`)]);
        assert.equal(news.events.length, senders.length);
        assert.equal(customNews.events.length, senders.length * (rooms.length > 0 ? 2 : 1));
      }
    });

    await t.test("volatile and uncompressed travel", async () => {
      forget(members);
      for (const [index, { socket }] of senders.entries()) {
        const ready = members.filter(({ over }) => over === "websocket");
        await eventually("volatile reaches those who are ready", async () => {
          await ctl(socket, "emit", { event: "news", args: ["volatile", index], flags: { volatile: true } });
          return ready.every(({ news }) => news.events.some((args) => args[0] === "volatile" && args[1] === index));
        });
        await ctl(socket, "emit", { event: "news", args: [`plain ${index}`], flags: { compress: false } });
        for (const { news } of members) await news.marked(`plain ${index}`);
      }
    });

    await t.test("values look the same wherever they come from", async (t) => {
      const subscriber = await redis.client(t);
      const io = new Server();
      io.adapter(createAdapter(publisher, subscriber));
      const values = [
        null, undefined, true, NaN, Infinity, -0, 0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32, -(2 ** 31) - 1,
        2 ** 53, -(2 ** 53), 2 ** 60, 1.5, -1e-7, 5e-324, new Date(0), new Date(1500), new Date(-1), new Date(253402300799999),
        "", "plain", "ä€😀\u0000\u2028\"\\", "x".repeat(31), "x".repeat(32), "x".repeat(256), "x".repeat(70_000), [], {}, [undefined, null],
        { left: undefined, kept: null }, { "": 1, "ключ": { deep: [new Date(1)] } }, Array.from({ length: 20 }, (_, index) => index),
        Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index])),
      ];
      const json = JSON.parse(JSON.stringify(values));
      const binary = [Buffer.from([1, 2, 3]), { nested: [Buffer.alloc(0), Buffer.alloc(300, 7)] }, new Uint8Array([4, 5]).buffer];
      const check = async (mark) => {
        for (const { news } of members) {
          const [[, ...first], [, ...second]] = (await news.marked(mark)).slice(-3);
          assert.equal(first.length, json.length);
          for (const [index, value] of json.entries()) assert.deepEqual(first[index], value);
          assert.deepEqual(JSON.stringify(second.map((value) => (value instanceof ArrayBuffer ? Buffer.from(value) : value))),
            JSON.stringify([binary[0], binary[1], Buffer.from([4, 5])]));
        }
      };
      for (const [name, sender] of [["a Node server", io], ["the emitter", emitter]]) {
        forget(members);
        sender.emit("news", "values", ...values);
        sender.emit("news", "binary", ...binary);
        sender.emit("news", `end of ${name}`);
        await check(`end of ${name}`);
      }
      for (const [index, { socket }] of senders.entries()) {
        forget(members);
        await ctl(socket, "emit", { event: "news", args: ["values", ...json] });
        await ctl(socket, "emit", { event: "news", args: ["binary", ...binary] });
        await ctl(socket, "emit", { event: "news", args: [`end of ${index}`] });
        await check(`end of ${index}`);
      }
    });

    await t.test("large messages, in both directions", async () => {
      forget(members);
      const large = "ä".repeat(400_000);
      const bytes = Buffer.alloc(100_000, "0123456789");
      for (const [index, { socket }] of senders.entries()) await ctl(socket, "emit", { event: "news", args: [index, large, bytes] });
      for (const { news } of members)
        for (const [, text, data] of await news.until(senders.length)) {
          assert.equal(text, large);
          assert(bytes.equals(Buffer.from(data)));
        }
    });

    await t.test("Redis goes and comes back", async () => {
      await redis.stop();
      for (const [index, { socket, node }] of senders.entries()) {
        forget(members);
        await ctl(socket, "emit", { event: "news", args: [`alone ${index}`] });
        for (const member of members) if (member.node === node) await member.news.marked(`alone ${index}`);
      }
      await redis.start();
      await unite(cluster, "again");
      await exchange(cluster, 20);
      forget(members);
      await eventually("the emitter is back", async () => (await publisher.publish("nobody", "")) === 0);
      emitter.to("a").emit("news", "back");
      emitter.emit("news", "end");
      for (const member of members)
        assert.deepEqual(await member.news.marked("end"), [...(member.rooms.includes("a") ? [["back"]] : []), ["end"]]);
    });
  });

test("--key: clusters on one Redis keep apart", async (t) => {
  const cluster = await startCluster(t, [ours, "reference"], "--key", "left");
  const right = await startNode(t, ours, "--redis", cluster.redis.url, "--key", "right");
  const stranger = await connect(t, right);
  const news = collect(stranger, "news");
  const emitters = await Promise.all(["left", "right"].map(async (key) => new Emitter(await cluster.redis.client(t), { key })));
  emitters[0].emit("news", "left");
  await eventually("the right emitter reaches the right node", async () => (emitters[1].emit("news", "right"), news.events.length > 0));
  for (const { news } of cluster.members) assert.deepEqual(await news.marked("left"), [["left"]]);
  assert(news.events.every(([text]) => text === "right"));
});

test("numeric names are the same rooms as their text", { skip: ours !== "ours" }, async (t) => {
  const { redis, members } = await startCluster(t, [ours]);
  const emitter = new Emitter(await redis.client(t));
  await ask(members[0].socket, "join", "4712");
  emitter.to(4712).emit("news", "one");
  emitter.to([4712, 4713]).emit("news", "several");
  emitter.except(4712).emit("news", "others");
  emitter.emit("news", "end");
  assert.deepEqual((await members[0].news.marked("end")).flat(), ["one", "several", "end"]);
  assert.deepEqual((await members[1].news.marked("end")).flat(), ["others", "end"]);
});

test("what was sent while Redis was away is sent when it is back", { skip: ours !== "ours" }, async (t) => {
  const { redis, senders } = await startCluster(t, [ours]);
  const { socket } = senders[0];
  await redis.stop();
  await eventually("the loss is noticed", async () => {
    await ctl(socket, "emit", { event: "news", args: ["kept"] });
    return (await ctl(socket, "stats")).queued_bytes > 0;
  });
  const before = await ctl(socket, "stats");
  await redis.start();
  const after = await eventually("the link is back and the queue empty", async () => {
    const now = await ctl(socket, "stats");
    return now.connects > before.connects && now.queued_bytes === 0 && now;
  });
  assert.equal(after.published_lost, 0);
});

// ---- what no node would send ----

const packet = (data = ["news", "bad"], type = 2) => ({ type, data, nsp: "/" });
const options = { rooms: [], except: [], flags: {} };
const nested = (bytes, count) => Buffer.concat([Buffer.from([0x93]), msgpack.encode("emitter"), Buffer.alloc(count, Buffer.from(bytes, "hex"))]);
const good = msgpack.encode(["emitter", packet(), options]);

const junk = {
  "nothing": [Buffer.alloc(0)],
  "not MessagePack": [Buffer.from("hello"), Buffer.from("{"), Buffer.from("{}"), Buffer.from([0xc1]), Buffer.alloc(1000, 0xff)],
  "every truncation": Array.from({ length: good.length }, (_, length) => good.subarray(0, length)),
  "not a message": [null, true, 1, "text", [], {}, [null], ["emitter"], ["emitter", packet()], ["emitter", null, options], ["emitter", [], options], ["emitter", packet(), null]].map((value) => msgpack.encode(value)),
  "lengths beyond the end": ["c9ffffffff00", "c6ffffffff", "dbffffffff", "ddffffffff", "dfffffffff", "93a7656d6974746572c9ffffffff01", "93a7656d6974746572ddffffffff", "93a7656d6974746572dfffffffff"].map((hex) => Buffer.from(hex, "hex")),
  "100,000 levels": [nested("91", 100_000), nested("81a161", 100_000), Buffer.alloc(100_000, 0x91)],
  "packets that are no events": [0, 1, 3, 4, 6, 7, -1, "2", null, 2.5].map((type) => msgpack.encode(["emitter", packet(["news", "bad"], type), options])),
  "data that is no event": [null, {}, "news", 1, [], [null], [{}], [[]], [true]].map((data) => msgpack.encode(["emitter", packet(data), options])),
  "reserved events": ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map((name) => msgpack.encode(["emitter", packet([name, "bad"]), options])),
  "options of wrong types": [{ rooms: "a" }, { rooms: 1 }, { rooms: { a: 1 } }, { rooms: [null] }, { rooms: [[]] }, { rooms: [], except: "a" }, { rooms: [], except: 1 }].map((bad) => msgpack.encode(["emitter", packet(), bad])),
};

test("junk on the channels is dropped and counted", { skip: ours !== "ours" }, async (t) => {
  const { redis, members, senders } = await startCluster(t, [ours, ours]);
  const publisher = await redis.client(t);
  const emitter = new Emitter(publisher);
  const malformed = async () => (await ctl(senders[0].socket, "stats")).malformed;

  for (const [what, messages] of Object.entries(junk))
    await t.test(what, async () => {
      forget(members);
      const before = await malformed();
      for (const message of messages) {
        await publisher.publish("socket.io#/#", message);
        await publisher.publish(`socket.io#/#${members[0].socket.id}#`, message);
      }
      emitter.emit("news", what);
      for (const { news } of members) assert.deepEqual(await news.marked(what), [[what]]);
      assert.equal((await malformed()) - before, 2 * messages.length);
    });

  await t.test("on the channels of requests and responses", async () => {
    forget(members);
    const messages = Object.values(junk).flat();
    const before = await ctl(senders[0].socket, "stats");
    for (const channel of ["socket.io-request#/#", "socket.io-response#/#"])
      for (const message of messages) await publisher.publish(channel, message);
    emitter.emit("news", "end");
    for (const { news } of members) assert.deepEqual(await news.marked("end"), [["end"]]);
    const after = await ctl(senders[0].socket, "stats");
    assert.equal(after.malformed - before.malformed, messages.length);
    assert.equal(after.elsewhere - before.elsewhere, messages.length); // nothing was asked: they are not read
  });

  await t.test("faults in good messages", async () => {
    const message = msgpack.encode(["emitter", packet(["other", { a: [1, 2.5, null, new Date(5)], b: Buffer.from("x") }]), { rooms: ["r"], except: ["e"], flags: { volatile: true } }]);
    for (const faulty of mutations(message, 3000)) publisher.publish("socket.io#/#", faulty);
    emitter.emit("news", "end of faults");
    for (const { news } of members) await news.marked("end of faults");
    forget(members);
  });

  await t.test("a packet of type 5 is one of type 2", async () => {
    forget(members);
    await publisher.publish("socket.io#/#", msgpack.encode(["emitter", packet(["news", "old", Buffer.from([1, 2])], 5), { rooms: [], flags: {} }]));
    for (const { news } of members) assert.deepEqual((await news.marked("old")).flat().map(plain), ["old", "\u0001\u0002"]);
  });

  await t.test("a fourth element, as old nodes send it, is no harm", async () => {
    forget(members);
    await publisher.publish("socket.io#/#", msgpack.encode(["old", packet(["news", "four"]), options, true]));
    for (const { news } of members) assert.deepEqual(await news.marked("four"), [["four"]]);
  });

  await t.test("integers of 2^64 and more come as numbers", async () => {
    forget(members);
    const message = Buffer.from(good.toString("latin1").replace("\xa3bad", "\xcb\x43\xf0\0\0\0\0\0\0"), "latin1");
    await publisher.publish("socket.io#/#", message);
    for (const { news } of members) assert.deepEqual(await news.marked(2 ** 64), [[2 ** 64]]);
  });
});
