// The same odd requests to ours and to the official server: statuses, bodies and headers are those of the official one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, connect } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { kinds, startNode } from "./lib/node.js";
import { openPolling, openTcp, upgradeRequest } from "./lib/raw.js";
import { request as httpRequest } from "./lib/tls.js";

const told = ["content-type", "content-encoding", "vary", "x-xss-protection", "cache-control", "set-cookie", "allow"];

// One request as it is, without what fetch adds. Of the answer: status, body, and the headers that matter.
function send(node, path, { method = "GET", headers = {}, body } = {}) {
  const answer = new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port: node.port, path, method, headers: { connection: "close", ...headers } }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const kept = Object.entries(response.headers).filter(([name]) => told.includes(name) || name.startsWith("access-control-"));
        resolve({ status: response.statusCode, headers: Object.fromEntries(kept), body: Buffer.concat(chunks).toString("latin1") });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
  return within(answer, `${method} ${path}`);
}

// Ids and what depends on time differ by right.
const normal = ({ status, headers, body }) => JSON.parse(JSON.stringify({ status, headers, body }).replaceAll(/(sid\\":\\"|io=|lb=)[\w-]{20}/g, "$1SID"));

const engine = "/socket.io/";
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];
const queries = {
  "no query": "",
  "no transport": "?EIO=4",
  "another transport": "?EIO=4&transport=carrier-pigeon",
  "a transport of Object": "?EIO=4&transport=constructor",
  "webtransport": "?EIO=4&transport=webtransport",
  "a handshake": "?EIO=4&transport=polling",
  "a handshake by WebSocket": "?EIO=4&transport=websocket",
  "revision 3": "?EIO=3&transport=polling",
  "no revision": "?transport=polling",
  "an unknown session": "?EIO=4&transport=polling&sid=none",
  "a session of Object": "?EIO=4&transport=polling&sid=constructor",
  "an unknown session by WebSocket": "?EIO=4&transport=websocket&sid=none",
};
const headers = {
  "no headers": {},
  "an origin": { origin: "http://page.example" },
  "another origin": { origin: "http://stranger.example" },
  "an odd origin": { origin: "null" },
  "a preflight": { origin: "http://page.example", "access-control-request-method": "POST", "access-control-request-headers": "x-one, x-two" },
  "an old browser": { "user-agent": "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko" },
  "an older browser": { "user-agent": "Mozilla/8.0 (compatible;MSIE 9.0)" },
};

async function oddRequests(node) {
  const answers = {};
  for (const [what, query] of Object.entries(queries))
    for (const method of methods)
      for (const [extra, fields] of Object.entries(headers))
        answers[`${method} of ${what} with ${extra}`] = normal(await send(node, engine + query, { method, headers: fields }));
  for (const method of methods)
    for (const [extra, fields] of Object.entries(headers)) {
      const { sid } = await openPolling(node);
      const path = `${engine}?EIO=4&transport=polling&sid=${sid}`;
      if (method === "GET" || method === "POST") answers[`POST to a session with ${extra}`] = normal(await send(node, path, { method: "POST", headers: fields, body: "40" }));
      answers[`${method} of a session with ${extra}`] = method === "POST" ? undefined : normal(await send(node, path, { method, headers: fields }));
      answers[`${method} of a session by the wrong transport with ${extra}`] = normal(await send(node, path.replace("polling", "websocket"), { method, headers: fields }));
      answers[`${method} of a session of another revision with ${extra}`] = normal(await send(node, path.replace("EIO=4", "EIO=3"), { method, headers: fields }));
    }
  return answers;
}

const settings = {
  "without options": [],
  "with any origin": ["--cors", "*"],
  "with origins and a cookie": ["--cors", "http://page.example,https://other.example", "--cookie", "lb"],
  "polling only": ["--transports", "polling", "--cors", "http://page.example"],
};

if (kinds.length === 2)
  for (const [what, flags] of Object.entries(settings))
    test(`odd requests, ${what}: as the official server answers them`, async (t) => {
      const [ours, reference] = await Promise.all(kinds.map(async (kind) => oddRequests(await startNode(t, kind, ...flags))));
      assert(Object.keys(reference).length > 600);
      for (const [name, answer] of Object.entries(reference)) assert.deepEqual(ours[name], answer, name);
    });

