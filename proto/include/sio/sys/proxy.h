/*
 * What proxies say about where a connection comes from, and whether it was encrypted there: the
 * headers X-Forwarded-For, X-Forwarded-Proto and Forwarded, and the PROXY protocol in both
 * versions. Anybody can say such things; only those who are trusted are believed.
 */
#ifndef SIO_SYS_PROXY_H
#define SIO_SYS_PROXY_H

#include <stddef.h>

#include <sio/sys/address.h>

/* Where a connection comes from. */
typedef struct sio_origin {
    bool local;  /* by a unix socket: there is no address */
    bool secure; /* it came by TLS, to us or to the outermost proxy that is trusted */
    sio_address address;
} sio_origin;

/* ---- who is trusted ---- */

/* Zeroed memory trusts nobody. */
typedef struct sio_trust {
    sio_address_block *blocks;
    size_t count;
    bool local; /* whoever comes by a unix socket */
} sio_trust;

/* From a NULL-terminated list of addresses, blocks ("10.0.0.0/8") and "unix:"; NULL: nobody.
 * SIO_EINVAL: `*bad` is the entry that is none of these, borrowed; SIO_ENOMEM. */
SIO_EXTERN SIO_MUST_USE int sio_trust_init(sio_trust *trust, const char *const *entries,
                                           const char **bad);
SIO_EXTERN void sio_trust_free(sio_trust *trust);
SIO_EXTERN bool sio_trust_has(const sio_trust *trust, const sio_origin *origin);

/* Whether anybody is. */
static inline bool sio_trust_any(const sio_trust *trust)
{
    return trust->count > 0 || trust->local;
}

/* ---- X-Forwarded-For, X-Forwarded-Proto ---- */

/* Goes through one line's value of X-Forwarded-For from its end for as long as `at`, who has sent
 * it, is trusted: then the one before it is who it says, and `*hops` grows by one. Stops at what is
 * no address, with a port or without. True: the line has been used up and its first one is trusted
 * too; the line before it, if there is one, goes on. */
SIO_EXTERN bool sio_forwarded_walk(const sio_trust *trust, sio_str value, sio_origin *at,
                                   unsigned *hops);

/* X-Forwarded-Proto as the proxy wrote it that stands at the `*left`th place from the end, or at
 * the first of a shorter list: proxies that set the header and do not add to it leave one for all.
 * What is not "https" or "wss" is not secure. True: there are fewer in this line, `*left` of them
 * are wanted from the line before it. */
SIO_EXTERN bool sio_forwarded_proto(sio_str value, unsigned *left, bool *secure);

/* ---- Forwarded, RFC 7239 ---- */

/* The same walk by `for` and `proto` of its elements. One that is malformed ends it, unread. */
SIO_EXTERN bool sio_forwarded_elements(const sio_trust *trust, sio_str value, sio_origin *at);

/* ---- the PROXY protocol ---- */

/* What is kept of a header: the longest of version 1. Of version 2 what follows the client's
 * address is skipped, but for what is said there of TLS. */
#define SIO_PROXY_KEPT 107

/* Zeroed memory is one at its beginning. */
typedef struct sio_proxy_reader {
    uint8_t kept[SIO_PROXY_KEPT];
    uint8_t len;
    uint16_t skip;   /* of version 2: bytes to come, in all */
    uint16_t gap;    /* so many of them say nothing of interest; then comes a field */
    uint8_t head[3]; /* of that: its kind and length */
    uint8_t head_len;
    bool named; /* it is complete and says where the connection comes from, else that is the proxy
                   itself */
    sio_origin origin;
} sio_proxy_reader;

/* Feeds bytes; `*used` of them belonged to it. 1: it is complete; 0: more is needed; SIO_EPARSE: it
 * is no such header. */
SIO_EXTERN SIO_MUST_USE int sio_proxy_feed(sio_proxy_reader *reader, const char *data, size_t len,
                                           size_t *used);

#endif
