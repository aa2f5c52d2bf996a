#include <sio/sys/redis_url.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#define DEFAULT_PORT          6379
#define DEFAULT_SENTINEL_PORT 26379

/* What went wrong; the texts never quote the URL, for it may hold a password. */
typedef const char *complaint;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number of digits only, at most `max`. */
static bool read_number(const char *text, int max, int *out)
{
    int number = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (!is_digit(*text) || number > (max - (*text - '0')) / 10)
            return false;
        number = number * 10 + (*text - '0');
    }
    *out = number;
    return true;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Decodes %XX in place. */
static bool unescape(char *text)
{
    char *out = text;
    for (; *text; text++) {
        if (*text != '%') {
            *out++ = *text;
            continue;
        }
        int high = hex_digit(text[1]);
        int low = high < 0 ? -1 : hex_digit(text[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high << 4 | low);
        text += 2;
    }
    *out = '\0';
    return true;
}

static const char bad_escape[] =
    "a percent sign must be followed by two hexadecimal digits (and not by 00)";
static const char unknown[] = "no such parameter";

/* Where a complaint is composed that is more than a constant. The names of all parameters fit. */
typedef struct note {
    char text[256];
} note;

#define UNKNOWN_MAX 30

/* ---- what follows the question mark ---- */

typedef enum where {
    TCP = 1,
    UNIX = 2,
    TLS = 4,
    SENTINEL = 8,
    CLUSTER = 16,
    ALL = TCP | UNIX | SENTINEL | CLUSTER
} where;

static const struct parameter {
    const char *name;
    where allowed;
    size_t offset; /* of a char pointer in sio_redis_url */
} parameters[] = {
    { "password_file", ALL, offsetof(sio_redis_url, password_file) },
    { "ca", TLS, offsetof(sio_redis_url, ca) },
    { "cert", TLS, offsetof(sio_redis_url, cert) },
    { "key", TLS, offsetof(sio_redis_url, key) },
    { "server_name", TLS, offsetof(sio_redis_url, server_name) },
    { "sentinel_user", SENTINEL, offsetof(sio_redis_url, sentinel_user) },
    { "sentinel_password_file", SENTINEL, offsetof(sio_redis_url, sentinel_password_file) },
    { "user", UNIX, offsetof(sio_redis_url, user) },
};

/* A name that is one, and not a piece of a password that has a question mark in it. */
static bool may_be_told(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

    return len > 0 && len <= UNKNOWN_MAX && !name[len];
}

/* Which there are; `name` is "..." when it must not be told. */
static complaint no_such_parameter(note *out, where here, const char *name)
{
    size_t len = (size_t)snprintf(out->text, sizeof out->text, "no parameter \"%s\" here, only %s",
                                  name, here == UNIX ? "db, " : "");
    const char *comma = "";
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (!(parameters[i].allowed & here) || len >= sizeof out->text)
            continue;
        len += (size_t)snprintf(out->text + len, sizeof out->text - len, "%s%s", comma,
                                parameters[i].name);
        comma = ", ";
    }
    if (len < sizeof out->text)
        (void)snprintf(out->text + len, sizeof out->text - len,
                       "; write %%3F for a question mark in a password");
    return out->text;
}

static complaint read_parameter(sio_redis_url *url, where here, const char *name, char *value)
{
    if (here == UNIX && strcmp(name, "db") == 0)
        return read_number(value, INT32_MAX, &url->db) ? NULL : "the database is a number";
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const struct parameter *one = &parameters[i];
        char **place = (char **)(void *)((char *)url + one->offset);
        if (strcmp(name, one->name) != 0 || !(one->allowed & here))
            continue;
        if (*place)
            return "a parameter stands there twice";
        *place = value;
        if (!*value)
            return "a parameter has no value";
        return unescape(value) ? NULL : bad_escape;
    }
    return unknown;
}

static complaint read_query(sio_redis_url *url, where here, char *query, note *out)
{
    const bool secret = query && strchr(query, '@');
    complaint wrong = NULL;
    while (query && !wrong) {
        char *next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        char *value = strchr(query, '=');
        if (!value)
            return "parameters are name=value, joined by &";
        *value++ = '\0';
        wrong = read_parameter(url, here, query, value);
        if (wrong == unknown)
            return no_such_parameter(out, here, !secret && may_be_told(query) ? query : "...");
        query = next;
    }
    return wrong;
}

/* What only the whole tells. */
static complaint check(const sio_redis_url *url)
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

