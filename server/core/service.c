#include "core/service.h"

#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

struct sio_service {
    sio_list node; /* in server->services */
    sio_timer timer;
    sio_ballot ballot;
    sio_server *server;
    sio_answerer *answerer;
    sio_service **place; /* who points here; may be NULL */
    uint32_t clients;    /* that have not answered */
};

static void on_time(sio_timer *timer)
{
    sio_service_end(SIO_CONTAINER(timer, sio_service, timer));
}

static void on_acknowledged(sio_ballot *ballot, const sio_value *value)
{
    sio_service *service = SIO_CONTAINER(ballot, sio_service, ballot);
    sio_service_answer(service, value);
    if (--service->clients == 0)
        sio_service_end(service);
}

static sio_service *make(sio_server *server, uint32_t timeout_ms)
{
    if (server->closing || server->service_count >= SIO_LIMIT_SERVICES)
        return NULL;
    sio_service *service = sio_mem_zalloc(sizeof(*service));
    if (!service)
        return NULL;
    service->timer.ring = on_time;
    if (sio_timers_set(&server->timeouts, &service->timer, sio_core_now(server) + timeout_ms)) {
        sio_mem_free(service);
        return NULL;
    }
    sio_ballot_init(&service->ballot, on_acknowledged);
    sio_list_push(&server->services, &service->node);
    server->service_count++;
    return service;
}

sio_service *sio_service_new(sio_server *server, sio_answerer *answerer, uint32_t timeout_ms)
{
    sio_service *service = make(server, timeout_ms ? timeout_ms : server->request_timeout_ms);
    if (!service) {
        answerer->end(answerer);
        return NULL;
    }
    service->server = server;
    service->answerer = answerer;
    sio_core_rearm(server);
    return service;
}

void sio_service_answer(sio_service *service, const sio_value *value)
{
    service->answerer->answer(service->answerer, value);
}

void sio_service_clients(sio_service *service, uint32_t count)
{
    service->clients = count;
    service->answerer->clients(service->answerer, count);
    if (count == 0)
        sio_service_end(service);
}

sio_ballot *sio_service_ballot(sio_service *service)
{
    return &service->ballot;
}

void sio_service_point(sio_service *service, sio_service **place)
{
    service->place = place;
    *place = service;
}

void sio_service_end(sio_service *service)
{
    sio_server *server = service->server;
    if (service->place)
        *service->place = NULL;
    sio_list_remove(&service->node);
    sio_timers_cancel(&server->timeouts, &service->timer);
    sio_ballot_close(&service->ballot);
    server->service_count--;
    service->answerer->end(service->answerer);
    sio_mem_free(service);
}

void sio_services_close(sio_server *server)
{
    while (!sio_list_empty(&server->services))
        sio_service_end(SIO_CONTAINER(server->services.next, sio_service, node));
}
