// Cross-site WebSocket hijacking: a browser opens a WebSocket for any page, with its user's cookies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "./lib/clients.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { openPolling, openTcp, upgradeRequest } from "./lib/raw.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
const checked = ["--cors", "https://app.example,*.friends.example", "--check-origin"];

async function statusOf(t, node, origin, query) {
  const socket = await openTcp(t, node);
  socket.write(upgradeRequest(query, origin ? `Origin: ${origin}\r\n` : ""));
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await socket.has(/\r\n\r\n/))[1]);
}

test("ours: only pages of allowed origins open a WebSocket", own, async (t) => {
  const node = await startNode(t, ours, ...checked);
  for (const origin of ["https://app.example", "https://a.friends.example", "http://localhost", undefined])
    assert.equal(await statusOf(t, node, origin), 101, origin);
  for (const origin of ["https://evil.example", "https://app.example.evil", "http://app.example", "null", "https://friends.example"])
    assert.equal(await statusOf(t, node, origin), 403, origin);
});

test("ours: nor do they take over the polling of another page", own, async (t) => {
  const node = await startNode(t, ours, ...checked);
  const { sid } = await openPolling(node);
  assert.equal(await statusOf(t, node, "https://evil.example", `EIO=4&transport=websocket&sid=${sid}`), 403);
  assert.equal(await statusOf(t, node, "https://app.example", `EIO=4&transport=websocket&sid=${sid}`), 101);
});

test("ours: a script of another page reads no JSONP", own, async (t) => {
  const node = await startNode(t, ours, ...checked);
  const url = `${node.url}/socket.io/?EIO=4&transport=polling&j=0`;
  assert.equal((await fetch(url)).status, 403);
  const open = await startNode(t, ours);
  assert.equal((await fetch(url.replace(node.url, open.url))).status, 200);
});

for (const kind of kinds)
  test(`${kind}: without the option a list for CORS does not hold for WebSockets`, async (t) => {
    const node = await startNode(t, kind, "--cors", "https://app.example");
    assert.equal(await statusOf(t, node, "https://evil.example"), 101);
  });

for (const over of ["websocket", "polling", "upgrade"])
  test(`ours: official clients by ${over}, of an allowed page and of none`, own, async (t) => {
    const node = await startNode(t, ours, ...checked);
    await connect(t, node, { over, extraHeaders: { Origin: "https://app.example" } });
    await connect(t, node, { over });
    if (over === "websocket")
      await assert.rejects(connect(t, node, { over, extraHeaders: { Origin: "https://evil.example" } }));
  });
