#include "cluster/duties.h"

void sio_duties_add(sio_duties *duties, sio_duty *duty)
{
    duty->list = duties;
    duty->previous = NULL;
    duty->next = duties->head;
    if (duty->next)
        duty->next->previous = duty;
    duties->head = duty;
    duties->count++;
}

void sio_duties_remove(sio_duty *duty)
{
    sio_duties *duties = duty->list;
    if (!duties)
        return;
    if (duty->previous)
        duty->previous->next = duty->next;
    else
        duties->head = duty->next;
    if (duty->next)
        duty->next->previous = duty->previous;
    duties->count--;
    duty->list = NULL;
}

void sio_duties_drop(sio_duties *duties)
{
    while (duties->head)
        sio_duties_remove(duties->head);
}
