// Official clients in Chromium by https: over HTTP/1.1 and HTTP/2, from a node and through proxies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { certificates } from "../interop/lib/certificates.js";
import { connect, eventually } from "../interop/lib/clients.js";
import { kinds, ours, startNode } from "../interop/lib/node.js";
import { startHaproxy, startNginx, without } from "../interop/lib/proxies.js";
import { startBrowser } from "./browser.js";
import { builds, conversation, openPage, overs } from "./page.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };

// What the page has made its requests by, and what its WebSockets were answered: 101, or 200 within HTTP/2.
async function watch(page) {
  const session = await page.context().newCDPSession(page);
  const statuses = [];
  session.on("Network.webSocketHandshakeResponseReceived", ({ response }) => statuses.push(response.status));
  await session.send("Network.enable");
  const protocols = () => page.evaluate(() => [...new Set(performance.getEntriesByType("resource").map((entry) => entry.nextHopProtocol))]);
  return { statuses, protocols };
}

async function talk(t, server, control, { protocol, status }) {
  const browser = await startBrowser(t, { ignoreHTTPSErrors: true });
  const page = await openPage(t, browser, server, builds[4]);
  const { statuses, protocols } = await watch(page);
  for (const [over, options] of Object.entries(overs)) await conversation(t, page, server, control, options, over);
  assert.deepEqual(await protocols(), [protocol]);
  await eventually("both WebSockets are told of", () => statuses.length >= 2);
  assert.deepEqual(statuses, [status, status]);
}

// With HTTP/2 the node offers WebSockets within it (RFC 8441), and the browser takes them.
for (const [version, protocol, status, ...flags] of [["HTTP/2", "h2", 200, "--http2"], ["HTTP/1.1", "http/1.1", 101]])
  test(`ours: Chromium by ${version}`, own, async (t) => {
    const { cert, key, authority: ca } = certificates();
    const node = await startNode(t, ours, "--tls", `${cert},${key}`, ...flags);
    const server = { url: `https://${node.host}` };
    await talk(t, server, await connect(t, server, { ca }), { protocol, status });
  });

async function startBehind(t, startProxy) {
  const node = await startNode(t, ours, "--id-prefix", "a-", "--cookie", "io", "--trusted-proxies", "127.0.0.1");
  return { control: await connect(t, node), server: await startProxy(t, [node, node, node]) };
}

for (const [name, start, webSocket] of [["nginx", startNginx, 101], ["haproxy", startHaproxy, 200]])
  test(`ours: Chromium over ${name}, by HTTP/2`, { ...own, ...without(name) }, async (t) => {
    const { control, server } = await startBehind(t, start);
    await talk(t, server, control, { protocol: "h2", status: webSocket });
  });