// ---- sessions ----

const session = (sid) => `${engine}?EIO=4&transport=polling&sid=${sid}`;

// What becomes of a session that is not used as it should be: the answers, and that of the poll that follows.
const misuses = {
  "two polls at once": async (node, sid) => {
    const poll = () => send(node, session(sid), { headers: { origin: "http://page.example" } }); // alike: either may come first
    return (await Promise.all([poll(), poll()])).sort((a, b) => a.status - b.status);
  },
  "a body of bytes": async (node, sid) => [await send(node, session(sid), { method: "POST", body: "40", headers: { "content-type": "application/octet-stream", origin: "http://page.example" } })],
  "a body that is too long": async (node, sid) => [await send(node, session(sid), { method: "POST", body: "x".repeat(1001), headers: { origin: "http://page.example" } })],
  "a close packet": async (node, sid) => [await send(node, session(sid), { method: "POST", body: "1" })],
};

if (kinds.length === 2)
  test("misused sessions: as the official server answers them", async (t) => {
    const nodes = await Promise.all(kinds.map((kind) => startNode(t, kind, "--cors", "http://page.example", "--max-payload", "1000")));
    for (const [what, misuse] of Object.entries(misuses)) {
      const [ours, reference] = await Promise.all(nodes.map(async (node) => {
        const { sid } = await openPolling(node);
        return (await misuse(node, sid)).map(normal);
      }));
      assert.deepEqual(ours, reference, what);
    }
  });

const paths = ["/socket.io", "/socket.io?EIO=4&transport=polling", "/socket.io/x/y?EIO=4&transport=smoke", "/socket.i/?EIO=4&transport=polling", "/SOCKET.IO/?EIO=4&transport=polling", "//socket.io/?EIO=4&transport=polling", "/socket%2Eio/?EIO=4&transport=polling", "/x/../socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&EIO=3&transport=polling", "/socket.io/?EIO=%34&transport=%70olling", "/socket.io/?EIO=4&transport=polling%20"];

if (kinds.length === 2)
  test("paths: as the official server takes them", async (t) => {
    const nodes = await Promise.all(kinds.map((kind) => startNode(t, kind)));
    for (const path of paths) {
      const [ours, reference] = await Promise.all(nodes.map(async (node) => normal(await send(node, path))));
      assert.deepEqual(ours, reference, path);
    }
  });

// ---- requests byte by byte ----

const host = "Host: localhost\r\n";
const handshake = `${engine}?EIO=4&transport=polling`;
const last = `GET ${engine}?EIO=4&transport=last HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;
const get = (url, lines = "", version = "1.1") => `GET ${url} HTTP/${version}\r\n${host}${lines}\r\n`;
const post = (url, body, lines = "") => `POST ${url} HTTP/1.1\r\n${host}${lines}Content-Length: ${body.length}\r\n\r\n${body}`;
const many = (count) => Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join("");

// What stands before `last` on the connection; a function gets the path of a session.
const wire = {
  "HTTP/1.0 that is kept alive": get(handshake, "Connection: keep-alive\r\n", "1.0"),
  "two hosts": get(handshake, host),
  "an absolute URL": get(`http://localhost${handshake}`),
  "a URL of another host": get(`http://elsewhere.example${engine}?EIO=4&transport=x`),
  "OPTIONS of everything": `OPTIONS * HTTP/1.1\r\n${host}\r\n`,
  "methods that are rare": ["TRACE", "PROPFIND", "QUERY"].map((method) => get(handshake).replace("GET", method)).join(""),
  "a method that is none": get(handshake).replace("GET", "NONE"),
  "requests in one segment": get(`${engine}?EIO=4&transport=a`) + get(`${engine}?EIO=3&transport=polling`) + get(handshake).replace("GET", "HEAD") + get("/elsewhere") + get(handshake),
  "empty lines before a request": `\r\n\r\n${get(handshake)}`,
  "lines without CR": get(handshake).replaceAll("\r", ""),
  "HTTP/1.2": get(handshake, "", "1.2"),
  "a line that is no header": get(handshake, "what is this\r\n"),
  "a header on two lines": get(handshake, "X: a\r\n b\r\n"),
  "20,000 bytes of a header": get(handshake, `X: ${"y".repeat(20_000)}\r\n`),
  "12,000 bytes of a query": get(`${handshake}&x=${"y".repeat(12_000)}`),
  "90 headers": get(handshake, many(90)),
  "revisions": ["04", "4x", "5", "", "4.0", "%34"].map((revision) => get(`${engine}?EIO=${revision}&transport=polling`)).join(""),
  "arrays in the query": get(`${engine}?EIO[]=4&transport=polling`) + get(`${handshake}&transport=websocket`) + get(`${handshake}&sid=a&sid=b`),
  "sessions that are none": get(`${handshake}&sid=`) + get(`${handshake}&sid=__proto__`) + get(`${handshake}&sid=%00`),
  "queries of other forms": get(`${engine}?EIO=4;transport=polling`) + get(`${handshake}#fragment`) + get(`${handshake}&b64=1`),
  "a session: a chunked body with an extension and a trailer": (url) => `POST ${url} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\n4\r\n1;ext=1\r\n0\r\n0\r\nX: y\r\n\r\n`,
  "a session: JSON": (url) => post(url, "40", "Content-Type: application/json\r\n"),
  "a session: bytes with a parameter": (url) => post(url, "40", "Content-Type: application/octet-stream; x=y\r\n"),
  "a session: its id escaped": (url) => post(url.replace(/sid=(.)/, (_, first) => `sid=%${first.charCodeAt(0).toString(16)}`), "40"),
  "a session: a body that says it is compressed": (url) => post(url, "40", "Content-Encoding: gzip\r\n"),
  "a session: 100-continue": (url) => post(url, "40", "Expect: 100-continue\r\n"),
  "a session: methods": (url) => ["HEAD", "PUT", "DELETE", "PROPFIND"].map((method) => get(url).replace("GET", method)).join(""),
  "a session: the other transport without an upgrade": (url) => get(url.replace("polling", "websocket")),
};

