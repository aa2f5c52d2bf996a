#include <sio/sys/proxy.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

static size_t length_of(const char *const *entries)
{
    size_t count = 0;
    while (entries && entries[count])
        count++;
    return count;
}

static int add(sio_trust *trust, const char *entry)
{
    if (strcmp(entry, "unix:") == 0) {
        trust->local = true;
        return 0;
    }
    const int err = sio_address_block_read(&trust->blocks[trust->count], sio_str_from(entry));
    trust->count += err == 0;
    return err;
}

int sio_trust_init(sio_trust *trust, const char *const *entries, const char **bad)
{
    const size_t count = length_of(entries);
    *trust = (sio_trust){ 0 };
    if (count == 0)
        return 0;
    trust->blocks = sio_mem_zalloc(count * sizeof(*trust->blocks));
    if (!trust->blocks)
        return SIO_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (add(trust, entries[i]) == 0)
            continue;
        *bad = entries[i];
        sio_trust_free(trust);
        return SIO_EINVAL;
    }
    return 0;
}

void sio_trust_free(sio_trust *trust)
{
    sio_mem_free(trust->blocks);
    *trust = (sio_trust){ 0 };
}

bool sio_trust_has(const sio_trust *trust, const sio_origin *origin)
{
    if (origin->local)
        return trust->local;
    for (size_t i = 0; i < trust->count; i++)
        if (sio_address_within(&origin->address, &trust->blocks[i]))
            return true;
    return false;
}
