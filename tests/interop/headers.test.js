// Header lines that an application adds: the hooks of ours, and the events of the official server, asked the same.
import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { Server } from "socket.io";
import { later } from "./lib/later.js";
import { startLife } from "./lib/life.js";

const watched = ["x-initial", "x-each", "cache-control", "access-control-allow-origin", "x-xss-protection"];

async function startReference(t) {
  const http = createServer();
  const io = new Server(http, { cors: { origin: ["http://page"] } });
  later(t, () => io.close());
  io.engine.on("initial_headers", (headers) => (headers["X-Initial"] = "yes"));
  io.engine.on("headers", (headers, req) => {
    headers["X-Each"] = req.method;
    delete headers["cache-control"];
    headers["Cache-Control"] = "private";
    headers["Access-Control-Allow-Origin"] = "http://chosen";
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  return { port: http.address().port };
}

const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };

// One request; what of its answer these hooks decide, each name with all its values.
async function ask(port, { query, method = "GET", headers = {}, body }) {
  const req = httpRequest({ port, host: "127.0.0.1", path: `/socket.io/?${query}`, method, agent: false, headers: { Origin: "http://page", ...headers } }).end(body);
  const answer = await new Promise((resolve, reject) => {
    req.on("error", reject);
    req.on("response", (res) => {
      const chunks = [];
      res.on("data", (chunk) => chunks.push(chunk)).on("end", () => resolve([res, Buffer.concat(chunks).toString()]));
    });
    req.on("upgrade", (res, socket) => (socket.on("error", () => {}), socket.destroy(), resolve([res, ""])));
  });
  const [{ statusCode, rawHeaders }, text] = answer;
  const lines = {};
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (watched.includes(rawHeaders[i].toLowerCase())) (lines[rawHeaders[i].toLowerCase()] ??= []).push(rawHeaders[i + 1]);
  return { statusCode, lines, text };
}

async function dialogue({ port }) {
  const polling = "EIO=4&transport=polling";
  const first = await ask(port, { query: polling, headers: { "User-Agent": "x;MSIE" } });
  const sid = /"sid":"([^"]+)"/.exec(first.text)[1];
  const post = await ask(port, { query: `${polling}&sid=${sid}`, method: "POST", body: "40" });
  const poll = await ask(port, { query: `${polling}&sid=${sid}` });
  const probe = await ask(port, { query: `EIO=4&transport=websocket&sid=${sid}`, headers: upgrade });
  const websocket = await ask(port, { query: "EIO=4&transport=websocket", headers: upgrade });
  const preflight = await ask(port, { query: polling, method: "OPTIONS" });
  const refused = await ask(port, { query: `${polling}&sid=none` });
  const all = { first, post, poll, probe, websocket, preflight, refused };
  return Object.fromEntries(Object.entries(all).map(([name, { statusCode, lines }]) => [name, { statusCode, lines }]));
}

test("the same answers have the same lines as those of the official server", async (t) => {
  const [ours, theirs] = [await startLife(t, "--port", "0", "--headers"), await startReference(t)];
  const [is, expected] = [await dialogue(ours), await dialogue(theirs)];
  assert.deepEqual(is, expected);
  assert.deepEqual(is.first.lines["x-initial"], ["yes"]);
  assert.deepEqual(is.poll.lines["cache-control"], ["private"]);
  assert.equal(is.poll.lines["x-initial"], undefined);
  assert.deepEqual(is.websocket.lines["x-initial"], ["yes"]);
  assert.deepEqual(is.probe.lines["x-each"], ["GET"]);
});
