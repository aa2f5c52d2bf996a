/* A circular, doubly linked list inside its elements. Zeroed memory is an element in no list. */
#ifndef SIO_CORE_LIST_H
#define SIO_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sio_list {
    struct sio_list *prev;
    struct sio_list *next;
} sio_list;

#define SIO_CONTAINER(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

static inline void sio_list_init(sio_list *head)
{
    head->prev = head->next = head;
}

static inline bool sio_list_empty(const sio_list *head)
{
    return head->next == head;
}

static inline bool sio_list_linked(const sio_list *node)
{
    return node->next != NULL;
}

static inline void sio_list_push(sio_list *head, sio_list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void sio_list_remove(sio_list *node)
{
    if (!node->next)
        return;
    node->prev->next = node->next;
    node->next->prev = node->prev;
    node->prev = node->next = NULL;
}

static inline sio_list *sio_list_pop(sio_list *head)
{
    sio_list *node = head->next;
    if (node == head)
        return NULL;
    sio_list_remove(node);
    return node;
}

#endif
