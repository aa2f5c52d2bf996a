#include "url/inside.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#define DEFAULT_PORT          6379
#define DEFAULT_SENTINEL_PORT 26379

/* What only the whole tells. */
static sio_complaint check(const sio_redis_url *url)
{
    if (url->password && url->password_file)
        return "password and password_file exclude each other";
    if (url->user && !url->password && !url->password_file)
        return "a login is user:password, or :password, or a user with password_file";
    if (url->key && !url->cert)
        return "key needs cert";
    if (url->sentinel_user && !url->sentinel_password_file)
        return "sentinel_user needs sentinel_password_file";
    return NULL;
}

/* ---- login, hosts, database ---- */

static sio_complaint read_login(sio_redis_url *url, char *login)
{
    char *colon = strchr(login, ':');
    if (colon) {
        *colon = '\0';
        url->password = colon + 1;
        if (!*url->password)
            return "the password after the colon is missing";
    }
    url->user = *login ? login : NULL;
    if (!colon && !url->user)
        return "a login is missing before the @";
    return (!url->user || sio_url_unescape(url->user)) &&
                   (!colon || sio_url_unescape(url->password))
               ? NULL
               : sio_url_bad_escape;
}

/* `port` begins with a colon, or is empty. */
static sio_complaint read_port(sio_redis_place *place, const char *port)
{
    if (!*port)
        return NULL;
    if (*port != ':' || !sio_url_number(port + 1, 65535, &place->port) || place->port == 0)
        return "the port is a number from 1 to 65535";
    return NULL;
}

static sio_complaint read_bracketed(sio_redis_place *place, char *host)
{
    char *end = strchr(host, ']');
    if (end)
        *end = '\0';
    if (!end || !strchr(host, ':'))
        return "an IPv6 address stands in brackets";
    place->host = host + 1;
    return read_port(place, end + 1);
}

static sio_complaint read_host(sio_redis_place *place, char *host)
{
    if (*host == '[')
        return read_bracketed(place, host);
    size_t len = strcspn(host, ":");
    if (len == 0)
        return "a host is missing";
    if (strchr(host + len, ':') != strrchr(host, ':'))
        return "an IPv6 address stands in brackets";
    sio_complaint wrong = read_port(place, host + len);
    host[len] = '\0';
    place->host = host;
    return wrong;
}

static sio_complaint read_server(sio_redis_url *url, char *host)
{
    sio_redis_place place = { .port = DEFAULT_PORT };
    sio_complaint wrong = read_host(&place, host);
    url->host = place.host;
    url->port = place.port;
    return wrong;
}

/* Sentinels, or nodes of a cluster. */
static sio_complaint read_places(sio_redis_url *url, int port, char *hosts)
{
    sio_complaint wrong = NULL;
    while (hosts && !wrong) {
        char *next = strchr(hosts, ',');
        if (next)
            *next++ = '\0';
        if (url->sentinels_count == SIO_LIMIT_REDIS_SENTINELS)
            return "too many hosts";
        sio_redis_place *place = &url->sentinels[url->sentinels_count++];
        place->port = port;
        wrong = read_host(place, hosts);
        hosts = next;
    }
    return wrong;
}

/* `rest` is what follows the first slash, or NULL. */
static sio_complaint read_database(sio_redis_url *url, const char *rest)
{
    if (rest && *rest && !sio_url_number(rest, INT32_MAX, &url->db))
        return "the database is a number";
    return NULL;
}

/* A cluster has one database. */
static sio_complaint read_nothing(sio_redis_url *url, const char *rest)
{
    url->cluster = true;
    return rest && *rest ? "a cluster has no databases: nothing stands after the hosts" : NULL;
}

static sio_complaint read_master(sio_redis_url *url, char *rest)
{
    char *slash = rest ? strchr(rest, '/') : NULL;
    if (slash)
        *slash++ = '\0';
    if (!rest || !*rest)
        return "the master's name stands after the sentinels and a slash";
    url->master = rest;
    return sio_url_unescape(rest) ? read_database(url, slash) : sio_url_bad_escape;
}

