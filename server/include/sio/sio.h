/*
 * Everything a server application needs. In the order in which to read it:
 *
 *   server.h     sio_server_new and its options, namespaces, sio_server_run, closing; the threads
 *   namespace.h  handlers for connections and events, broadcasts, middlewares, questions to nodes
 *   socket.h     one client in one namespace: emit, acknowledge, join, what it said of itself
 *   value.h      what events carry, and the letters by which arguments are built: "{s:i}"
 *   args.h       the arguments that a handler gets
 *   target.h     whom a broadcast is for: rooms, except, local, volatile
 *   err.h        all errors, and their sentences
 *
 * and when the need arises:
 *
 *   answers.h    what questions to several clients or nodes bring
 *   listen.h     several addresses, unix sockets, SO_REUSEPORT, sockets of systemd
 *   http.h       CORS, cookies, admission of requests, header lines
 *   client.h     the connection under the sockets of a client
 *   limits.h     what clients may take, and how long for it
 *   adapter.h    the cluster: adapters, the state of the link to Redis, counters
 *   drain.h      letting clients go in stages
 *   handover.h   a new process in place of an old one, on the same sockets
 *   metrics.h    the listener of Prometheus, health, readiness, values by name
 *   log.h        what the server says of itself
 *   post.h       what other threads may call
 *   memory.h     an allocator of the application's own
 *   version.h    compiled against, running with
 *
 * Processes that only emit into a cluster take emitter.h, or emitter_uv.h on a libuv loop, which
 * this header does not include. What is in sio/sys/ is the library's own.
 *
 * Functions that can fail return 0 or a negative SIO_E…. What they hand out is borrowed unless they
 * say that it is new; strings are UTF-8. docs/guide goes through all of it by example.
 */
#ifndef SIO_SIO_H
#define SIO_SIO_H

#include <sio/adapter.h>
#include <sio/answers.h>
#include <sio/args.h>
#include <sio/client.h>
#include <sio/drain.h>
#include <sio/err.h>
#include <sio/handover.h>
#include <sio/http.h>
#include <sio/limits.h>
#include <sio/listen.h>
#include <sio/log.h>
#include <sio/memory.h>
#include <sio/metrics.h>
#include <sio/namespace.h>
#include <sio/post.h>
#include <sio/server.h>
#include <sio/socket.h>
#include <sio/target.h>
#include <sio/value.h>
#include <sio/version.h>

#endif
