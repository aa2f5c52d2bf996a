// Where nodes listen: official clients by unix sockets, and by sockets that systemd has opened.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { once } from "node:events";
import { root } from "../lib/files.js";
import { activate } from "./lib/activation.js";
import { ask, next, open } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Life, lifenode, startLife } from "./lib/life.js";

const chat = path.resolve(process.env.SIO_BUILD ?? "", "server/examples/sio-chat");

function folder(t) {
  const name = mkdtempSync(path.join(tmpdir(), "sio-test-"));
  later(t, () => rmSync(name, { recursive: true }));
  return name;
}

const byPath = (socketPath) => ({ url: "http://localhost", agent: new Agent({ socketPath }) });

async function isServed(t, where, over) {
  const { agent } = where;
  const socket = open(t, where, { over, ...(agent && { agent }) });
  const [, address] = await next(socket, "welcome");
  assert.deepEqual(await ask(socket, "echo", over), [over]);
  socket.disconnect();
  return address;
}

// The life of a program that was handed sockets; it ends with the test.
async function startActivated(t, ...details) {
  const started = await activate(...details);
  later(t, async () => {
    const { child } = started.life;
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await started.life.ended().finally(() => child.kill("SIGKILL"));
  });
  return started;
}

test("clients come by a unix socket, whose file lives as long as the node", async (t) => {
  const file = path.join(folder(t), "io.sock");
  const node = await startLife(t, "--unix", file, "--port", "0");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  for (const over of ["websocket", "polling", "upgrade"]) {
    assert.equal(await isServed(t, byPath(file), over), "unix:");
    assert.match(await isServed(t, node, over), /127\.0\.0\.1$/);
  }
  node.child.kill("SIGTERM");
  await node.ended();
  assert.equal(existsSync(file), false);
});

test("a node that was killed does not keep the next one from its unix socket", async (t) => {
  const file = path.join(folder(t), "io.sock");
  const killed = new Life(lifenode, ["--unix", file]);
  await killed.listening();
  killed.child.kill("SIGKILL");
  await killed.exited;
  assert(existsSync(file));
  await startLife(t, "--unix", file);
  assert.equal(await isServed(t, byPath(file), "websocket"), "unix:");
  const { status, stderr } = spawnSync(lifenode, ["--unix", file], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /cannot listen on unix:\S+: another process listens there/);
  await isServed(t, byPath(file), "polling");
});

test("a node takes the sockets that systemd has opened, and leaves their files", async (t) => {
  const file = path.join(folder(t), "io.sock");
  const { life, addresses } = await startActivated(t, lifenode, ["--systemd"], [{ host: "127.0.0.1", port: 0 }, { path: file }]);
  assert.equal((await life.says(/^handed in (\d+)$/))[1], "2");
  await life.listening();
  assert.equal(life.port, addresses[0].port);
  for (const over of ["websocket", "polling"]) {
    await isServed(t, life, over);
    await isServed(t, byPath(file), over);
  }
  life.child.kill("SIGTERM");
  await life.ended();
  assert(existsSync(file));
});

test("a node takes those of a name, and ignores those of another process", async (t) => {
  const both = [{ host: "127.0.0.1", port: 0 }, { host: "127.0.0.1", port: 0 }];
  const named = await startActivated(t, lifenode, ["--systemd=web"], both, { LISTEN_FDNAMES: "admin:web" });
  await named.life.says(/^handed in 1$/);
  await named.life.listening();
  assert.equal(named.life.port, named.addresses[1].port);
  await isServed(t, named.life, "websocket");

  const other = await startActivated(t, lifenode, ["--systemd", "--port", "0"], both, { LISTEN_PID: "1" });
  await other.life.says(/^handed in 0$/);
  await other.life.listening();
  assert(!other.addresses.some(({ port }) => port === other.life.port));
  await isServed(t, other.life, "websocket");
});

for (const [environment, message] of [
  [{ LISTEN_FDS: "many" }, /LISTEN_PID or LISTEN_FDS is no number/],
  [{ LISTEN_PID: "me" }, /LISTEN_PID or LISTEN_FDS is no number/],
  [{ LISTEN_FDS: "2" }, /cannot listen on descriptor 4: it is (not open|no socket)/],
])
  test(`${JSON.stringify(environment)} is an error that says so`, async () => {
    const { life } = await activate(lifenode, ["--systemd"], [{ host: "127.0.0.1", port: 0 }], environment);
    const [code] = await within(life.exited, "the end of the node");
    assert.equal(code, 1, life.log);
    assert.match(life.log, message);
  });

// ---- the units in deploy/ ----

const unit = (name) => readFileSync(path.join(root, "deploy", name), "utf8");
const values = (name, key) => [...unit(name).matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map((match) => match[1]);

test("the units of the chat: its command takes the sockets of its .socket unit", async (t) => {
  const place = folder(t);
  const [command, ...args] = values("sio-chat.service", "ExecStart")[0].split(" ");
  const streams = values("sio-chat.socket", "ListenStream");
  assert.equal(path.basename(command), "sio-chat");
  assert(streams.length > 1 && values("sio-chat.socket", "Accept").every((accept) => accept === "no"));
  const sockets = streams.map((where) => (where.startsWith("/") ? { path: path.join(place, path.basename(where)) } : { host: "127.0.0.1", port: 0 }));
  const files = ["--page", path.join(root, "server/examples/chat/index.html"), "--client-files", path.join(root, ".deps/client/node_modules/socket.io-client/dist")];
  const { life, addresses } = await startActivated(t, chat, [...args, ...files], sockets);
  await life.says(/^listening on 2 sockets that systemd has opened$/);
  for (const address of addresses) {
    const where = typeof address === "string" ? byPath(address) : { url: `http://127.0.0.1:${address.port}` };
    const socket = open(t, where, { auth: { nick: "Ada" }, ...(where.agent && { agent: where.agent }) });
    await next(socket, "welcome");
    assert.deepEqual(await ask(socket, "join", "tea"), [{ room: "tea" }]);
    const [response] = await once(get({ ...(where.agent && { agent: where.agent }), host: "127.0.0.1", port: address.port, path: "/" }), "response");
    assert.equal(response.resume().statusCode, 200);
  }
});

const systemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
test("the units of the chat: systemd has nothing to say against them", { skip: systemd ? false : "needs systemd-analyze" }, (t) => {
  const place = folder(t);
  const files = ["sio-chat.service", "sio-chat.socket"].map((name) => {
    const file = path.join(place, name);
    writeFileSync(file, unit(name).replaceAll("/usr/local/bin/sio-chat", chat));
    return file;
  });
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...files], { encoding: "utf8" });
  const ours = (stdout + stderr).split("\n").filter((line) => line.includes("sio-chat"));
  assert.deepEqual(ours, []);
  assert.equal(status, 0, stderr);
});
