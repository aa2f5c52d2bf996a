#include "net/cookie.h"

#include <inttypes.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

static bool is_attribute(const char *text)
{
    return !text || (sio_headers_is_value(sio_str_from(text)) && !strchr(text, ';'));
}

static bool is_blank(const sio_cookie_options *options)
{
    return !options->path && !options->domain && !options->max_age_s && !options->same_site &&
           !options->secure && !options->no_http_only;
}

static const char *objection(const sio_cookie_options *options)
{
    if (!options->name)
        return is_blank(options) ? NULL : "cookie has no name";
    if (!sio_headers_is_token(sio_str_from(options->name)))
        return "cookie.name is no name of a cookie";
    if (!is_attribute(options->path))
        return "cookie.path has a semicolon or a control character";
    if (!is_attribute(options->domain))
        return "cookie.domain has a semicolon or a control character";
    if (options->max_age_s < 0)
        return "cookie.max_age_s is negative";
    if ((unsigned)options->same_site > SIO_SAME_SITE_OMITTED)
        return "cookie.same_site is no SIO_SAME_SITE_…";
    return NULL;
}

/* In the order of the `cookie` package. */
static void write_attributes(sio_buf *out, const sio_cookie_options *options)
{
    static const char *const same_site[] = {
        [SIO_SAME_SITE_LAX] = "; SameSite=Lax",
        [SIO_SAME_SITE_STRICT] = "; SameSite=Strict",
        [SIO_SAME_SITE_NONE] = "; SameSite=None",
        [SIO_SAME_SITE_OMITTED] = "",
    };
    if (options->max_age_s)
        sio_buf_printf(out, "; Max-Age=%" PRId64, options->max_age_s);
    if (options->domain)
        sio_buf_printf(out, "; Domain=%s", options->domain);
    sio_buf_printf(out, "; Path=%s", options->path ? options->path : "/");
    sio_buf_text(out, options->no_http_only ? "" : "; HttpOnly");
    sio_buf_text(out, options->secure ? "; Secure" : "");
    sio_buf_text(out, same_site[options->same_site]);
    sio_buf_byte(out, '\0');
}

int sio_cookie_init(sio_cookie *cookie, const sio_cookie_options *options, const char **why)
{
    *cookie = (sio_cookie){ 0 };
    if ((*why = objection(options)))
        return SIO_EINVAL;
    if (!options->name)
        return 0;
    sio_buf attributes = { 0 };
    write_attributes(&attributes, options);
    char *name = sio_mem_strndup(options->name, strlen(options->name));
    if (name && !attributes.err && strlen(name) + attributes.len <= SIO_LIMIT_NAME) {
        *cookie = (sio_cookie){ name, attributes.data };
        return 0;
    }
    const int err = name && !attributes.err ? SIO_EINVAL : SIO_ENOMEM;
    *why = "cookie is longer than 1024 bytes";
    sio_mem_free(name);
    sio_buf_free(&attributes);
    return err;
}

void sio_cookie_free(sio_cookie *cookie)
{
    sio_mem_free(cookie->name);
    sio_mem_free(cookie->attributes);
}

int sio_cookie_put(const sio_cookie *cookie, const char *sid, sio_headers *out)
{
    if (!cookie->name)
        return 0;
    sio_buf value = { 0 };
    sio_buf_printf(&value, "%s=%s%s", cookie->name, sid, cookie->attributes);
    const int err = value.err
                        ? value.err
                        : sio_headers_put(out, "Set-Cookie", (sio_str){ value.data, value.len });
    sio_buf_free(&value);
    return err;
}
