// The HTTP server under a reference: TLS with --tls CERT,KEY.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

export function httpServer(files) {
  const nothing = (request, response) => response.writeHead(404).end();
  if (!files) return createServer(nothing);
  const [cert, key] = files.split(",").map((file) => readFileSync(file));
  return createTlsServer({ cert, key }, nothing);
}
