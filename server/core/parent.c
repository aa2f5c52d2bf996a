#include "core/parent.h"

#include <stdio.h>

#include <sio/err.h>
#include <sio/sys/mem.h>

#include "core/recovery.h"

/* ---- parents ---- */

/* Parents are in no map: no client can ask for one. */
static int family_new(sio_server *server, sio_family **out)
{
    char name[32];
    const int len = snprintf(name, sizeof(name), "/_%u", (unsigned)server->family_count);
    sio_family *family = sio_mem_zalloc(sizeof(*family));
    if (!family)
        return SIO_ENOMEM;
    family->nsp = sio_namespace_new(server, (sio_str){ name, (size_t)len });
    if (!family->nsp) {
        sio_mem_free(family);
        return SIO_ENOMEM;
    }
    family->nsp->family = family;
    sio_list_init(&family->children);
    sio_list_push(&server->families, &family->node);
    server->family_count++;
    *out = family;
    return 0;
}

static int fail(sio_server *server, int err)
{
    return sio_core_fail(server, err, SIO_LOG_SERVER, "parent of namespaces: %s",
                         err == SIO_EINVAL ? "there is no callback" : sio_err_message(err));
}

int sio_server_of_pattern(sio_server *server, sio_namespace **parent, const char *expression)
{
    char detail[128];
    sio_pattern *pattern;
    sio_family *family;
    int err = sio_pattern_new(&pattern, expression, detail, sizeof(detail));
    if (err)
        return sio_core_fail(server, err, SIO_LOG_SERVER, "pattern of namespaces \"%s\": %s",
                             expression ? expression : "",
                             err == SIO_EINVAL ? detail : sio_err_message(err));
    if ((err = family_new(server, &family))) {
        sio_pattern_free(pattern);
        return fail(server, err);
    }
    family->pattern = pattern;
    *parent = family->nsp;
    return 0;
}

int sio_server_of_check(sio_server *server, sio_namespace **parent, sio_namespace_check_cb check,
                        void *data)
{
    sio_family *family;
    const int err = check ? family_new(server, &family) : SIO_EINVAL;
    if (err)
        return fail(server, err);
    family->check = check;
    family->data = data;
    *parent = family->nsp;
    return 0;
}

sio_family *sio_family_for(sio_server *server, sio_str name)
{
    const sio_list *head = &server->families;
    for (sio_list *node = head->next; node != head; node = node->next) {
        sio_family *family = sio_family_at(node);
        if (family->pattern && sio_pattern_matches(family->pattern, name))
            return family;
    }
    return NULL;
}

void sio_family_free_all(sio_server *server)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->families))) {
        sio_family *family = sio_family_at(node);
        sio_namespace_unref(family->nsp);
        sio_pattern_free(family->pattern);
        sio_mem_free(family);
    }
}

/* ---- children ---- */

sio_namespace *sio_family_add(sio_family *family, sio_str name)
{
    sio_server *server = family->nsp->server;
    sio_namespace *nsp = sio_namespace_open(server, name);
    if (!nsp)
        return NULL;
    nsp->parent = family->nsp;
    sio_list_push(&family->children, &nsp->brother);
    server->stats.dynamic_namespaces++;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_SERVER,
                    SIO_LOG_ABOUT(.nsp = sio_namespace_str(nsp)), "namespace %s is made",
                    nsp->name);
    sio_namespace_announce(nsp);
    return nsp;
}

void sio_family_vacate(sio_namespace *nsp)
{
    sio_server *server = nsp->server;
    if (!nsp->parent || !server->cleanup_empty_child_namespaces || nsp->present > 0 ||
        sio_list_linked(&nsp->vacant))
        return;
    sio_list_push(&server->vacant, &nsp->vacant);
    sio_core_wake(server);
}

void sio_family_vacate_all(sio_server *server)
{
    const sio_list *head = &server->families;
    if (!server->cleanup_empty_child_namespaces)
        return;
    for (sio_list *node = head->next; node != head; node = node->next) {
        const sio_list *children = &sio_family_at(node)->children;
        for (sio_list *at = children->next; at != children; at = at->next) {
            sio_namespace *child = SIO_CONTAINER(at, sio_namespace, brother);
            if (child->deserted)
                sio_family_vacate(child);
        }
    }
}

static void child_close(sio_namespace *nsp)
{
    sio_server *server = nsp->server;
    SIO_CORE_LOG_OF(server, SIO_LOG_DEBUG, SIO_LOG_SERVER,
                    SIO_LOG_ABOUT(.nsp = sio_namespace_str(nsp)), "namespace %s is closed",
                    nsp->name);
    sio_list_remove(&nsp->brother);
    server->stats.dynamic_namespaces--;
    sio_namespace_close(nsp);
    sio_namespace_unref(nsp);
}

void sio_family_tidy(sio_server *server)
{
    sio_list *node;
    while ((node = sio_list_pop(&server->vacant))) {
        sio_namespace *nsp = SIO_CONTAINER(node, sio_namespace, vacant);
        nsp->deserted = sio_recovery_waits(server, sio_namespace_str(nsp));
        if (nsp->present == 0 && !nsp->deserted)
            child_close(nsp);
    }
}
