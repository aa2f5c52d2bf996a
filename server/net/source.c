#include "net/source.h"

#include <stdio.h>
#include <strings.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "net/door.h"

/* ---- the peer ---- */

static void put_socket_address(sio_origin *out, const struct sockaddr_storage *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    *out = (sio_origin){ .local = address->ss_family == AF_UNIX };
    memcpy(out->address.bytes, mapped, sizeof(mapped));
    if (address->ss_family == AF_INET6)
        memcpy(out->address.bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
    else if (address->ss_family == AF_INET)
        memcpy(out->address.bytes + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
}

/* ---- the PROXY protocol ---- */

sio_source *sio_source_get(sio_conn *conn)
{
    if (!conn->source)
        conn->source = sio_mem_zalloc(sizeof(*conn->source));
    return conn->source;
}

int sio_source_expect(sio_conn *conn)
{
    if (!sio_source_get(conn))
        return SIO_ENOMEM;
    conn->source->header = sio_mem_zalloc(sizeof(*conn->source->header));
    if (conn->source->header)
        return 0;
    sio_source_free(conn);
    return SIO_ENOMEM;
}

static void refuse(sio_conn *conn, const char *why)
{
    SIO_CORE_LOG(conn->net->server, SIO_LOG_WARN, SIO_LOG_NET, "a connection is closed: %s", why);
    sio_conn_close(conn);
}

bool sio_source_trusts(const sio_net *net, const struct sockaddr_storage *address)
{
    sio_origin peer;
    put_socket_address(&peer, address);
    return sio_trust_has(&net->trust, &peer);
}

void sio_source_check(sio_conn *conn)
{
    struct sockaddr_storage address;
    if (sio_line_peer(conn, &address) && !sio_source_trusts(conn->net, &address))
        refuse(conn, "its peer is none of trusted_proxies");
}

size_t sio_source_input(sio_conn *conn, const char *data, size_t len)
{
    sio_source *source = conn->source;
    size_t used = 0;
    if (!source->header)
        return 0;
    const int got = sio_proxy_feed(source->header, data, len, &used);
    if (got == 0)
        return len;
    source->named = got > 0 && source->header->named;
    source->origin = source->header->origin;
    sio_mem_free(source->header);
    source->header = NULL;
    if (got > 0) {
        sio_door_place(conn);
        return used;
    }
    refuse(conn, "it does not begin with a header of the PROXY protocol");
    return len;
}

void sio_source_free(sio_conn *conn)
{
    if (conn->source)
        sio_mem_free(conn->source->header);
    sio_mem_free(conn->source);
    conn->source = NULL;
}

/* ---- headers of a request ---- */

typedef struct lines {
    sio_handshake_header headers[SIO_LIMIT_HTTP_HEADERS];
    size_t count;
} lines;

static bool is_line(const lines *all, size_t i, const char *name)
{
    const sio_str found = all->headers[i].name;
    return found.len == strlen(name) && strncasecmp(found.data, name, found.len) == 0;
}

static bool has_line(const lines *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (is_line(all, i, name))
            return true;
    return false;
}

/* Several lines of one name are one list. */
static void walk_each(const lines *all, const sio_trust *trust, sio_origin *at)
{
    unsigned hops = 0;
    bool more = true;
    for (size_t i = all->count; more && i-- > 0;)
        if (is_line(all, i, "x-forwarded-for"))
            more = sio_forwarded_walk(trust, all->headers[i].value, at, &hops);
    hops += hops == 0;
    for (size_t i = all->count; hops > 0 && i-- > 0;)
        if (is_line(all, i, "x-forwarded-proto"))
            sio_forwarded_proto(all->headers[i].value, &hops, &at->secure);
}

static void walk_elements(const lines *all, const sio_trust *trust, sio_origin *at)
{
    bool more = true;
    for (size_t i = all->count; more && i-- > 0;)
        if (is_line(all, i, "forwarded"))
            more = sio_forwarded_elements(trust, all->headers[i].value, at);
}

/* A proxy that writes X-Forwarded-… hands on what a client has made up as Forwarded. */
static void walk(const sio_conn *conn, const sio_request *request, sio_origin *at)
{
    lines all;
    all.count = sio_request_headers(request, all.headers);
    if (has_line(&all, "x-forwarded-for") || has_line(&all, "x-forwarded-proto"))
        walk_each(&all, &conn->net->trust, at);
    else
        walk_elements(&all, &conn->net->trust, at);
}

/* ---- either ---- */

static bool begin(const sio_conn *conn, struct sockaddr_storage *address, sio_origin *out)
{
    const sio_source *source = conn->source;
    address->ss_family = AF_UNSPEC;
    if (source && source->named) {
        *out = source->origin;
        return true;
    }
    if (!sio_line_peer(conn, address))
        return false;
    put_socket_address(out, address);
    out->secure = conn->carried && conn->line.secure;
    return true;
}

bool sio_source_of(const sio_conn *conn, const sio_request *request, sio_origin *out)
{
    struct sockaddr_storage address;
    if (!begin(conn, &address, out))
        return false;
    if (request && sio_trust_has(&conn->net->trust, out))
        walk(conn, request, out);
    return true;
}

/* A peer that nobody speaks for has its address in the form of its socket, as in Node.js: that of
 * IPv4 at a listener for both families is "::ffff:192.0.2.1". */
static bool is_plain(const struct sockaddr_storage *address, const sio_origin *origin)
{
    sio_origin peer;
    if (address->ss_family != AF_INET && address->ss_family != AF_INET6)
        return false;
    put_socket_address(&peer, address);
    return !origin->local && memcmp(&peer.address, &origin->address, sizeof(origin->address)) == 0;
}

const char *sio_source_text(const sio_conn *conn, const sio_request *request,
                            char out[SIO_SOURCE_TEXT], bool *secure)
{
    struct sockaddr_storage address;
    sio_origin origin;
    out[0] = '\0';
    if (!begin(conn, &address, &origin))
        return out;
    if (request && sio_trust_has(&conn->net->trust, &origin))
        walk(conn, request, &origin);
    if (secure)
        *secure = origin.secure;
    if (is_plain(&address, &origin))
        uv_ip_name((struct sockaddr *)&address, out, SIO_SOURCE_TEXT);
    else if (origin.local)
        snprintf(out, SIO_SOURCE_TEXT, "unix:");
    else
        sio_address_write(&origin.address, out);
    return out;
}
