// What the load generator asks of a server in JavaScript.
export function answer(socket) {
  socket.on("join", async (rooms, done) => {
    await socket.join(rooms);
    done();
  });
  socket.on("message-with-ack", (...args) => args.pop()(...args));
  socket.on("survey", async (text, done) => done(text, (await socket.nsp.timeout(10_000).emitWithAck("b", text)).length));
  socket.on("say", (room, text) => socket.to(room).emit("said", text));
}
