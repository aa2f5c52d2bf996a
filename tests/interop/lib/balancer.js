// A balancer as small as one can be: a connection goes to the first node that takes it, one with a session's id to
// the node that gave it out.
import { once } from "node:events";
import { later } from "./later.js";
import { dial, dialled, serve, urlOf } from "./tls.js";

function relay(client, upstream, first, note) {
  upstream.write(first);
  client.on("error", () => upstream.destroy()).pipe(upstream);
  upstream.on("error", () => client.destroy()).pipe(client);
  upstream.on("data", (bytes) => {
    for (const [, sid] of bytes.toString("latin1").matchAll(/0\{"sid":"([^"]+)"/g)) note(sid);
  });
}

// `nodes` in the order in which they are tried for new sessions; it may be changed meanwhile.
export async function startBalancer(t, nodes) {
  const owners = new Map();
  const open = new Set();
  const tryNext = (client, first, [node, ...others]) => {
    const upstream = dial({ port: node.port, host: "127.0.0.1" });
    upstream.once("error", () => (others.length > 0 ? tryNext(client, first, others) : client.destroy()));
    upstream.once(dialled, () => {
      upstream.removeAllListeners("error");
      relay(client, upstream, first, (sid) => owners.set(sid, node));
    });
  };
  const server = serve((client) => {
    open.add(client.on("close", () => open.delete(client)).on("error", () => {}));
    client.once("data", (first) => {
      client.pause();
      const sid = /[?&]sid=([\w-]+)/.exec(first.toString("latin1"))?.[1];
      tryNext(client, first, owners.has(sid) ? [owners.get(sid)] : nodes);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  later(t, () => {
    server.close();
    open.forEach((client) => client.destroy());
  });
  return { nodes, url: urlOf(`127.0.0.1:${server.address().port}`) };
}
