/*
 * From other threads. A server belongs to the thread of its loop; the functions here, and no
 * others, may be called from any thread, also from several at once.
 *
 * What they take is run on the loop's thread, in the order in which it was posted, as soon as the
 * loop turns. It is run exactly once, on_closed comes after it, and when the server has closed, no
 * more is taken: SIO_ECLOSED. (sio_server_free of a server that is still open runs what waits
 * first.) The server must be there, of course: no thread may call these once sio_server_free has
 * begun.
 *
 * Not more than SIO_LIMIT_POSTED bytes wait at a time. SIO_ELIMIT means that the loop does not keep
 * up, or does not run; nothing has been posted then.
 */
#ifndef SIO_POST_H
#define SIO_POST_H

#include <stdarg.h>

#include <sio/server.h>
#include <sio/target.h>

/* Belongs to the loop's thread, as any callback: it may call everything, sio_server_close too. */
typedef void (*sio_post_cb)(sio_server *server, void *data);

/* Has `callback` called. On an error it is not called, and `data` stays the caller's. SIO_EINVAL
 * (no callback), SIO_ECLOSED, SIO_ELIMIT, SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_server_post(sio_server *server, sio_post_cb callback, void *data);

/*
 * sio_namespace_emit for other threads: target, event and arguments are copied, before it returns;
 * `nsp` is the name of a namespace, NULL for "/". SIO_EINVAL (no event; target->from, since sockets
 * are for the loop's thread only), SIO_ERESERVED, SIO_EFORMAT, SIO_EUTF8, SIO_EDEPTH, SIO_ECLOSED,
 * SIO_ELIMIT, SIO_ENOMEM. What turns out only when it is sent, that there is no such namespace or
 * that there are too many attachments, is logged.
 */
SIO_EXTERN SIO_MUST_USE int sio_server_post_emit(sio_server *server, const char *nsp,
                                                 const sio_target *target, const char *event,
                                                 const char *format, ...);
SIO_EXTERN SIO_MUST_USE int sio_server_post_vemit(sio_server *server, const char *nsp,
                                                  const sio_target *target, const char *event,
                                                  const char *format, va_list arguments);

#endif