const closing = {
  "HTTP/1.0": get(handshake, "", "1.0"),
  "HTTP/1.1 that is closed": get(handshake, "Connection: close\r\n"),
  "HTTP/2.0": get(handshake, "", "2.0"),
  "no host": get(handshake).replace(host, ""),
  "no host, by HTTP/1.0": get(handshake, "", "1.0").replace(host, ""),
};

function* responsesIn(text) {
  for (let rest = text; rest.length > 0;) {
    const [head, line, lines] = /^(HTTP\/1\.1 \d+ .*)\r\n([^]*?)\r\n\r\n|^(HTTP\/1\.1 100 Continue)\r\n\r\n/.exec(rest) ?? assert.fail(rest);
    rest = rest.slice(head.length);
    const said = Object.fromEntries((lines ?? "").split("\r\n").map((header) => header.split(/: (.*)/)).map(([name, value]) => [name.toLowerCase(), value]));
    let body = "";
    if (said["transfer-encoding"])
      for (let size = -1; size !== 0;) {
        size = parseInt(rest, 16);
        const start = rest.indexOf("\r\n") + 2;
        body += rest.slice(start, start + size);
        rest = rest.slice(start + size + 2);
      }
    else if (!rest.startsWith("HTTP/1.1 ")) body = rest.slice(0, Number(said["content-length"] ?? 0));
    if (!said["transfer-encoding"]) rest = rest.slice(body.length);
    yield { line, body: body.replace(/"sid":"[\w-]{20}"/, '"sid":"SID"'), ...Object.fromEntries(["connection", "content-type", "cache-control"].map((name) => [name, said[name]])) };
  }
}

async function exchange(t, node, bytes) {
  const socket = await openTcp(t, node);
  socket.write(bytes);
  await within(socket.gone, "the end of the connection");
  socket.destroy();
  return [...responsesIn(socket.text)];
}

if (kinds.length === 2)
  test("requests on the wire: as the official server answers them", async (t) => {
    const nodes = await Promise.all(kinds.map((kind) => startNode(t, kind)));
    const behind = Object.entries(wire).map(([what, bytes]) => [what, (url) => (typeof bytes === "string" ? bytes : bytes(url)) + last]);
    for (const [what, bytes] of [...behind, ...Object.entries(closing).map(([what, bytes]) => [what, () => bytes])])
      await t.test(what, async (t) => {
        const [ours, reference] = await Promise.all(nodes.map(async (node) =>
          exchange(t, node, bytes(`${handshake}&sid=${(await openPolling(node)).sid}`))));
        assert(reference.length > 0);
        assert.deepEqual(ours, reference);
      });
  });

