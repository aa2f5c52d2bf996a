// Answers to polls and the client's files are compressed as by the official server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import { connect, ctl } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { joinPolling } from "./lib/raw.js";
import { request as httpRequest } from "./lib/tls.js";

// fetch would decompress.
function get(node, path, accept) {
  const answer = new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port: node.port, path, headers: accept === undefined ? {} : { "accept-encoding": accept } }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    }).on("error", reject).end();
  });
  return within(answer, path);
}

const decode = { gzip: gunzipSync, deflate: inflateSync, undefined: (body) => body };

const accepted = {
  "gzip, deflate, br": "gzip",
  "deflate, gzip": "deflate",
  "gzip;q=0.5, deflate;q=0.8": "deflate",
  "gzip;q=0": undefined,
  "*": "gzip",
  identity: undefined,
  br: undefined,
  "": undefined,
};

async function poll(node, text, accept) {
  const polling = await joinPolling(node);
  const waiting = get(node, `/socket.io/?EIO=4&transport=polling&sid=${polling.sid}`, accept);
  await (await polling.post(`42["echo",${JSON.stringify(text)}]`)).text();
  const { status, headers, body } = await waiting;
  assert.equal(status, 200);
  return { headers, text: decode[headers["content-encoding"]](body).toString(), size: body.length };
}

for (const kind of kinds) {
  test(`${kind}: polls from 1024 bytes on are compressed`, async (t) => {
    const node = await startNode(t, kind);
    const long = "äb".repeat(5000);
    for (const [accept, encoding] of Object.entries(accepted)) {
      const { headers, text, size } = await poll(node, long, accept);
      assert.equal(headers["content-encoding"], encoding, accept);
      assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(text, `42["echo","${long}"]`);
      assert(encoding ? size < 1000 : size > 10_000);
    }
    const around = "42[\"echo\",\"\"]".length;
    assert.equal((await poll(node, "x".repeat(1023 - around), "gzip")).headers["content-encoding"], undefined);
    assert.equal((await poll(node, "x".repeat(1024 - around), "gzip")).headers["content-encoding"], "gzip");
  });

  test(`${kind}: compress(false) is honoured`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);
    for (const [flags, encoding] of [[{}, "gzip"], [{ compress: false }, undefined], [{ compress: true }, "gzip"]]) {
      const polling = await joinPolling(node);
      const waiting = get(node, `/socket.io/?EIO=4&transport=polling&sid=${polling.sid}`, "gzip");
      await ctl(control, "emit", { event: "news", args: ["x".repeat(2000)], rooms: [polling.id], flags });
      const { headers, body } = await waiting;
      assert.equal(headers["content-encoding"], encoding);
      assert.equal(decode[encoding](body).toString(), `42["news","${"x".repeat(2000)}"]`);
    }
  });

  test(`${kind}: the client's files are compressed`, async (t) => {
    const node = await startNode(t, kind);
    const plain = await get(node, "/socket.io/socket.io.js");
    for (const [accept, encoding] of Object.entries({ gzip: "gzip", deflate: "deflate", "gzip;q=0.1, deflate;q=0.2": "deflate", identity: undefined, "*;q=0": undefined }))
      for (let round = 0; round < 2; round++) {
        const { headers, body } = await get(node, "/socket.io/socket.io.js", accept);
        assert.equal(headers["content-encoding"], encoding, accept);
        assert.equal(headers.etag, plain.headers.etag);
        assert.equal(headers["content-type"], plain.headers["content-type"]);
        assert(decode[encoding](body).equals(plain.body));
        assert(encoding ? body.length < plain.body.length / 3 : body.length === plain.body.length);
      }
  });
}

test("ours: what is beyond all measure goes out as it is", { skip: !kinds.includes("ours") }, async (t) => {
  const node = await startNode(t, ours, "--max-payload", "4000000");
  const text = "x".repeat(1024 * 1024 + 1);
  const { headers, size } = await poll(node, text, "gzip");
  assert.equal(headers["content-encoding"], undefined);
  assert(size > text.length);
});

test("ours: caches keep encodings apart", { skip: !kinds.includes("ours") }, async (t) => {
  const node = await startNode(t, ours);
  assert.equal((await get(node, "/socket.io/socket.io.js", "gzip")).headers.vary, "Accept-Encoding");
});
