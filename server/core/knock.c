#include "core/knock.h"

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "core/next.h"
#include "core/parent.h"
#include "core/parser.h"

/* The callback of a parent that has been asked. */
struct inquiry {
    sio_next next;    /* first */
    sio_knock *knock; /* NULL: nobody wants the answer any more */
};

struct sio_knock {
    sio_client *client;
    sio_knock *sibling; /* in client->knocks */
    sio_list *at;       /* the family that is asked; the list's head at first */
    struct inquiry *inquiry;
    sio_value *auth;
    uint32_t len;
    char name[];
};

static const sio_next_ops inquiry_ops;

static sio_str name_of(const sio_knock *knock)
{
    return (sio_str){ knock->name, knock->len };
}

/* ---- life ---- */

static sio_knock *knock_new(sio_client *client, sio_str name, const sio_value *auth)
{
    sio_knock *knock = sio_mem_zalloc(sizeof(*knock) + name.len + 1);
    if (!knock)
        return NULL;
    if (sio_value_type(auth) != SIO_TYPE_UNDEFINED && sio_value_copy(&knock->auth, auth)) {
        sio_mem_free(knock);
        return NULL;
    }
    knock->len = (uint32_t)name.len;
    memcpy(knock->name, name.data, name.len);
    knock->at = &client->server->families;
    knock->client = client;
    knock->sibling = client->knocks;
    client->knocks = knock;
    return knock;
}

static void unlink_from_client(sio_knock *knock)
{
    sio_knock **place = &knock->client->knocks;
    while (*place != knock)
        place = &(*place)->sibling;
    *place = knock->sibling;
}

static void knock_free(sio_knock *knock)
{
    if (knock->inquiry)
        knock->inquiry->knock = NULL;
    sio_value_free(knock->auth);
    sio_mem_free(knock);
}

bool sio_knock_waits(const sio_client *client, sio_str name)
{
    const sio_knock *knock = client->knocks;
    while (knock && !sio_str_equal(name_of(knock), name))
        knock = knock->sibling;
    return knock != NULL;
}

size_t sio_knock_count(const sio_client *client)
{
    size_t count = 0;
    for (const sio_knock *knock = client->knocks; knock; knock = knock->sibling)
        count++;
    return count;
}

void sio_knock_forget_all(sio_client *client)
{
    while (client->knocks) {
        sio_knock *knock = client->knocks;
        client->knocks = knock->sibling;
        knock_free(knock);
    }
}

/* ---- the answer to the client ---- */

static void refuse(sio_client *client, sio_str nsp, const char *message)
{
    const sio_value entries[] = {
        sio_value_of_string(SIO_STR("message")),
        sio_value_of_string(sio_str_from(message)),
    };
    const sio_packet packet = {
        .type = SIO_PACKET_CONNECT_ERROR,
        .nsp = nsp,
        .data = { .type = SIO_TYPE_MAP, .count = 1, .as.items = entries },
    };
    SIO_CORE_LOG_OF(client->server, SIO_LOG_DEBUG, SIO_LOG_SOCKET,
                    SIO_LOG_ABOUT(.client = client, .nsp = nsp),
                    "client " SIO_CLIENT_TAG " was refused by %.*s: %s", client->sid, (int)nsp.len,
                    nsp.data, message);
    sio_frame *frame;
    if (sio_parser_encode(client->server, &packet, &frame)) {
        sio_client_fail(client, "out of memory");
        return;
    }
    (void)sio_client_queue(client, frame, false);
    sio_frame_unref(frame);
}

static void refuse_name(sio_client *client, sio_str name)
{
    client->server->stats.refused_names++;
    refuse(client, name, "Invalid namespace");
}

static void refuse_for_limit(sio_client *client, sio_str name)
{
    sio_server *server = client->server;
    if (server->stats.namespaces_refused++ == 0 || server->now >= server->warn_namespaces_at) {
        server->warn_namespaces_at = server->now + SIO_LIMIT_LOG_REPEAT_MS;
        SIO_CORE_LOG(server, SIO_LOG_WARN, SIO_LOG_SERVER,
                     "a namespace was refused: there are %u dynamic ones; raise "
                     "max_dynamic_namespaces, or set cleanup_empty_child_namespaces",
                     (unsigned)server->max_dynamic_namespaces);
    }
    refuse(client, name, "too many namespaces");
}