// ---- upgrades ----

// What is said of the upgrade, and of the origin.
async function upgrade(t, node, query, fields = "") {
  const socket = await openTcp(t, node);
  socket.write(upgradeRequest(query, fields));
  const text = await socket.has(/\r\n\r\n/);
  const [head, rest] = text.split("\r\n\r\n");
  const [line, ...lines] = head.split("\r\n");
  const kept = lines.filter((header) => /^(access-control|vary|set-cookie|content-type)/i.test(header)).map((header) => header.toLowerCase()).sort();
  const refused = !line.includes("101");
  if (refused) await within(socket.gone, "the end of a refused upgrade");
  return { line, kept, body: refused ? socket.text.split("\r\n\r\n")[1] : rest.length >= 0 };
}

const upgrades = {
  "a session": "EIO=4&transport=websocket",
  "an unknown session": "EIO=4&transport=websocket&sid=none",
  "an unknown transport": "EIO=4&transport=webtransport",
  "no transport": "EIO=4",
};

if (kinds.length === 2)
  for (const [what, flags] of Object.entries(settings).filter(([, given]) => !given.includes("polling")))
    test(`upgrades, ${what}: as the official server answers them`, async (t) => {
      const nodes = await Promise.all(kinds.map((kind) => startNode(t, kind, ...flags)));
      for (const [name, query] of Object.entries(upgrades))
        for (const fields of ["", "Origin: http://page.example\r\n", "Origin: http://stranger.example\r\n"]) {
          const [ours, reference] = await Promise.all(nodes.map((node) => upgrade(t, node, query, fields)));
          assert.deepEqual(ours, reference, `${name} ${fields}`);
        }
    });

// ---- what they have in common, shown for each ----

for (const kind of kinds) {
  test(`${kind}: CORS for pages of two origins`, async (t) => {
    const node = await startNode(t, kind, "--cors", "http://page.example,https://other.example");
    const get = (origin, path = `${engine}?EIO=4&transport=polling`) => send(node, path, { headers: { origin } });
    for (const origin of ["http://page.example", "https://other.example"]) {
      const { status, headers: said } = await get(origin);
      assert.deepEqual([status, said["access-control-allow-origin"], said["access-control-allow-credentials"], said.vary], [200, origin, "true", "Origin"]);
    }
    for (const origin of ["https://page.example", "http://page.example:80", "http://page.example.evil", "null", "http://PAGE.example", "*"])
      assert.equal((await get(origin)).headers["access-control-allow-origin"], undefined, origin);
    assert.equal((await get("http://page.example", `${engine}socket.io.js`)).headers["access-control-allow-origin"], "http://page.example");
    assert.equal((await get("http://page.example", "/elsewhere")).headers["access-control-allow-origin"], undefined);

    const preflight = await send(node, `${engine}?EIO=4&transport=polling`, { method: "OPTIONS", headers: { origin: "http://page.example", "access-control-request-headers": "x-one" } });
    assert.deepEqual([preflight.status, preflight.body], [204, ""]);
    assert.equal(preflight.headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert.equal(preflight.headers["access-control-allow-headers"], "x-one");
    assert.equal(preflight.headers.vary, "Origin, Access-Control-Request-Headers");
  });

  test(`${kind}: a cookie with the session's id`, async (t) => {
    const node = await startNode(t, kind, "--cookie", "lb");
    const { headers: said, body } = await send(node, `${engine}?EIO=4&transport=polling`);
    const { sid } = JSON.parse(body.slice(1));
    assert.deepEqual(said["set-cookie"], [`lb=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
    const poll = send(node, `${engine}?EIO=4&transport=polling&sid=${sid}`);
    await send(node, `${engine}?EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: "40" });
    assert.equal((await poll).headers["set-cookie"], undefined);
  });

  test(`${kind}: the official client with CORS and a cookie`, async (t) => {
    const node = await startNode(t, kind, "--cors", "http://page.example", "--cookie", "lb");
    for (const over of ["polling", "websocket", "upgrade"])
      assert.deepEqual(await ask(await connect(t, node, { over, extraHeaders: { origin: "http://page.example" } }), "echo", over), [over]);
  });
}
