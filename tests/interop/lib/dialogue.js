// The same frames said to any node, and what it answers in a form that can be compared.
import { once } from "node:events";
import parser from "socket.io-msgpack-parser";
import WebSocket from "ws";
import { later, within } from "./later.js";
import { wsUrlOf } from "./tls.js";

const encoder = new parser.Encoder();
export const encode = (packet) => encoder.encode(packet)[0];

export function decode(bytes) {
  let packet;
  const decoder = new parser.Decoder();
  decoder.on("decoded", (decoded) => (packet = decoded));
  decoder.add(bytes);
  return packet;
}

// Ids are random; the official server also writes an undefined one.
const anonymous = (data) => (typeof data?.sid === "string" ? { sid: "…" } : data);

// Text packets as [type, number of attachments, namespace, id, data].
function readText(frame) {
  const [, type, attachments, nsp, id, json] = /^4(\d)(?:(\d+)-)?(?:(\/[^,]*),)?(\d*)(.*)$/s.exec(frame);
  return [type, attachments, nsp, id, json && anonymous(JSON.parse(json))];
}

function readMsgpack(frame) {
  const packet = decode(frame);
  return { ...packet, data: anonymous(packet.data) };
}

const forms = {
  default: { read: (frame) => (typeof frame === "string" ? readText(frame) : frame.toString("hex")), connect: (nsp) => `40${nsp},` },
  msgpack: { read: readMsgpack, connect: (nsp) => encode({ type: 0, nsp }) },
};

// A WebSocket that is opened anew, and joined to "/", when the node has closed it.
export class Speaker {
  constructor(t, node, form) {
    Object.assign(this, { node, form: forms[form], marks: 0, news: () => {} });
    later(t, () => this.socket?.terminate());
  }

  async open() {
    this.frames = [];
    const socket = new WebSocket(wsUrlOf(`${this.node.host}/socket.io/?EIO=4&transport=websocket`));
    const current = (say) => (...args) => this.socket === socket && say(...args); // one that was left may have more to say
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", current(() => this.news()));
    socket.on("message", current((data, binary) => {
      this.frames.push(binary ? data : data.toString());
      this.news();
    }));
    await within(once(this.socket, "open"), "an open WebSocket");
    this.socket.send(this.form.connect("/"));
    await this.settle();
    this.frames = [];
  }

  get closed() {
    return this.socket.readyState === WebSocket.CLOSED;
  }

  // Resolves when the node has refused a namespace that nobody has, or has closed the connection.
  async mark() {
    const name = `/mark-${this.marks++}-`;
    const marked = (frame) => Buffer.from(frame).includes(name);
    this.socket.send(this.form.connect(name));
    await within(new Promise((resolve) => {
      this.news = () => (this.closed || this.frames.some(marked)) && resolve();
      this.news();
    }), `the answer to ${name}`);
    this.frames = this.frames.filter((frame) => !marked(frame));
  }

  // It takes two: the official server hands events on in a later tick and may answer what came after them first.
  async settle() {
    await this.mark();
    if (!this.closed) await this.mark();
  }

  // What one node has closed and the other not is opened anew on both.
  restart() {
    this.socket.terminate();
    this.socket = undefined;
  }

  async say(frames) {
    if (!this.socket || this.closed) await this.open();
    for (const frame of frames) this.socket.send(frame);
    await this.settle();
    const answers = this.frames.filter((frame) => frame !== "2").map(this.form.read);
    this.frames = [];
    return { closed: this.closed, answers };
  }
}