static complaint read_login(sio_redis_url *url, char *login)
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
    return (!url->user || unescape(url->user)) && (!colon || unescape(url->password)) ? NULL
                                                                                      : bad_escape;
}

/* `port` begins with a colon, or is empty. */
static complaint read_port(sio_redis_place *place, const char *port)
{
    if (!*port)
        return NULL;
    if (*port != ':' || !read_number(port + 1, 65535, &place->port) || place->port == 0)
        return "the port is a number from 1 to 65535";
    return NULL;
}

static complaint read_bracketed(sio_redis_place *place, char *host)
{
    char *end = strchr(host, ']');
    if (end)
        *end = '\0';
    if (!end || !strchr(host, ':'))
        return "an IPv6 address stands in brackets";
    place->host = host + 1;
    return read_port(place, end + 1);
}

static complaint read_host(sio_redis_place *place, char *host)
{
    if (*host == '[')
        return read_bracketed(place, host);
    size_t len = strcspn(host, ":");
    if (len == 0)
        return "a host is missing";
    if (strchr(host + len, ':') != strrchr(host, ':'))
        return "an IPv6 address stands in brackets";
    complaint wrong = read_port(place, host + len);
    host[len] = '\0';
    place->host = host;
    return wrong;
}

static complaint read_server(sio_redis_url *url, char *host)
{
    sio_redis_place place = { .port = DEFAULT_PORT };
    complaint wrong = read_host(&place, host);
    url->host = place.host;
    url->port = place.port;
    return wrong;
}

/* Sentinels, or nodes of a cluster. */
static complaint read_places(sio_redis_url *url, int port, char *hosts)
{
    complaint wrong = NULL;
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
static complaint read_database(sio_redis_url *url, const char *rest)
{
    if (rest && *rest && !read_number(rest, INT32_MAX, &url->db))
        return "the database is a number";
    return NULL;
}

/* A cluster has one database. */
static complaint read_nothing(sio_redis_url *url, const char *rest)
{
    url->cluster = true;
    return rest && *rest ? "a cluster has no databases: nothing stands after the hosts" : NULL;
}

static complaint read_master(sio_redis_url *url, char *rest)
{
    char *slash = rest ? strchr(rest, '/') : NULL;
    if (slash)
        *slash++ = '\0';
    if (!rest || !*rest)
        return "the master's name stands after the sentinels and a slash";
    url->master = rest;
    return unescape(rest) ? read_database(url, slash) : bad_escape;
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
static complaint read_network(sio_redis_url *url, where here, char *rest, char **query)
{
    if (strchr(rest, '#'))
        return "a fragment has no meaning here; write %23 for its sign in a password";
    *query = cut(rest, '?');
    char *path = cut(rest, '/');
    char *at = strrchr(rest, '@');
    complaint wrong = NULL;
    if (at) {
        *at++ = '\0';
        wrong = read_login(url, rest);
    }
    char *hosts = at ? at : rest;
    url->tls = here & TLS;
    if (!wrong)
        wrong = here & SENTINEL  ? read_places(url, DEFAULT_SENTINEL_PORT, hosts)
                : here & CLUSTER ? read_places(url, DEFAULT_PORT, hosts)
                                 : read_server(url, hosts);
    if (!wrong)
        wrong = here & SENTINEL  ? read_master(url, path)
                : here & CLUSTER ? read_nothing(url, path)
                                 : read_database(url, path);
    return wrong;
}

static complaint read_unix(sio_redis_url *url, where here, char *path, char **query)
{
    (void)here;
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
    where here;
    complaint (*read)(sio_redis_url *url, where here, char *rest, char **query);
} schemes[] = {
    { "redis://", TCP, read_network },
    { "rediss://", TCP | TLS, read_network },
    { "redis+sentinel://", SENTINEL, read_network },
    { "rediss+sentinel://", SENTINEL | TLS, read_network },
    { "redis+cluster://", CLUSTER, read_network },
    { "rediss+cluster://", CLUSTER | TLS, read_network },
    { "unix:", UNIX, read_unix },
};

static complaint read_url(sio_redis_url *url, char *text, note *out)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "blanks and control characters do not belong into a URL";
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i].prefix);
        if (strncasecmp(text, schemes[i].prefix, len) != 0)
            continue;
        char *query = NULL;
        complaint wrong = schemes[i].read(url, schemes[i].here, text + len, &query);
        if (!wrong)
            wrong = read_query(url, schemes[i].here, query, out);
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
    note space;
    complaint wrong = read_url(&url, url.storage, &space);
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
