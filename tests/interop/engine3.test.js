// Engine.IO 3 and JSONP, byte by byte: what the official server answers too, unless a test is for ours alone.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import WebSocket from "ws";
import { ask, collect, connect, next, reasonOf } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";
import { later, within } from "./lib/later.js";
import { startPoll } from "./lib/raw.js";
import { wsUrlOf } from "./lib/tls.js";

const allow = "--allow-eio3";
const text = { "content-type": "text/plain;charset=UTF-8" };
const bytes = { "content-type": "application/octet-stream" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const greeting = '42["auth",{}]';

const splitters = {
  "3": (body) => {
    const packets = [];
    for (let rest = body; rest.length > 0;) {
      const [head, length] = /^(\d+):/.exec(rest);
      packets.push(rest.slice(head.length, head.length + Number(length)));
      rest = rest.slice(head.length + Number(length));
    }
    return packets;
  },
  "4": (body) => body.split("\x1e"),
};

// A polling session by hand; `query` is sent with each request, `first` with the handshake only.
class Session {
  constructor(node, { revision = "3", query = "", first = "", script = false }) {
    Object.assign(this, { node, revision, first, script });
    this.query = `${revision === "4" ? "EIO=4&" : ""}transport=polling${query}`;
  }

  get url() {
    return `${this.node.url}/socket.io/?${this.query}${this.sid ? `&sid=${this.sid}` : this.first}`;
  }

  request(options) {
    return within(fetch(this.url, options), "an answer");
  }

  async poll() {
    const response = await this.request();
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, body.toString());
    assert.equal(Number(response.headers.get("content-length")), body.length);
    this.type = response.headers.get("content-type");
    return body;
  }

  // What the poll that waits from now on will get.
  async wait(t) {
    this.control ??= await connect(t, this.node);
    const poll = await startPoll(this.url, () => ask(this.control, "echo", 0));
    return async () => (await poll.answer()).body.toString();
  }

  async packets() {
    const body = (await this.poll()).toString();
    return splitters[this.revision](this.script ? unscript(body) : body);
  }

  // Connected to "/", its greeting taken; how that is spread over polls is each server's own choice.
  async open() {
    const seen = await this.packets();
    this.sid = JSON.parse(seen[0].slice(1)).sid;
    if (this.revision === "4") await this.post(this.script ? "d=40" : "40", this.script ? form : text);
    while (!seen.includes(greeting)) seen.push(...(await this.packets()));
    return seen;
  }

  async post(body, headers = text) {
    const response = await this.request({ method: "POST", body, headers });
    return [response.status, await response.text()];
  }
}

// What a script hands to ___eio[…], as a browser finds out.
function unscript(script) {
  const found = [];
  const ___eio = new Proxy([], { get: (_, index) => (payload) => found.push([index, payload]) });
  new Function("___eio", script)(___eio);
  assert.equal(found.length, 1);
  return found[0][1];
}

async function openWebSocket(t, node, query) {
  const socket = new WebSocket(wsUrlOf(`${node.host}/socket.io/?transport=websocket${query}`));
  later(t, () => socket.terminate());
  const packets = [];
  socket.on("message", (data, binary) => packets.push(binary ? data : data.toString()));
  socket.until = async (count) => {
    while (packets.length < count) await within(new Promise((resolve) => socket.once("message", resolve)), `${count} packets`);
    return packets;
  };
  socket.closed = new Promise((resolve) => socket.once("close", resolve));
  await socket.until(3);
  return socket;
}

