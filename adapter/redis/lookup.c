#include "redis/lookup.h"

#include <netdb.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

struct sio_lookup {
    uv_getaddrinfo_t request;
    struct addrinfo *next;
    sio_lookup_done done; /* NULL once called */
    void *data;
    bool abandoned;
};

static void on_addresses(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    sio_lookup *lookup = request->data;
    sio_lookup_done done = lookup->done;
    request->addrinfo = addresses;
    lookup->next = addresses;
    lookup->done = NULL;
    if (lookup->abandoned)
        sio_lookup_free(lookup);
    else
        done(lookup->data, status);
}

int sio_lookup_start(sio_lookup **out, uv_loop_t *loop, const char *host, sio_lookup_done done,
                     void *data)
{
    const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    sio_lookup *lookup = sio_mem_zalloc(sizeof *lookup);
    if (!lookup)
        return SIO_ENOMEM;
    lookup->request.data = lookup;
    lookup->done = done;
    lookup->data = data;
    if (uv_getaddrinfo(loop, &lookup->request, on_addresses, host, NULL, &hints)) {
        sio_mem_free(lookup);
        return SIO_ESYSTEM;
    }
    *out = lookup;
    return 0;
}

bool sio_lookup_next(sio_lookup *lookup, char address[SIO_LOOKUP_ADDRESS_SIZE])
{
    while (lookup->next) {
        const struct addrinfo *one = lookup->next;
        lookup->next = one->ai_next;
        if (!getnameinfo(one->ai_addr, one->ai_addrlen, address, SIO_LOOKUP_ADDRESS_SIZE, NULL, 0,
                         NI_NUMERICHOST))
            return true;
    }
    return false;
}

void sio_lookup_free(sio_lookup *lookup)
{
    if (!lookup)
        return;
    if (lookup->done) {
        lookup->abandoned = true;
        uv_cancel((uv_req_t *)&lookup->request);
        return;
    }
    uv_freeaddrinfo(lookup->request.addrinfo);
    sio_mem_free(lookup);
}
