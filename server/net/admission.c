#include "net/admission.h"

#include <sio/sys/mem.h>

#include "net/exchange.h"
#include "net/refusal.h"
#include "net/router.h"
#include "net/view.h"

typedef enum verdict { UNDECIDED, ALLOWED, REFUSED } verdict;

struct sio_admission {
    sio_list node;        /* in net->admissions */
    sio_conn *conn;       /* NULL: it has gone */
    sio_request *request; /* NULL with it */
    sio_http_request view;
    verdict verdict;
    char *message;
};

static void admission_free(sio_admission *admission)
{
    sio_list_remove(&admission->node);
    sio_request_free(admission->request);
    sio_view_free(&admission->view);
    sio_mem_free(admission->message);
    sio_mem_free(admission);
}

static sio_admission *admission_new(sio_conn *conn, sio_request *request)
{
    sio_admission *admission = sio_mem_zalloc(sizeof(*admission));
    if (!admission || sio_view_init(&admission->view, conn, request)) {
        sio_mem_free(admission);
        return NULL;
    }
    admission->conn = conn;
    admission->request = request;
    sio_list_push(&conn->net->admissions, &admission->node);
    return admission;
}

bool sio_admission_ask(sio_conn *conn, sio_request *request)
{
    sio_server *server = conn->net->server;
    sio_exchange *exchange = sio_exchange_get(conn);
    sio_admission *admission = exchange ? admission_new(conn, request) : NULL;
    if (!admission)
        return false;
    exchange->admission = admission;
    sio_core_enter(server);
    conn->net->hooks.allow_request(server, &admission->view, admission, server->data);
    sio_core_leave(server);
    return true;
}

void sio_admission_abandon(sio_admission *admission)
{
    if (admission->verdict != UNDECIDED) {
        admission_free(admission);
        return;
    }
    admission->conn = NULL;
    sio_request_free(admission->request);
    admission->request = NULL;
}

void sio_admission_drop_all(sio_net *net)
{
    sio_list *node;
    while ((node = sio_list_pop(&net->admissions)))
        admission_free(SIO_CONTAINER(node, sio_admission, node));
}

void sio_admission_resume(sio_conn *conn)
{
    sio_admission *admission = conn->exchange->admission;
    if (admission->verdict == UNDECIDED)
        return;
    sio_request *request = admission->request;
    conn->exchange->admission = NULL;
    admission->request = NULL;
    if (admission->verdict == ALLOWED)
        sio_router_admitted(conn, request);
    else
        sio_router_refused(conn, request, admission->message);
    admission_free(admission);
}

/* The application may be anywhere, in a handler too: the rest is done at the end of the turn. */
static void decide(sio_admission *admission, verdict said)
{
    admission->verdict = said;
    if (admission->conn)
        sio_net_resume(admission->conn);
    else
        admission_free(admission);
}

void sio_admission_allow(sio_admission *admission)
{
    decide(admission, ALLOWED);
}

void sio_admission_refuse(sio_admission *admission, const char *message)
{
    /* without memory it is told that it is forbidden, which is true */
    admission->message = message ? sio_mem_strndup(message, strlen(message)) : NULL;
    decide(admission, REFUSED);
}