for (const kind of kinds) {
  test(`${kind}: polling payloads of revision 3`, async (t) => {
    const node = await startNode(t, kind, allow);

    await t.test("open, connected, served", async () => {
      for (const query of ["", "&EIO=3", "&EIO=5"]) {
        const [open, ...rest] = await new Session(node, { query }).open();
        const { sid, ...data } = JSON.parse(open.slice(1));
        assert.equal(open[0], "0");
        assert.match(sid, /^[\w-]{20}$/);
        assert.deepEqual(data, { upgrades: ["websocket"], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
        assert.deepEqual(rest, ["40", greeting]);
      }
    });

    await t.test("lengths are counted as JavaScript does", async () => {
      const session = new Session(node, {});
      await session.open();
      assert.deepEqual(await session.post('1:219:42["message","ü😀"]'), [200, "ok"]);
      assert.equal((await session.poll()).toString(), '1:324:42["message-back","ü😀"]');
      assert.equal(session.type, "text/plain; charset=UTF-8");
    });

    await t.test("bytes make bytes of the payload", async () => {
      const session = new Session(node, {});
      await session.open();
      const event = '451-["message","ü",{"_placeholder":true,"num":0}]';
      assert.deepEqual(await session.post(`${event.length}:${event}10:b4/wAEAQI=`), [200, "ok"]);
      const answer = Buffer.from('451-["message-back","ü",{"_placeholder":true,"num":0}]');
      const expected = Buffer.concat([
        Buffer.from([0, 5, 5, 255]), answer,
        Buffer.from([1, 6, 255, 4, 255, 0, 4, 1, 2]),
      ]);
      assert.deepEqual(await session.poll(), expected);
      assert.equal(session.type, "application/octet-stream");
    });

    await t.test("bytes are taken as bytes", async () => {
      const session = new Session(node, { first: "&b64=1" });
      await session.open();
      const event = Buffer.from('451-["message","ü",{"_placeholder":true,"num":0}]');
      const body = Buffer.concat([
        Buffer.from([0, ...String(event.length), 255].map(Number)), event,
        Buffer.from([1, 4, 255, 4, 255, 0, 4]),
      ]);
      assert.deepEqual(await session.post(body, bytes), [200, "ok"]);
      const answer = '451-["message-back","ü",{"_placeholder":true,"num":0}]';
      assert.equal((await session.poll()).toString(), `${answer.length}:${answer}6:b4/wAE`);
      assert.equal(session.type, "text/plain; charset=UTF-8");
    });

    await t.test("the server's goodbye, the client's", async (t) => {
      const session = new Session(node, {});
      await session.open();
      const last = await session.wait(t);
      await session.post('14:42["bye",true]');
      assert.equal(await last(), "2:41");
      assert.match((await session.poll()).toString(), /^(1:6)?1:1$/);
      const other = new Session(node, {});
      await other.open();
      const poll = await other.wait(t);
      await other.post("1:1");
      assert.equal(await poll(), "1:6");
    });

    await t.test("a session keeps its revision", async () => {
      const session = new Session(node, {});
      await session.open();
      session.query = "EIO=4&transport=polling";
      const response = await session.request();
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), { code: 3, message: "Bad request" });
    });
  });

  test(`${kind}: WebSocket frames of revision 3`, async (t) => {
    const node = await startNode(t, kind, allow);
    const socket = await openWebSocket(t, node, "&EIO=3");
    assert.deepEqual((await socket.until(3)).slice(1), ["40", greeting]);
    socket.send("2");
    socket.send("2probe");
    socket.send('451-["message",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([4, 1, 2]));
    socket.send('451-["message",{"_placeholder":true,"num":0}]');
    socket.send("b4AQI=");
    const event = '451-["message-back",{"_placeholder":true,"num":0}]';
    const frame = Buffer.from([4, 1, 2]);
    assert.deepEqual((await socket.until(9)).slice(3), ["3", "3", event, frame, event, frame]);
    socket.send("3");
    await within(socket.closed, "the close after a pong");
  });

  test(`${kind}: without pings of the client the session ends`, async (t) => {
    const node = await startNode(t, kind, allow, "--ping-interval", "100", "--ping-timeout", "900");
    const socket = await openWebSocket(t, node, "");
    const { sid } = JSON.parse((await socket.until(1))[0].slice(1));
    await within(socket.closed, "the end of a silent client");
    assert.equal(await reasonOf(await connect(t, node), sid), "ping timeout");
  });

  test(`${kind}: revision 3 is refused unless allowed`, async (t) => {
    const node = await startNode(t, kind);
    for (const query of ["", "&EIO=3", "&EIO=5", "&j=0"]) {
      const response = await new Session(node, { query }).request();
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), { code: 5, message: "Unsupported protocol version" });
    }
  });

  for (const revision of ["3", "4"])
    test(`${kind}: JSONP, revision ${revision}`, async (t) => {
      const node = await startNode(t, kind, allow);
      const script = (session, index, ...packets) => {
        const payload = revision === "4" ? packets.join("\x1e") : packets.map((packet) => `${packet.length}:${packet}`).join("");
        const literal = JSON.stringify(payload).replace(/\u2028/g, "\\u2028").replace(/\u2029/g, "\\u2029");
        return `___eio[${index}](${literal});`;
      };
      const payload = (packet) => (revision === "4" ? packet : `${packet.length}:${packet}`);
      const open = async (query) => {
        const session = new Session(node, { revision, query, first: "&b64=1", script: true });
        await session.open();
        return session;
      };
      // as engine.io-client 3 escapes line feeds
      const encode = (body) => `d=${encodeURIComponent(payload(body).replace(/\\n/g, "\\\\n").replace(/\n/g, "\\n"))}`;

      await t.test("a script with what JSON has to escape", async () => {
        const session = await open("&j=0");
        const said = "\u2028\u2029\"'\\\b\f\n\r\t\u0001\u001e</script>ü😀";
        assert.deepEqual(await session.post(encode(`42["message",${JSON.stringify(said)}]`), form), [200, "ok"]);
        assert.equal((await session.poll()).toString(), script(session, 0, `42["message-back",${JSON.stringify(said)}]`));
        assert.equal(session.type, kind === "ours" ? "text/javascript; charset=UTF-8" : "text/plain; charset=UTF-8");
      });

      await t.test("bytes are base64", async () => {
        const session = await open("&j=1");
        const event = '451-["message",{"_placeholder":true,"num":0}]';
        assert.deepEqual(await session.post(encode(event), form), [200, "ok"]);
        assert.deepEqual(await session.post(encode(revision === "4" ? "b/wAE" : "b4/wAE"), form), [200, "ok"]);
        const answer = '451-["message-back",{"_placeholder":true,"num":0}]';
        assert.equal((await session.poll()).toString(), script(session, 1, answer, revision === "4" ? "b/wAE" : "b4/wAE"));
      });

      await t.test("only digits of the index count", async () => {
        for (const [j, index] of [["12", "12"], ["007", "007"], ["%3Cscript%3E1]%3Balert(2)", "12"], ["x", ""]]) {
          const session = new Session(node, { revision, query: `&j=${j}` });
          const body = (await session.poll()).toString();
          assert(body.startsWith(`___eio[${index}]("`), body);
          assert(body.endsWith('");'), body);
        }
      });

      await t.test("forms without a payload bring nothing", async () => {
        const session = await open("&j=0");
        for (const body of ["x=1", "d=1&d=2", "D=1"]) assert.deepEqual(await session.post(body, form), [200, "ok"]);
        assert.deepEqual(await session.post(encode('42["message",1]'), form), [200, "ok"]);
        assert.equal((await session.poll()).toString(), script(session, 0, '42["message-back",1]'));
      });

      await t.test("a poll that waits", async (t) => {
        const session = await open("&j=0");
        const poll = await session.wait(t);
        await session.post(encode('42["bye",true]'), form);
        assert.equal(await poll(), script(session, 0, "41"));
        assert([script(session, 0, "1"), script(session, 0, "6", "1")].includes((await session.poll()).toString()));
      });
    });
}

