// The client that the server serves is the official one, byte for byte.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { ask, connect } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";

const files = path.dirname(createRequire(import.meta.url).resolve("socket.io-client/dist/socket.io.js"));
const names = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"].flatMap((name) => [name, `${name}.map`]);

for (const kind of kinds) {
  test(`${kind}: client files`, async (t) => {
    const node = await startNode(t, kind);
    const get = (name, options) => fetch(`${node.url}/socket.io/${name}`, options);

    for (const name of names)
      await t.test(name, async () => {
        const response = await get(name);
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), `application/${name.endsWith(".map") ? "json" : "javascript"}; charset=utf-8`);
        assert.equal(response.headers.get("cache-control"), "public, max-age=0");
        assert(Buffer.from(await response.arrayBuffer()).equals(readFileSync(path.join(files, name))));

        const etag = response.headers.get("etag");
        assert.match(etag, /^"[^"]+"$/);
        for (const known of [etag, `W/${etag}`]) {
          const again = await get(name, { headers: { "if-none-match": known } });
          assert.deepEqual([again.status, await again.text()], [304, ""]);
        }
        const other = await get(name, { headers: { "if-none-match": '"other"' } });
        assert.equal(other.status, 200);
        await other.arrayBuffer();
      });

    await t.test("a query does not matter", async () => {
      const response = await get("socket.io.js?v=1");
      assert.equal((await response.text()).length, readFileSync(path.join(files, "socket.io.js"), "utf8").length);
    });

    if (kind === "ours") {
      for (const name of ["socket.io.cjs", "package.json", "..%2fpackage.json", "%2e%2e/package.json", "socket.io.js/", "socket.io.js%00", "socket.io.j", "socket.io.js.map.map"])
        await t.test(`${name} is not served`, async () => {
          const response = await get(name);
          assert(response.status >= 400, `${response.status}`);
          assert.doesNotMatch(await response.text(), /"name"|function/);
        });
      await t.test("HEAD has no body", async () => {
        const response = await get("socket.io.js", { method: "HEAD", headers: { "accept-encoding": "identity" } });
        assert.deepEqual([response.status, await response.text()], [200, ""]);
        assert.equal(Number(response.headers.get("content-length")), readFileSync(path.join(files, "socket.io.js")).length);
      });
    }

    await t.test("several requests on one connection", async () => {
      const bodies = await Promise.all(Array.from({ length: 20 }, async () => (await get("socket.io.min.js")).text()));
      assert.equal(new Set(bodies).size, 1);
    });
  });

  test(`${kind}: --path moves the files too`, async (t) => {
    const node = await startNode(t, kind, "--path", "/moved");
    assert.equal((await fetch(`${node.url}/moved/socket.io.js`)).status, 200);
    assert.equal((await fetch(`${node.url}/socket.io/socket.io.js`)).status, 404);
  });

  test(`${kind}: --no-serve-client`, async (t) => {
    const node = await startNode(t, kind, "--no-serve-client");
    for (const name of names) assert((await fetch(`${node.url}/socket.io/${name}`)).status >= 400);
    assert.deepEqual(await ask(await connect(t, node), "echo", 1), [1]);
  });
}
