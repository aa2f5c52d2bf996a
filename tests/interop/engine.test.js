// Engine.IO alone: official clients of both revisions, and payloads by hand, on a server that sends every message back.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Socket as Client } from "engine.io-client";
import { later, within } from "./lib/later.js";
import { kinds, startEcho } from "./lib/node.js";
import { transports } from "./lib/clients.js";

const clients = { 4: Client, 3: createRequire(import.meta.url)("engine.io-client-v3").Socket };
const overs = Object.keys(transports);

const once = (socket, event) => within(new Promise((resolve) => socket.once(event, resolve)), `${event} of an Engine.IO client`);

async function open(t, node, revision, over, options) {
  const socket = new clients[revision](node.url, { path: "/engine.io/", transports: transports[over], ...options });
  const got = [];
  let check = () => {};
  socket.on("message", (data = "") => (got.push(data), check()));
  socket.got = (count) =>
    within(new Promise((resolve) => {
      check = () => got.length >= count && resolve(got.splice(0));
      check();
    }), `${count} messages`);
  later(t, () => socket.close());
  await once(socket, "open");
  return socket;
}

// The separator of revision 4's payloads, which nothing escapes there.
const separated = "a\x1eb";
const messages = [
  "", "hello", "4", "b", "1:4", separated, "ä ß €", "日本語", "😀 👨‍👩‍👧", "\u2028\u2029", "\u0000\u007f", "back\\slash \\n", "x".repeat(2000),
  Buffer.from([1, 2, 3, 4]), Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.alloc(2000, "0123456789"), "end",
];
const carried = (revision, over) => messages.filter((message) => message !== separated || revision === "3" || over === "websocket");

for (const kind of kinds)
  for (const revision of Object.keys(clients)) {
    test(`${kind}: revision ${revision}`, async (t) => {
      const node = await startEcho(t, kind, "--allow-eio3", "--ping-interval", "100", "--ping-timeout", "5000");

      for (const over of overs) {
        await t.test(`${over}: each message alone`, async (t) => {
          const socket = await open(t, node, revision, over);
          for (const message of carried(revision, over)) {
            socket.send(message);
            assert.deepEqual(await socket.got(1), [message]);
          }
        });

        await t.test(`${over}: all at once, while an upgrade is under way too`, async (t) => {
          const socket = await open(t, node, revision, over);
          const sent = carried(revision, over);
          const upgraded = over === "upgrade" ? once(socket, "upgrade") : undefined;
          for (const message of sent) socket.send(message);
          assert.deepEqual(await socket.got(sent.length), sent);
          await upgraded;
          for (const message of sent) socket.send(message);
          assert.deepEqual(await socket.got(sent.length), sent);
        });

        await t.test(`${over}: the heartbeat`, async (t) => {
          const socket = await open(t, node, revision, over);
          for (let beat = 0; beat < 2; beat++) await once(socket, revision === "4" ? "ping" : "pong");
          socket.send("still here");
          assert.deepEqual(await socket.got(1), ["still here"]);
        });
      }
    });
  }

// ---- by hand ----

const bodies = {
  "one packet": "4hello",
  "several packets": "4test1\x1e4test2\x1e4test3",
  "text and bytes": "4hello\x1ebAQIDBA==",
  "nothing in them": "4\x1eb\x1e4",
};

for (const kind of kinds)
  test(`${kind}: a payload comes back as it went`, async (t) => {
    const node = await startEcho(t, kind);
    const request = (sid, options) => within(fetch(`${node.url}/engine.io/?EIO=4&transport=polling${sid}`, options), "an answer");
    for (const [what, body] of Object.entries(bodies)) {
      const { sid } = JSON.parse((await (await request("")).text()).slice(1));
      const posted = await request(`&sid=${sid}`, { method: "POST", body });
      assert.deepEqual([posted.status, await posted.text()], [200, "ok"], what);
      assert.equal(await (await request(`&sid=${sid}`)).text(), body, what);
    }
  });
