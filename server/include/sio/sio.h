/* Everything a server application needs. */
#ifndef SIO_SIO_H
#define SIO_SIO_H

#include <sio/adapter.h>
#include <sio/answers.h>
#include <sio/args.h>
#include <sio/client.h>
#include <sio/drain.h>
#include <sio/err.h>
#include <sio/http.h>
#include <sio/limits.h>
#include <sio/listen.h>
#include <sio/log.h>
#include <sio/memory.h>
#include <sio/namespace.h>
#include <sio/post.h>
#include <sio/server.h>
#include <sio/socket.h>
#include <sio/target.h>
#include <sio/value.h>
#include <sio/version.h>

#endif
