// Clients that lose their connection and come back.
import { next, reasonOf } from "./clients.js";

// The connection breaks, and the node has seen it; the client stays away until socket.connect().
export async function lose(socket, control) {
  const { id } = socket;
  const gone = next(socket, "disconnect");
  socket.io.engine.close();
  await gone;
  await reasonOf(control, id, socket.nsp);
}

export const argumentsOf = (events) => events.map((args) => args.slice(0, -1));

// To the same node, or to another. What the node's `auth` says of the socket is an event like others: it ends what was missed.
export async function comeBack(socket, node) {
  const welcome = next(socket, "auth");
  if (node) socket.io.uri = node.url + socket.nsp;
  socket.connect();
  await welcome;
  return socket;
}
