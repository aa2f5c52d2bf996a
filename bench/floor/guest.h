/* A client of the floor: as much of HTTP, Engine.IO and Socket.IO as lets it in. */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/sys/buf.h>
#include <sio/sys/str.h>
#include <sio/sys/ws.h>

typedef struct bench_guest {
    int fd;
    uint32_t index; /* among those that get broadcasts; UINT32_MAX: not yet */
    bool upgraded;
    sio_ws_reader reader;
    sio_buf request; /* while it is incomplete */
} bench_guest;

typedef struct bench_guests {
    bench_guest **items; /* those in the namespace */
    uint32_t count;
    uint32_t cap;
} bench_guests;

/* A new one for that connection, which is its now. NULL: memory is out. */
bench_guest *guest_new(int fd);

/* Reads what it says and answers; frees it when it is gone. */
void guest_read(bench_guests *all, bench_guest *one);

/* Writes to all in the namespace, waiting for those that have no room. */
void guests_write(const bench_guests *all, const char *data, size_t len);

/* Appends the frame of 42["b","text"]. */
void guest_frame(sio_buf *out, sio_str text);

#endif
