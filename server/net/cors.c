#include "net/cors.h"

#include <stdio.h>
#include <strings.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

/* ---- options ---- */

static bool is_list(const char *text)
{
    return !text || (strlen(text) <= SIO_LIMIT_NAME && sio_headers_is_value(sio_str_from(text)));
}

static const char *objection_to_origins(const char *const *origins)
{
    for (size_t i = 0; origins && origins[i]; i++) {
        const char *star = strchr(origins[i], '*');
        if (strcmp(origins[i], "*") == 0 && (i > 0 || origins[1]))
            return "cors.origins: \"*\" stands alone";
        if (star && strchr(star + 1, '*'))
            return "cors.origins: a pattern has one \"*\"";
        if (!origins[i][0])
            return "cors.origins: an origin is empty";
    }
    return NULL;
}

static const char *objection(const sio_cors_options *options)
{
    const bool on = options->origins || options->allows;
    if (!on && (options->credentials || options->methods || options->allowed_headers ||
                options->exposed_headers || options->max_age_s || options->check_origin))
        return "cors has neither origins nor allows";
    if (options->origins && options->allows)
        return "cors has both origins and allows";
    if (options->check_origin && options->origins && options->origins[0] &&
        strcmp(options->origins[0], "*") == 0)
        return "cors.check_origin means nothing where every origin is allowed";
    if (!is_list(options->methods) || !is_list(options->allowed_headers) ||
        !is_list(options->exposed_headers))
        return "cors: a list is longer than 1024 bytes or has a control character";
    return objection_to_origins(options->origins);
}

/* NULL stays NULL. */
static int copy(char **out, const char *text)
{
    *out = text ? sio_mem_strndup(text, strlen(text)) : NULL;
    return text && !*out ? SIO_ENOMEM : 0;
}

static int copy_origins(sio_cors *cors, const char *const *origins)
{
    size_t count = 0;
    if (!origins || (origins[0] && strcmp(origins[0], "*") == 0))
        return 0;
    while (origins[count])
        count++;
    cors->origins = sio_mem_zalloc((count + 1) * sizeof(*cors->origins));
    if (!cors->origins)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (copy(&cors->origins[i], origins[i]))
            return SIO_ENOMEM;
    }
    return 0;
}

int sio_cors_init(sio_cors *cors, const sio_cors_options *options, void *data, const char **why)
{
    *cors = (sio_cors){ 0 };
    if ((*why = objection(options)))
        return SIO_EINVAL;
    *cors = (sio_cors){
        .on = options->origins || options->allows,
        .allows = options->allows,
        .data = data,
        .credentials = options->credentials,
        .check_origin = options->check_origin,
        .max_age_s = options->max_age_s,
    };
    const char *methods = options->methods ? options->methods : "GET,HEAD,PUT,PATCH,POST,DELETE";
    if (!cors->on || (!copy_origins(cors, options->origins) && !copy(&cors->methods, methods) &&
                      !copy(&cors->allowed_headers, options->allowed_headers) &&
                      !copy(&cors->exposed_headers, options->exposed_headers)))
        return 0;
    sio_cors_free(cors);
    return SIO_ENOMEM;
}

void sio_cors_free(sio_cors *cors)
{
    for (char **origin = cors->origins; origin && *origin; origin++)
        sio_mem_free(*origin);
    sio_mem_free(cors->origins);
    sio_mem_free(cors->methods);
    sio_mem_free(cors->allowed_headers);
    sio_mem_free(cors->exposed_headers);
    *cors = (sio_cors){ 0 };
}

/* ---- who may ask ---- */

static bool is_host_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '.';
}

static bool skip(sio_str *text, const char *prefix)
{
    const size_t len = strlen(prefix);
    if (text->len < len || memcmp(text->data, prefix, len) != 0)
        return false;
    *text = (sio_str){ text->data + len, text->len - len };
    return true;
}

static bool ends_with(sio_str text, const char *ending)
{
    const size_t len = strlen(ending);
    return text.len >= len && memcmp(text.data + text.len - len, ending, len) == 0;
}

bool sio_cors_matches(const char *entry, sio_str origin)
{
    const char *star = strchr(entry, '*');
    if (!star)
        return sio_str_equal(sio_str_from(entry), origin);
    if (!strstr(entry, "://") && !skip(&origin, "http://") && !skip(&origin, "https://"))
        return false;
    const size_t before = (size_t)(star - entry), after = strlen(star + 1);
    if (origin.len <= before + after || memcmp(origin.data, entry, before) != 0 ||
        !ends_with(origin, star + 1))
        return false;
    for (size_t i = before; i < origin.len - after; i++) {
        if (!is_host_char(origin.data[i]))
            return false;
    }
    return true;
}

