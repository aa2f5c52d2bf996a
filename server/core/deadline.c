#include "core/deadline.h"

static sio_deadline *first(const sio_deadlines *queue)
{
    if (sio_list_empty(&queue->head))
        return NULL;
    return SIO_CONTAINER(queue->head.next, sio_deadline, node);
}

void sio_deadlines_init(sio_deadlines *queue, uint64_t interval_ms)
{
    sio_list_init(&queue->head);
    queue->interval_ms = interval_ms;
}

void sio_deadline_set(sio_deadlines *queue, sio_deadline *deadline, uint64_t now)
{
    sio_list_remove(&deadline->node);
    deadline->due = now + queue->interval_ms;
    sio_list_push(&queue->head, &deadline->node);
}

void sio_deadline_cancel(sio_deadline *deadline)
{
    sio_list_remove(&deadline->node);
}

bool sio_deadline_is_set(const sio_deadline *deadline)
{
    return sio_list_linked(&deadline->node);
}

sio_deadline *sio_deadlines_pop(sio_deadlines *queue, uint64_t now)
{
    sio_deadline *deadline = first(queue);
    if (!deadline || deadline->due > now)
        return NULL;
    sio_list_remove(&deadline->node);
    return deadline;
}

uint64_t sio_deadlines_next(const sio_deadlines *queue)
{
    const sio_deadline *deadline = first(queue);
    return deadline ? deadline->due : UINT64_MAX;
}
