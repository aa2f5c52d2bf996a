// TLS for all nodes and clients of a file, where over-tls.js runs it: what speaks to a node by hand asks here how.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";

const folder = process.env.SIO_TLS;
const file = (name) => path.join(folder, name);

export const overTls = folder !== undefined;

// For the command line of a node.
export const tlsFlags = overTls ? ["--tls", `${file("server.pem")},${file("server-key.pem")}`] : [];

export const urlOf = (host) => `${overTls ? "https" : "http"}://${host}`;
export const wsUrlOf = (host) => urlOf(host).replace("http", "ws");

// As of node:http.
export const { request, Agent } = overTls ? https : http;

// A connection that bytes can be written to, and the event that says so.
export const dial = (options) => (overTls ? tls : net).connect(options);
export const dialled = overTls ? "secureConnect" : "connect";

// Breaks a connection off: what is below TLS is out of reach, and closed.
export const reset = (socket) => (socket.encrypted ? socket.destroy() : socket.resetAndDestroy());

// A server of bytes, as of node:net, with the certificate of the nodes.
export const serve = (take) =>
  overTls ? tls.createServer({ cert: readFileSync(file("server.pem")), key: readFileSync(file("server-key.pem")) }, take) : net.createServer(take);