/* The namespace, made if nobody else has made it meanwhile. NULL: the client has been told. */
static sio_namespace *enter(sio_client *client, sio_family *family, sio_str name)
{
    sio_server *server = client->server;
    sio_namespace *nsp = sio_map_get(&server->namespaces, name);
    if (nsp)
        return nsp;
    if (server->stats.dynamic_namespaces >= server->max_dynamic_namespaces) {
        refuse_for_limit(client, name);
        return NULL;
    }
    nsp = sio_family_add(family, name);
    if (!nsp)
        sio_client_fail(client, "out of memory");
    return nsp;
}

/* Ends the knock. The application, told of the new namespace, may end the client: freed it is
 * later. */
static void admit(sio_knock *knock, sio_family *family)
{
    static const sio_value undefined = { .type = SIO_TYPE_UNDEFINED };
    sio_client *client = knock->client;
    unlink_from_client(knock);
    sio_namespace *nsp = enter(client, family, name_of(knock));
    if (nsp && sio_client_is_open(client))
        sio_client_join(client, nsp, knock->auth ? knock->auth : &undefined);
    if (nsp)
        sio_family_vacate(nsp);
    knock_free(knock);
}

/* ---- the parents, one after the other ---- */

static void ask(sio_knock *knock, const sio_family *family)
{
    sio_server *server = knock->client->server;
    struct inquiry *inquiry = sio_mem_zalloc(sizeof(*inquiry));
    if (!inquiry) {
        sio_client_fail(knock->client, "out of memory");
        unlink_from_client(knock);
        knock_free(knock);
        return;
    }
    sio_next_init(&inquiry->next, server, &inquiry_ops);
    inquiry->knock = knock;
    knock->inquiry = inquiry;
    sio_core_enter(server);
    family->check(server, knock->name, knock->auth, &inquiry->next, family->data);
    sio_core_leave(server);
}

static void go_on(sio_knock *knock)
{
    sio_client *client = knock->client;
    while ((knock->at = knock->at->next) != &client->server->families) {
        sio_family *family = sio_family_at(knock->at);
        if (family->check) {
            ask(knock, family);
            return;
        }
        if (sio_pattern_matches(family->pattern, name_of(knock))) {
            admit(knock, family);
            return;
        }
    }
    refuse_name(client, name_of(knock));
    unlink_from_client(knock);
    knock_free(knock);
}

/* What the callbacks get is a text: a name with a NUL in it is none that they could judge. */
void sio_knock_start(sio_client *client, const sio_packet *packet)
{
    const sio_str name = packet->nsp;
    if (sio_list_empty(&client->server->families) || memchr(name.data, '\0', name.len)) {
        refuse_name(client, name);
        return;
    }
    sio_knock *knock = knock_new(client, name, &packet->data);
    if (knock)
        go_on(knock);
    else
        sio_client_fail(client, "out of memory");
}

/* ---- answers ---- */

static struct inquiry *inquiry_of(sio_next *next)
{
    return (struct inquiry *)(void *)next;
}

static sio_knock *take(sio_next *next)
{
    sio_knock *knock = inquiry_of(next)->knock;
    if (knock)
        knock->inquiry = NULL;
    inquiry_of(next)->knock = NULL;
    return knock;
}

static void inquiry_pass(sio_next *next)
{
    sio_knock *knock = take(next);
    if (knock)
        admit(knock, sio_family_at(knock->at));
}

static void inquiry_refuse(sio_next *next, const char *message, const sio_value *data)
{
    (void)message;
    (void)data;
    sio_knock *knock = take(next);
    if (knock)
        go_on(knock);
}

static void inquiry_drop(sio_next *next)
{
    sio_mem_free(next);
}

static const sio_next_ops inquiry_ops = { inquiry_pass, inquiry_refuse, inquiry_drop };
