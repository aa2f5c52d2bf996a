#include "cluster/owed.h"

#include <string.h>

#include <sio/sys/mem.h>

static size_t cost(const sio_owed_item *item)
{
    return sizeof *item + item->nsp.len + item->data.len;
}

sio_owed_item *sio_owed_new(sio_str nsp, sio_str data)
{
    sio_owed_item *item = sio_mem_zalloc(sizeof *item + nsp.len + data.len);
    if (!item)
        return NULL;
    item->nsp = (sio_str){ item->bytes, nsp.len };
    item->data = (sio_str){ item->bytes + nsp.len, data.len };
    memcpy(item->bytes, nsp.data, nsp.len);
    memcpy(item->bytes + nsp.len, data.data, data.len);
    return item;
}

void sio_owed_add(sio_owed *owed, sio_owed_item *item)
{
    if (owed->tail)
        owed->tail->next = item;
    else
        owed->head = item;
    owed->tail = item;
    owed->bytes += cost(item);
    owed->promised++;
}

sio_owed_item *sio_owed_take(sio_owed *owed)
{
    sio_owed_item *item = owed->head;
    if (!item)
        return NULL;
    owed->head = item->next;
    if (!owed->head)
        owed->tail = NULL;
    owed->bytes -= cost(item);
    owed->kept++;
    return item;
}

void sio_owed_free(sio_owed *owed)
{
    sio_owed_item *item;
    while ((item = sio_owed_take(owed)))
        sio_mem_free(item);
}
