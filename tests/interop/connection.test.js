// How a connection begins, stays alive and ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, join, next, open, reasonOf, transports } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { kinds, startNode } from "./lib/node.js";
import { frame, joinPolling, joinWebSocket, openPolling, openTcpWebSocket, openWebSocket, startPoll } from "./lib/raw.js";

for (const kind of kinds) {
  test(`${kind}: handshakes`, async (t) => {
    const node = await startNode(t, kind);

    for (const over of Object.keys(transports)) {
      await t.test(`by ${over}`, async (t) => {
        const socket = await connect(t, node, { over, auth: { token: "déjà vu", list: [1, { two: null }] } });
        assert.deepEqual(socket.welcome, { token: "déjà vu", list: [1, { two: null }] });
        assert.equal(socket.io.engine.transport.name, over === "polling" ? "polling" : "websocket");
        assert.match(socket.id, /^[\w-]{20}$/);
        assert.notEqual(socket.id, socket.io.engine.id);
        assert.deepEqual(await ask(socket, "echo", "there"), ["there"]);
      });
    }

    await t.test("the open packet says how the session will go", async () => {
      const { handshake } = await openPolling(node);
      const { sid, ...rest } = handshake;
      assert.match(sid, /^[\w-]{20}$/);
      assert.deepEqual(rest, { upgrades: ["websocket"], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
    });

    await t.test("a WebSocket has nothing left to upgrade to", async (t) => {
      const socket = await openWebSocket(t, node);
      assert.deepEqual(JSON.parse((await socket.next()).slice(1)).upgrades, []);
    });

    await t.test("without auth the node sees an empty object", async (t) => {
      assert.deepEqual((await connect(t, node)).welcome, {});
    });

    await t.test("an unknown namespace is refused", async (t) => {
      const [error] = await next(open(t, node, { nsp: "/nowhere" }), "connect_error");
      assert.deepEqual([error.message, error.data], ["Invalid namespace", undefined]);
    });

    for (const auth of [undefined, {}, { token: "guess" }, { token: ["secret"] }])
      await t.test(`the middleware of /auth refuses ${JSON.stringify(auth)}`, async (t) => {
        const [error] = await next(open(t, node, { nsp: "/auth", auth }), "connect_error");
        assert.deepEqual([error.message, error.data], ["not authorized", { code: 401 }]);
      });

    await t.test("the middleware of /auth lets the secret in", async (t) => {
      const socket = await connect(t, node, { nsp: "/auth", auth: { token: "secret" } });
      assert.deepEqual(socket.welcome, { token: "secret" });
    });

    await t.test("a refused namespace leaves the connection to the others", async (t) => {
      const socket = await connect(t, node);
      await next(socket.io.socket("/auth", { auth: { token: "no" } }), "connect_error");
      const custom = await join(socket, "/custom");
      assert.deepEqual(await ask(custom, "echo", 1), [1]);
      assert.deepEqual(await ask(socket, "echo", 2), [2]);
    });

    await t.test("several namespaces share one connection", async (t) => {
      const main = await connect(t, node);
      const custom = await join(main, "/custom");
      assert.notEqual(main.id, custom.id);
      const here = collect(main, "said");
      const there = collect(custom, "said");
      for (const socket of [main, custom]) await ask(socket, "join", "r");
      await ctl(main, "emit", { event: "said", args: ["main"], rooms: ["r"] });
      await ctl(main, "emit", { nsp: "/custom", event: "said", args: ["custom"], rooms: ["r"] });
      await Promise.all([here.until(1), there.until(1)]);
      assert.deepEqual([here.events, there.events], [[["main"]], [["custom"]]]);

      const { id } = custom;
      custom.disconnect();
      assert.equal(await reasonOf(main, id, "/custom"), "client namespace disconnect");
      assert.deepEqual(await ask(main, "echo", "still here"), ["still here"]);
      await next(custom.connect(), "auth");
      assert.notEqual(custom.id, id);
    });
  });

  test(`${kind}: errors of HTTP`, async (t) => {
    const node = await startNode(t, kind);
    const { sid } = await openPolling(node);
    const webSocket = await openWebSocket(t, node);
    const webSocketSid = JSON.parse((await webSocket.next()).slice(1)).sid;
    const refusals = [
      ["no transport", "GET", "EIO=4", 0, "Transport unknown"],
      ["an unknown transport", "GET", "EIO=4&transport=carrier-pigeon", 0, "Transport unknown"],
      ["a transport from the prototype", "GET", "EIO=4&transport=constructor", 0, "Transport unknown"],
      ["an unknown session", "GET", "EIO=4&transport=polling&sid=none", 1, "Session ID unknown"],
      ["an unknown session, POST", "POST", "EIO=4&transport=polling&sid=none", 1, "Session ID unknown"],
      ["a handshake by POST", "POST", "EIO=4&transport=polling", 2, "Bad handshake method"],
      ["a handshake by PUT", "PUT", "EIO=4&transport=polling", 2, "Bad handshake method"],
      ["a WebSocket without an upgrade", "GET", "EIO=4&transport=websocket", 3, "Bad request"],
      ["a poll of a session by WebSocket", "GET", `EIO=4&transport=polling&sid=${webSocketSid}`, 3, "Bad request"],
      ["another revision for the session", "GET", `EIO=3&transport=polling&sid=${sid}`, 3, "Bad request"],
      ["revision 3", "GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"],
      ["no revision", "GET", "transport=polling", 5, "Unsupported protocol version"],
    ];
    for (const [what, method, query, code, message] of refusals)
      await t.test(`${what}: ${code}`, async () => {
        const response = await fetch(`${node.url}/socket.io/?${query}`, { method });
        assert.deepEqual([response.status, response.headers.get("content-type"), await response.json()],
          [400, "application/json", { code, message }]);
      });

    await t.test("another path: 404", async () => {
      assert.equal((await fetch(`${node.url}/elsewhere`)).status, 404);
    });

    await t.test("two polls at once end the session", async () => {
      const polling = await joinPolling(node);
      const first = polling.request();
      const second = await eventually("the polls overlap", async () => {
        const response = await polling.request();
        return response.status === 400 && response;
      });
      assert.equal(second.status, 400);
      await (await first).text();
      assert.equal((await polling.request()).status, 400);
    });

    await t.test("a binary body is refused", async () => {
      const polling = await openPolling(node);
      const headers = { "content-type": "application/octet-stream" };
      assert.equal((await polling.request({ method: "POST", body: "40", headers })).status, 400);
    });

    await t.test("a WebSocket for an unknown session", async (t) => {
      await assert.rejects(openWebSocket(t, node, "none"));
    });

    await t.test("headers of an answer to a poll", async () => {
      const response = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`);
      assert.deepEqual(["content-type", "cache-control"].map((name) => response.headers.get(name)), ["text/plain; charset=UTF-8", "no-store"]);
      const { sid } = JSON.parse((await response.text()).slice(1));
      const posted = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: "40" });
      assert.deepEqual([posted.status, posted.headers.get("content-type"), await posted.text()], [200, "text/html", "ok"]);
    });
  });

  test(`${kind}: options`, async (t) => {
    await t.test("--path, --transports websocket", async (t) => {
      const node = await startNode(t, kind, "--path", "/else/where", "--transports", "websocket");
      const socket = await connect(t, node, { path: "/else/where" });
      assert.deepEqual(await ask(socket, "echo", 1), [1]);
      const response = await fetch(`${node.url}/else/where/?EIO=4&transport=polling`);
      assert.deepEqual(await response.json(), { code: 0, message: "Transport unknown" });
      assert.equal((await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`)).status, 404);
    });

    await t.test("--transports polling offers no upgrade", async (t) => {
      const node = await startNode(t, kind, "--transports", "polling");
      const { handshake } = await openPolling(node);
      assert.deepEqual((await fetch(`${node.url}/socket.io/?EIO=4&transport=websocket`)).status, 400);
      if (kind === "ours") assert.deepEqual(handshake.upgrades, []);
    });

    await t.test("--no-upgrades keeps a polling client polling", async (t) => {
      const node = await startNode(t, kind, "--no-upgrades");
      assert.deepEqual((await openPolling(node)).handshake.upgrades, []);
      const socket = open(t, node, { over: "upgrade" });
      await next(socket, "auth");
      assert.deepEqual(await ask(socket, "echo", 1), [1]);
      assert.equal(socket.io.engine.transport.name, "polling");
    });

    await t.test("intervals stand in the open packet", async (t) => {
      const node = await startNode(t, kind, "--ping-interval", "1234", "--ping-timeout", "5678", "--max-payload", "910");
      const { sid, ...rest } = (await openPolling(node)).handshake;
      assert.deepEqual(rest, { upgrades: ["websocket"], pingInterval: 1234, pingTimeout: 5678, maxPayload: 910 });
    });
  });

  test(`${kind}: --max-payload`, async (t) => {
    const node = await startNode(t, kind, "--max-payload", "1000");
    const control = await connect(t, node);
    const event = (size) => `42${JSON.stringify(["echo", "x".repeat(size - 13)])}`;

    await t.test("a WebSocket message of exactly that size passes, one byte more is 1009", async (t) => {
      const socket = await joinWebSocket(t, node);
      assert.equal(event(1000).length, 1000);
      socket.send(event(1000));
      assert.equal(await socket.next(), event(1000));
      socket.send(event(1001));
      assert.equal(await within(socket.closed, "the close"), 1009);
      assert.equal(await reasonOf(control, socket.id), "transport error");
    });

    await t.test("a POST of exactly that size passes, one byte more is 413", async () => {
      const polling = await joinPolling(node);
      assert.equal((await polling.post(event(1000))).status, 200);
      assert.equal(await polling.next(), event(1000));
      assert.equal((await polling.post(event(1001))).status, 413);
    });
  });

  test(`${kind}: heartbeats`, async (t) => {
    // who answers has so much time that a busy machine is in time; the others are waited for
    const node = await startNode(t, kind, "--ping-interval", "200", "--ping-timeout", "20000");
    const hasty = await startNode(t, kind, "--ping-interval", "200", "--ping-timeout", "1000");

    await Promise.all([
      t.test("a WebSocket that does not answer is closed for ping timeout", async (t) => {
        const socket = await joinWebSocket(t, hasty);
        assert.equal(await socket.next(), "2");
        await within(socket.closed, "the close");
        assert.equal(await reasonOf(await connect(t, hasty), socket.id), "ping timeout");
      }),
      t.test("a polling client that does not answer is closed for ping timeout", async (t) => {
        const polling = await joinPolling(hasty);
        assert.equal(await polling.next(), "2");
        await eventually("the session ends", async () => (await polling.request()).status === 400);
        assert.equal(await reasonOf(await connect(t, hasty), polling.id), "ping timeout");
        const response = await polling.request();
        assert.deepEqual([response.status, await response.json()], [400, { code: 1, message: "Session ID unknown" }]);
      }),
      t.test("who answers stays", async (t) => {
        const socket = await joinWebSocket(t, node);
        for (let round = 0; round < 4; round++) {
          assert.equal(await socket.next(), "2");
          socket.send("3");
        }
        socket.send('42["echo",1]');
        let packet;
        while ((packet = await socket.next()) === "2") socket.send("3");
        assert.equal(packet, '42["echo",1]');
      }),
      t.test("official clients stay, by each transport", async (t) => {
        const sockets = await Promise.all(Object.keys(transports).map((over) => connect(t, node, { over })));
        const pings = sockets.map((socket) => collect(socket.io, "ping").until(3));
        await Promise.all(pings);
        for (const socket of sockets) assert.deepEqual(await ask(socket, "echo", 1), [1]);
      }),
    ]);

    await t.test("a ping from the client is an error", async (t) => {
      const socket = await joinWebSocket(t, node);
      socket.send("2");
      await within(socket.closed, "the close");
      assert.equal(await reasonOf(await connect(t, node), socket.id), "transport error");
    });
  });

  test(`${kind}: a silent node is noticed by its clients`, async (t) => {
    const node = await startNode(t, kind, "--ping-interval", "200", "--ping-timeout", "1500");
    const sockets = await Promise.all(["websocket", "polling"].map((over) => connect(t, node, { over })));
    const gone = sockets.map((socket) => next(socket, "disconnect"));
    node.child.kill("SIGSTOP");
    try {
      for (const [reason] of await Promise.all(gone)) assert.equal(reason, "ping timeout");
    } finally {
      node.child.kill("SIGCONT");
    }
  });

  test(`${kind}: --upgrade-timeout`, async (t) => {
    const node = await startNode(t, kind, "--upgrade-timeout", "200");
    for (const [what, send] of [["says nothing", () => {}], ["never finishes", (socket) => socket.send("2probe")]])
      await t.test(`a probe that ${what} is closed, the session goes on`, async (t) => {
        const polling = await joinPolling(node);
        const probe = await openWebSocket(t, node, polling.sid);
        send(probe);
        await within(probe.closed, "the close of the probe");
        await polling.post('42["echo","still here"]');
        let packet = await polling.next();
        while (packet === "6") packet = await polling.next();
        assert.equal(packet, '42["echo","still here"]');
      });

    await t.test("a probe that says something else is closed at once", async (t) => {
      const polling = await joinPolling(node);
      const probe = await openWebSocket(t, node, polling.sid);
      probe.send("4nonsense");
      await within(probe.closed, "the close of the probe");
      await polling.post('42["echo",1]');
      assert.equal(await polling.next(), '42["echo",1]');
    });

    await t.test("a second probe is turned away, the first one takes over", async (t) => {
      const node = await startNode(t, kind); // with time for both
      const polling = await joinPolling(node);
      const first = await openWebSocket(t, node, polling.sid);
      first.send("2probe");
      assert.equal(await first.next(), "3probe");
      const refused = openWebSocket(t, node, polling.sid).then((second) => second.closed, () => {});
      await within(refused, "the refusal of the second probe");
      first.send("5");
      first.send('42["echo",1]');
      assert.equal(await first.next(), '42["echo",1]');
    });
  });

  test(`${kind}: --connect-timeout`, async (t) => {
    const node = await startNode(t, kind, "--connect-timeout", "2000");
    const silent = await openWebSocket(t, node);
    const refused = await openWebSocket(t, node);
    refused.send("40/nowhere,");
    const joined = await connect(t, node);
    await within(Promise.all([silent.closed, refused.closed]), "the close of who joined nothing");
    const polling = await openPolling(node);
    await eventually("the polling session ends", async () => (await polling.request()).status === 400);
    assert.deepEqual(await ask(joined, "echo", 1), [1]);
  });

  test(`${kind}: reasons of disconnection`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);

    for (const over of Object.keys(transports)) {
      await t.test(`${over}: the client leaves the namespace`, async (t) => {
        const socket = await connect(t, node, { over });
        const { id } = socket;
        const gone = next(socket, "disconnect");
        socket.disconnect();
        assert.equal((await gone)[0], "io client disconnect");
        assert.match(await reasonOf(control, id), /^(client namespace disconnect|transport close)$/);
      });

      await t.test(`${over}: the client ends the connection`, async (t) => {
        const socket = await connect(t, node, { over });
        const { id } = socket;
        socket.io.engine.close();
        assert.equal(await reasonOf(control, id), "transport close");
      });

      await t.test(`${over}: the node ends the namespace`, async (t) => {
        const socket = await connect(t, node, { over });
        const other = await join(socket, "/custom");
        const { id } = socket;
        const gone = next(socket, "disconnect");
        socket.emit("bye", false);
        assert.equal((await gone)[0], "io server disconnect");
        assert.equal(await reasonOf(control, id), "server namespace disconnect");
        assert.deepEqual(await ask(other, "echo", "still here"), ["still here"]);
      });

      await t.test(`${over}: the node ends the connection`, async (t) => {
        const socket = await connect(t, node, { over });
        const other = await join(socket, "/custom");
        const ids = [socket.id, other.id];
        const gone = [next(socket, "disconnect"), next(other, "disconnect")];
        socket.emit("bye", true);
        assert.deepEqual((await Promise.all(gone)).map(([reason]) => reason), ["io server disconnect", "io server disconnect"]);
        assert.equal(await reasonOf(control, ids[0]), "server namespace disconnect");
        assert.equal(await reasonOf(control, ids[1], "/custom"), "server namespace disconnect");
        await eventually("the connection ends", async () => socket.io.engine.readyState === "closed");
      });
    }

    await t.test("the client leaves the namespace and stays connected", async (t) => {
      const socket = await joinWebSocket(t, node);
      socket.send("41");
      assert.equal(await reasonOf(control, socket.id), "client namespace disconnect");
      socket.send("40");
      assert.notEqual(JSON.parse((await socket.next()).slice(2)).sid, socket.id);
    });

    await t.test("the connection is cut", async (t) => {
      const socket = await joinWebSocket(t, node);
      socket.terminate();
      assert.equal(await reasonOf(control, socket.id), "transport close");
    });

    await t.test("the poll is cut", async (t) => {
      const polling = await joinPolling(node);
      const poll = await startPoll(polling.url, () => ask(control, "echo", 0));
      poll.cut();
      assert.equal(await reasonOf(control, polling.id), "transport error");
    });

    await t.test("a frame that is none", async (t) => {
      const socket = await openTcpWebSocket(t, node);
      socket.write(frame("40"));
      const id = /40\{"sid":"([\w-]+)"\}/.exec(await socket.has(/40\{"sid":"[\w-]+"\}/))[1];
      socket.write(frame("", { opcode: 3 }));
      assert.equal(await reasonOf(control, id), "transport error");
    });

    await t.test("an Engine.IO packet that is none", async (t) => {
      const socket = await joinWebSocket(t, node);
      socket.send("x");
      await within(socket.closed, "the close");
      assert.equal(await reasonOf(control, socket.id), "parse error");
    });

    await t.test("a Socket.IO packet that is none", async (t) => {
      const socket = await joinWebSocket(t, node);
      socket.send("4x");
      await within(socket.closed, "the close");
      assert.equal(await reasonOf(control, socket.id), "forced close");
    });
  });

  test(`${kind}: SIGTERM ends what is connected`, async (t) => {
    const node = await startNode(t, kind);
    const sockets = await Promise.all(Object.keys(transports).map((over) => connect(t, node, { over })));
    const stubborn = await openTcpWebSocket(t, node);
    stubborn.write(frame("40"));
    await stubborn.has(/40\{"sid":"[\w-]+"\}/);
    const ids = sockets.map((socket) => socket.id);
    const gone = sockets.map((socket) => next(socket, "disconnect"));
    const [code] = await node.terminate();
    assert.equal(code, 0);
    for (const [reason] of await Promise.all(gone)) assert.match(reason, /^transport (close|error)$/);
    for (const id of ids) assert.match(node.log, new RegExp(`/: ${id} disconnected: server shutting down`));
  });
}