static bool is_listed(const sio_cors *cors, sio_str origin)
{
    for (char **entry = cors->origins; *entry; entry++) {
        if (sio_cors_matches(*entry, origin))
            return true;
    }
    return false;
}

static bool ask(const sio_cors *cors, sio_str origin)
{
    char text[SIO_LIMIT_ORIGIN + 1];
    snprintf(text, sizeof(text), "%.*s", (int)origin.len, origin.data ? origin.data : "");
    return cors->allows(origin.data ? text : NULL, cors->data);
}

/* Whether the page comes from where the request goes to. */
static bool is_own(const sio_request *request, sio_str origin)
{
    const sio_str host = sio_request_header(request, "host");
    return host.len > 0 && (skip(&origin, "https://") || skip(&origin, "http://")) &&
           origin.len == host.len && strncasecmp(origin.data, host.data, host.len) == 0;
}

bool sio_cors_lets_in(const sio_cors *cors, const sio_request *request)
{
    const sio_str origin = sio_request_header(request, "origin");
    if (!cors->check_origin || !origin.data || is_own(request, origin))
        return true;
    if (origin.len > SIO_LIMIT_ORIGIN)
        return false;
    return cors->allows ? ask(cors, origin) : is_listed(cors, origin);
}

/* ---- what is said ---- */

/* The lines of one answer; the first error ends them. */
typedef struct lines {
    sio_headers *out;
    int err;
} lines;

static void put(lines *to, const char *name, sio_str value)
{
    if (!to->err)
        to->err = sio_headers_put(to->out, name, value);
}

static void put_origin(lines *to, const sio_cors *cors, sio_str origin, bool allowed)
{
    if (cors->origins || cors->allows) {
        if (allowed && origin.data)
            put(to, "Access-Control-Allow-Origin", origin);
    } else {
        put(to, "Access-Control-Allow-Origin", SIO_STR("*"));
    }
    if (cors->credentials)
        put(to, "Access-Control-Allow-Credentials", SIO_STR("true"));
    if (cors->exposed_headers)
        put(to, "Access-Control-Expose-Headers", sio_str_from(cors->exposed_headers));
}

static void put_preflight(lines *to, const sio_cors *cors, const sio_request *request)
{
    const sio_str wanted = cors->allowed_headers
                               ? sio_str_from(cors->allowed_headers)
                               : sio_request_header(request, "access-control-request-headers");
    put(to, "Access-Control-Allow-Methods", sio_str_from(cors->methods));
    if (wanted.len > 0 && wanted.len <= SIO_LIMIT_NAME)
        put(to, "Access-Control-Allow-Headers", wanted);
    if (cors->max_age_s) {
        char age[16];
        const int len = snprintf(age, sizeof(age), "%d", (int)cors->max_age_s);
        put(to, "Access-Control-Max-Age", (sio_str){ age, (size_t)len });
    }
}

/* On what the answer depends, so that no cache gives it to others. */
static void put_vary(lines *to, const sio_cors *cors, bool preflight)
{
    const bool origin = cors->origins || cors->allows;
    const bool headers = preflight && !cors->allowed_headers;
    if (origin && headers)
        put(to, "Vary", SIO_STR("Origin, Access-Control-Request-Headers"));
    else if (origin)
        put(to, "Vary", SIO_STR("Origin"));
    else if (headers)
        put(to, "Vary", SIO_STR("Access-Control-Request-Headers"));
}

int sio_cors_put(const sio_cors *cors, const sio_request *request, sio_headers *out)
{
    const sio_str origin = sio_request_header(request, "origin");
    const bool preflight = sio_request_is(request, HTTP_OPTIONS);
    bool allowed = origin.len <= SIO_LIMIT_ORIGIN;
    if (!cors->on)
        return 0;
    if (cors->allows && !(allowed && ask(cors, origin)))
        return 0; /* as the package does: nothing is said at all */
    if (cors->origins)
        allowed = allowed && is_listed(cors, origin);
    lines to = { .out = out };
    put_origin(&to, cors, origin, allowed);
    put_vary(&to, cors, preflight);
    if (preflight)
        put_preflight(&to, cors, request);
    return to.err ? to.err : preflight;
}
