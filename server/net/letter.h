/* What two processes write to each other while one takes the other's place: one message each, with
 * the descriptors beside it. Both are on one machine, so that numbers stand as they are in memory.
 */
#ifndef SIO_NET_LETTER_H
#define SIO_NET_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include <sio/sys/limits.h>
#include <sio/sys/proxy.h>
#include <sio/sys/str.h>

#define SIO_LETTER_VERSION 2

typedef enum sio_letter_kind {
    SIO_LETTER_ASK = 1,   /* new to old: I want to take your place */
    SIO_LETTER_SOCKETS,   /* old to new: sio_letter_socket for each descriptor */
    SIO_LETTER_REFUSE,    /* old to new: a sentence */
    SIO_LETTER_READY,     /* new to old: I serve */
    SIO_LETTER_CONNECTION /* either: sio_letter_connection and the bytes that have come by it */
} sio_letter_kind;

typedef struct sio_letter_head {
    char magic[8];
    uint32_t version;
    uint32_t kind;
} sio_letter_head;

/* One listening socket. */
typedef struct sio_letter_socket {
    uint64_t device; /* of its file */
    uint64_t inode;
    uint32_t backlog;
    uint8_t is_door;    /* that by which the next process asks */
    uint8_t is_proxied; /* proxy_protocol */
    uint8_t is_tls;     /* its connections are for a carrier: served plainly they must not be */
    uint8_t padding;
    char path[SIO_LIMIT_UNIX_PATH + 1]; /* of its file; "": it has none that is ours */
    uint8_t end[4];
} sio_letter_socket;

typedef struct sio_letter_connection {
    uint8_t is_named; /* a header of the PROXY protocol has said where it comes from */
    uint8_t is_local;
    uint8_t is_secure;
    uint8_t address[16];
} sio_letter_connection;

#define SIO_LETTER_SOCKETS_MAX                                                                     \
    (sizeof(sio_letter_head) + SIO_LIMIT_HANDOVER * sizeof(sio_letter_socket))
#define SIO_LETTER_HEADS (sizeof(sio_letter_head) + sizeof(sio_letter_connection))

/* One that has been read. */
typedef struct sio_letter {
    sio_letter_kind kind;
    sio_str text;                     /* REFUSE; borrowed */
    sio_letter_connection connection; /* CONNECTION */
    char *bytes;                      /* of it; borrowed */
    size_t len;
    size_t count; /* SOCKETS */
    sio_letter_socket sockets[SIO_LIMIT_HANDOVER];
} sio_letter;

sio_letter_head sio_letter_begin(sio_letter_kind kind);

/* Reads one that came with so many descriptors. SIO_EPARSE: it is none, or not this version's; of
 * another version's refusal the text is read all the same. */
int sio_letter_read(sio_letter *out, char *data, size_t len, size_t descriptors);

#endif
