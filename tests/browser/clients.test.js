// The official clients of every version and in every build, in a real browser, by each transport.
import assert from "node:assert/strict";
import { test } from "node:test";
import parser from "socket.io-msgpack-parser";
import { ask, connect, reasonOf } from "../interop/lib/clients.js";
import { kinds, startNode } from "../interop/lib/node.js";
import { startBrowser } from "./browser.js";
import { builds, bytes, conversation, dial, openPage, overs } from "./page.js";

for (const kind of kinds)
  test(`${kind}: official clients in Chromium`, async (t) => {
    const flags = ["--allow-eio3", "--ping-interval", "1000"];
    const nodes = { false: await startNode(t, kind, ...flags), true: await startNode(t, kind, ...flags, "--parser", "msgpack") };
    const controls = { false: await connect(t, nodes.false), true: await connect(t, nodes.true, { parser }) };
    const browser = await startBrowser(t);
    for (const [name, build] of Object.entries(builds))
      await t.test(name, async (t) => {
        const node = nodes[Boolean(build.msgpack)];
        const page = await openPage(t, browser, node, build);
        for (const [over, options] of Object.entries(build.overs))
          await t.test(over, (t) => conversation(t, page, node, controls[Boolean(build.msgpack)], options, over));
      });

    await t.test("a page that is closed", async (t) => {
      const page = await openPage(t, browser, nodes.false, builds[4]);
      const { id } = await page.evaluate(dial, { url: nodes.false.url, options: overs.websocket });
      await page.close();
      assert.equal(await reasonOf(controls.false, id), "transport close");
    });

    await t.test("a page of another origin, with a cookie", async (t) => {
      const other = await startNode(t, kind, "--cors", nodes.false.url, "--cookie", "lb");
      const page = await openPage(t, browser, nodes.false, builds[4]);
      for (const over of ["polling", "upgrade"]) {
        await page.evaluate(dial, { url: other.url, options: { ...overs[over], withCredentials: true }, upgrade: over === "upgrade" });
        assert.deepEqual(await page.evaluate(() => asked(socket, "echo", Uint8Array.from([1]))), [bytes(1)]);
      }
      const stranger = await startNode(t, kind);
      await assert.rejects(page.evaluate(dial, { url: stranger.url, options: overs.polling }), /connect_error: xhr poll error/);
      assert.deepEqual(await ask(await connect(t, other), "echo", 1), [1]);
    });
  });
