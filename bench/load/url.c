#include "load/url.h"

#include <stdio.h>
#include <string.h>

static bool take_scheme(bench_url *out, const char **url)
{
    out->tls = strncmp(*url, "wss://", 6) == 0;
    if (!out->tls && strncmp(*url, "ws://", 5) != 0)
        return false;
    *url += out->tls ? 6 : 5;
    return true;
}

int bench_url_read(bench_url *out, const char *text)
{
    const char *url = text;
    int end = 0;

    if (!take_scheme(out, &url) || (sscanf(url, "[%255[^]]]%n", out->host, &end) != 1 &&
                                    sscanf(url, "%255[^:/]%n", out->host, &end) != 1)) {
        (void)fprintf(stderr, "sio-bench: %s is not ws://HOST:PORT[/PATH], or wss://\n", text);
        return -1;
    }
    url += end;
    (void)snprintf(out->port, sizeof out->port, out->tls ? "443" : "80");
    if (*url == ':') {
        end = 0;
        (void)sscanf(url, ":%7[0-9]%n", out->port, &end);
        url += end;
    }
    (void)snprintf(out->path, sizeof out->path, "%s",
                   *url && strcmp(url, "/") != 0 ? url : "/socket.io/");
    if (out->path[0] == '/' && strlen(url) < sizeof out->path)
        return 0;
    (void)fprintf(stderr, "sio-bench: the port or path of %s is wrong\n", text);
    return -1;
}