/* Cuts the text at the first such character, and returns what follows it, NULL for nothing. */
static char *cut(char *text, char at)
{
    char *found = strchr(text, at);
    if (found)
        *found++ = '\0';
    return found;
}

/* `query` is what follows the question mark, or NULL. */
static sio_complaint read_network(sio_redis_url *url, sio_url_kind kind, char *rest, char **query)
{
    if (strchr(rest, '#'))
        return "a fragment has no meaning here; write %23 for its sign in a password";
    *query = cut(rest, '?');
    char *path = cut(rest, '/');
    char *at = strrchr(rest, '@');
    sio_complaint wrong = NULL;
    if (at) {
        *at++ = '\0';
        wrong = read_login(url, rest);
    }
    char *hosts = at ? at : rest;
    url->tls = kind & SIO_URL_TLS;
    if (!wrong)
        wrong = kind & SIO_URL_SENTINEL  ? read_places(url, DEFAULT_SENTINEL_PORT, hosts)
                : kind & SIO_URL_CLUSTER ? read_places(url, DEFAULT_PORT, hosts)
                                         : read_server(url, hosts);
    if (!wrong)
        wrong = kind & SIO_URL_SENTINEL  ? read_master(url, path)
                : kind & SIO_URL_CLUSTER ? read_nothing(url, path)
                                         : read_database(url, path);
    return wrong;
}

static sio_complaint read_unix(sio_redis_url *url, sio_url_kind kind, char *path, char **query)
{
    (void)kind;
    if (strncmp(path, "//", 2) == 0)
        path += 2;
    *query = cut(path, '?');
    if (!*path || *path == ':')
        return "after unix: stands the path of the socket, such as unix:/run/redis.sock";
    if (strlen(path) > SIO_LIMIT_UNIX_PATH)
        return "the path of the socket is too long";
    url->path = path;
    return NULL;
}

static const struct scheme {
    const char *prefix;
    sio_url_kind kind;
    sio_complaint (*read)(sio_redis_url *url, sio_url_kind kind, char *rest, char **query);
} schemes[] = {
    { "redis://", SIO_URL_TCP, read_network },
    { "rediss://", SIO_URL_TCP | SIO_URL_TLS, read_network },
    { "redis+sentinel://", SIO_URL_SENTINEL, read_network },
    { "rediss+sentinel://", SIO_URL_SENTINEL | SIO_URL_TLS, read_network },
    { "redis+cluster://", SIO_URL_CLUSTER, read_network },
    { "rediss+cluster://", SIO_URL_CLUSTER | SIO_URL_TLS, read_network },
    { "unix:", SIO_URL_UNIX, read_unix },
};

static sio_complaint read_url(sio_redis_url *url, char *text, sio_complaint_note *out)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "blanks and control characters do not belong into a URL";
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i].prefix);
        if (strncasecmp(text, schemes[i].prefix, len) != 0)
            continue;
        char *query = NULL;
        sio_complaint wrong = schemes[i].read(url, schemes[i].kind, text + len, &query);
        if (!wrong)
            wrong = sio_url_query(url, schemes[i].kind, query, out);
        return wrong ? wrong : check(url);
    }
    return "it begins with redis://, redis+sentinel:// or redis+cluster://, with rediss for TLS, "
           "or it is unix: with the path of a socket";
}

int sio_redis_url_read(sio_redis_url *out, const char *text, char *detail, size_t detail_size)
{
    sio_redis_url url = { .port = DEFAULT_PORT };
    url.storage = sio_mem_strndup(text, strlen(text));
    if (!url.storage)
        return SIO_ENOMEM;
    sio_complaint_note space;
    sio_complaint wrong = read_url(&url, url.storage, &space);
    if (wrong) {
        sio_redis_url_free(&url);
        if (detail)
            snprintf(detail, detail_size, "Redis URL: %s", wrong);
        return SIO_EURL;
    }
    *out = url;
    return 0;
}

void sio_redis_url_free(sio_redis_url *url)
{
    sio_mem_free(url->storage);
    *url = (sio_redis_url){ 0 };
}
