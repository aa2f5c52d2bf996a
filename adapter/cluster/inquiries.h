/* What a node has asked of the others and waits for: who asked, under which id. */
#ifndef SIO_CLUSTER_INQUIRIES_H
#define SIO_CLUSTER_INQUIRIES_H

#include <sio/sys/adapter.h>
#include <sio/sys/map.h>

#define SIO_INQUIRY_ID_SIZE 16

typedef struct sio_inquiry {
    sio_asker *asker;  /* NULL: forgotten while the nodes are counted */
    const void *space; /* the namespace */
    sio_cluster_op op;
    bool counting;
    uint8_t id_len;
    char id[SIO_INQUIRY_ID_SIZE];
} sio_inquiry;

/* Writes a random id and returns its length. */
typedef size_t (*sio_inquiry_name)(const sio_adapter_host *host, char out[SIO_INQUIRY_ID_SIZE]);

typedef struct sio_inquiries {
    const sio_adapter_host *host;
    sio_inquiry_name name;
    sio_map by_id;
    sio_map by_asker;
} sio_inquiries;

static inline sio_str sio_inquiry_id(const sio_inquiry *inquiry)
{
    return (sio_str){ inquiry->id, inquiry->id_len };
}

/* `host` stays borrowed. */
void sio_inquiries_init(sio_inquiries *inquiries, const sio_adapter_host *host,
                        sio_inquiry_name name, const uint64_t seed[2]);
void sio_inquiries_free(sio_inquiries *inquiries);

/* A new one; NULL: memory is out. */
sio_inquiry *sio_inquiries_add(sio_inquiries *inquiries, const void *space, sio_cluster_op op,
                               sio_asker *asker);

/* NULL: there is none. Borrowed. */
sio_inquiry *sio_inquiries_find(const sio_inquiries *inquiries, sio_str id);

/* Ends it, and returns who asked; while the nodes are counted the object stays. */
sio_asker *sio_inquiries_remove(sio_inquiries *inquiries, sio_inquiry *self);
void sio_inquiries_forget(sio_inquiries *inquiries, const sio_asker *asker);

/* The nodes have been counted, this one included, or could not be: the asker is told. */
void sio_inquiries_counted(sio_inquiries *inquiries, sio_inquiry *self, int err, uint64_t nodes);

/* Fails one of that namespace, of any with NULL. False: there is none. Who is told may ask anew. */
bool sio_inquiries_fail_one(sio_inquiries *inquiries, const void *space, int err);

/* Forgets all. */
void sio_inquiries_drop(sio_inquiries *inquiries);

#endif
