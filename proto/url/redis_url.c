#include <sio/sys/redis_url.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#define DEFAULT_PORT 6379

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

static complaint read_login(sio_redis_url *url, char *login)
{
    char *colon = strchr(login, ':');
    if (!colon || !colon[1])
        return "a login is user:password, or :password";
    *colon = '\0';
    url->user = *login ? login : NULL;
    url->password = colon + 1;
    if ((url->user && !unescape(url->user)) || !unescape(url->password))
        return "in user and password, a percent sign must be followed by two hexadecimal digits "
               "(and not by 00)";
    return NULL;
}

/* `port` begins with a colon, or is empty. */
static complaint read_port(sio_redis_url *url, const char *port)
{
    if (!*port)
        return NULL;
    if (*port != ':' || !read_number(port + 1, 65535, &url->port) || url->port == 0)
        return "the port is a number from 1 to 65535";
    return NULL;
}

static complaint read_bracketed(sio_redis_url *url, char *host)
{
    char *end = strchr(host, ']');
    if (end)
        *end = '\0';
    if (!end || !strchr(host, ':'))
        return "an IPv6 address stands in brackets";
    url->host = host + 1;
    return read_port(url, end + 1);
}

static complaint read_host(sio_redis_url *url, char *host)
{
    if (*host == '[')
        return read_bracketed(url, host);
    size_t len = strcspn(host, ":");
    if (len == 0)
        return "a host is missing";
    if (strchr(host + len, ':') != strrchr(host, ':'))
        return "an IPv6 address stands in brackets";
    complaint wrong = read_port(url, host + len);
    host[len] = '\0';
    url->host = host;
    return wrong;
}

static complaint read_tcp(sio_redis_url *url, char *rest)
{
    if (strpbrk(rest, "?#"))
        return "a query or fragment has no meaning here; write %3F and %23 in a password";
    char *slash = strchr(rest, '/');
    if (slash) {
        *slash = '\0';
        if (slash[1] && !read_number(slash + 1, INT32_MAX, &url->db))
            return "the database is a number";
    }
    char *at = strrchr(rest, '@');
    complaint wrong = NULL;
    if (at) {
        *at = '\0';
        wrong = read_login(url, rest);
    }
    return wrong ? wrong : read_host(url, at ? at + 1 : rest);
}

static complaint read_unix(sio_redis_url *url, char *path)
{
    if (strncmp(path, "//", 2) == 0)
        path += 2;
    char *query = strchr(path, '?');
    if (query) {
        *query = '\0';
        if (strncmp(query + 1, "db=", 3) != 0 || !read_number(query + 4, INT32_MAX, &url->db))
            return "after the path of a socket only ?db=NUMBER may follow";
    }
    if (!*path)
        return "the path of the socket is missing";
    if (strlen(path) > SIO_LIMIT_UNIX_PATH)
        return "the path of the socket is too long";
    url->path = path;
    return NULL;
}

static complaint read_url(sio_redis_url *url, char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "blanks and control characters do not belong into a URL";
    if (strncasecmp(text, "redis://", 8) == 0)
        return read_tcp(url, text + 8);
    if (strncasecmp(text, "unix:", 5) == 0)
        return read_unix(url, text + 5);
    if (strncasecmp(text, "rediss://", 9) == 0)
        return "TLS (rediss://) is not supported";
    return "it begins with redis:// or unix:";
}

int sio_redis_url_read(sio_redis_url *out, const char *text, char *detail, size_t detail_size)
{
    sio_redis_url url = { .port = DEFAULT_PORT };
    url.storage = sio_mem_strndup(text, strlen(text));
    if (!url.storage)
        return SIO_ENOMEM;
    complaint wrong = read_url(&url, url.storage);
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
