#include "url/inside.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char unknown[] = "no such parameter";

#define UNKNOWN_MAX 30

static const struct parameter {
    const char *name;
    sio_url_kind allowed;
    size_t offset; /* of a char pointer in sio_redis_url */
} parameters[] = {
    { "password_file", SIO_URL_ALL, offsetof(sio_redis_url, password_file) },
    { "ca", SIO_URL_TLS, offsetof(sio_redis_url, ca) },
    { "cert", SIO_URL_TLS, offsetof(sio_redis_url, cert) },
    { "key", SIO_URL_TLS, offsetof(sio_redis_url, key) },
    { "server_name", SIO_URL_TLS, offsetof(sio_redis_url, server_name) },
    { "sentinel_user", SIO_URL_SENTINEL, offsetof(sio_redis_url, sentinel_user) },
    { "sentinel_password_file", SIO_URL_SENTINEL, offsetof(sio_redis_url, sentinel_password_file) },
    { "user", SIO_URL_UNIX, offsetof(sio_redis_url, user) },
};

/* A name that is one, and not a piece of a password that has a question mark in it. */
static bool may_be_told(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

    return len > 0 && len <= UNKNOWN_MAX && !name[len];
}

/* Which there are; `name` is "..." when it must not be told. */
static sio_complaint no_such_parameter(sio_complaint_note *out, sio_url_kind kind, const char *name)
{
    size_t len = (size_t)snprintf(out->text, sizeof out->text, "no parameter \"%s\" here, only %s",
                                  name, kind == SIO_URL_UNIX ? "db, " : "");
    const char *comma = "";
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (!(parameters[i].allowed & kind) || len >= sizeof out->text)
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

static sio_complaint read_parameter(sio_redis_url *url, sio_url_kind kind, const char *name,
                                    char *value)
{
    if (kind == SIO_URL_UNIX && strcmp(name, "db") == 0)
        return sio_url_number(value, INT32_MAX, &url->db) ? NULL : "the database is a number";
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const struct parameter *one = &parameters[i];
        char **place = (char **)(void *)((char *)url + one->offset);
        if (strcmp(name, one->name) != 0 || !(one->allowed & kind))
            continue;
        if (*place)
            return "a parameter stands there twice";
        *place = value;
        if (!*value)
            return "a parameter has no value";
        return sio_url_unescape(value) ? NULL : sio_url_bad_escape;
    }
    return unknown;
}

sio_complaint sio_url_query(sio_redis_url *url, sio_url_kind kind, char *query,
                            sio_complaint_note *note)
{
    const bool secret = query && strchr(query, '@');
    sio_complaint wrong = NULL;
    while (query && !wrong) {
        char *next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        char *value = strchr(query, '=');
        if (!value)
            return "parameters are name=value, joined by &";
        *value++ = '\0';
        wrong = read_parameter(url, kind, query, value);
        if (wrong == unknown)
            return no_such_parameter(note, kind, !secret && may_be_told(query) ? query : "...");
        query = next;
    }
    return wrong;
}
