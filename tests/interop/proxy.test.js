// Official clients behind proxies: the address that the node has for them.
import { once } from "node:events";
import { connect as dial, createServer } from "node:net";
import { test } from "node:test";
import { connect, eventually } from "./lib/clients.js";
import { later } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { urlOf } from "./lib/tls.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
process.env.SIO_LOG = "engine";

// A proxy that says where its client is, then hands bytes on.
async function startProxy(t, node, header) {
  const server = createServer((client) => {
    const up = dial(node.port, "127.0.0.1");
    const end = () => (client.destroy(), up.destroy());
    for (const socket of [client, up]) socket.on("error", end).on("close", end);
    up.write(header);
    client.pipe(up).pipe(client);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  later(t, () => server.close());
  return { url: urlOf(`127.0.0.1:${server.address().port}`) };
}

const came = (node, over, address) =>
  eventually(`a client from ${address}`, () => node.log.includes(`opened by ${over}, revision 4, from "${address}"`));

for (const over of ["websocket", "polling"])
  test(`ours: a client by ${over} through a proxy that says X-Forwarded-For`, own, async (t) => {
    const node = await startNode(t, ours, "--trusted-proxies", "127.0.0.1");
    await connect(t, node, { over, extraHeaders: { "X-Forwarded-For": "198.51.100.7, 192.0.2.1" } });
    await came(node, over, "192.0.2.1");
  });

test("ours: nobody is believed whom nobody trusts", own, async (t) => {
  const node = await startNode(t, ours);
  await connect(t, node, { extraHeaders: { "X-Forwarded-For": "192.0.2.1" } });
  await came(node, "websocket", "127.0.0.1");
});

const version2 = Buffer.concat([Buffer.from("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "latin1"), Buffer.from([192, 0, 2, 2, 10, 0, 0, 1, 1, 2, 0, 80])]);
for (const over of ["websocket", "polling", "upgrade"])
  for (const [version, header, address] of [[1, "PROXY TCP6 2001:db8::1 ::1 4711 80\r\n", "2001:db8::1"], [2, version2, "192.0.2.2"]])
    test(`ours: a client by ${over} through the PROXY protocol ${version}`, own, async (t) => {
      const node = await startNode(t, ours, "--trusted-proxies", "127.0.0.1", "--proxy-protocol");
      const proxy = await startProxy(t, node, header);
      await connect(t, proxy, { over });
      await came(node, over === "websocket" ? over : "polling", address);
    });