test("ours: an index of JSONP has a limit", async (t) => {
  if (!kinds.includes("ours")) return;
  const node = await startNode(t, "ours", allow);
  const response = await new Session(node, { query: "&j=12345678" }).request();
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), { code: 3, message: "Bad request" });
});

// ---- the official JSONP client in as much of a document as it needs ----

function fakeDocument() {
  const runScript = async (script) => {
    const response = await fetch(script.src);
    const body = await response.text();
    if (response.ok) (0, eval)(body);
    else script.onerror(new Error(body));
  };
  const submit = async (posted) => {
    await fetch(posted.action, { method: "POST", body: new URLSearchParams({ d: posted.children[0].value }) }).catch(() => {});
    posted.iframe.onload();
  };
  const element = (name) => ({
    name, style: {}, children: [], setAttribute() {}, removeChild() {},
    appendChild(child) {
      child.parentNode = this;
      this.children.push(child);
      if (/iframe/.test(child.name)) this.iframe = child;
      if (child.name === "script") runScript(child).catch((error) => child.onerror(error));
    },
    submit() { submit(this); },
  });
  return { createElement: element, getElementsByTagName: () => [], body: element("body") };
}

for (const kind of kinds)
  test(`${kind}: the official client by JSONP`, async (t) => {
    const node = await startNode(t, kind, allow);
    const { Socket } = createRequire(import.meta.url)("engine.io-client-v3");
    globalThis.document = fakeDocument();
    const socket = new Socket(`${node.url}/`, { path: "/socket.io", forceJSONP: true, transports: ["polling"], upgrade: false });
    later(t, () => socket.close());
    const messages = collect(socket, "message");
    assert.deepEqual(await messages.until(2), [["0"], ['2["auth",{}]']]);
    for (const said of ["plain", "ü😀 \u2028", "a\nb", "back\\slash", 'quo"te', "%41+&=", ""]) {
      socket.send(`2["message",${JSON.stringify(said)}]`);
      const [answer] = await next(socket, "message");
      assert.equal(answer, `2["message-back",${JSON.stringify(said)}]`);
    }
    socket.send('51-["message",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([0, 4, 255]));
    const all = await messages.until(11);
    assert.deepEqual(Buffer.from(all[10][0]), Buffer.from([0, 4, 255]));
  });
