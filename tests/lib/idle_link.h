/* What the classic adapter wants of a link beside messages, of one that has it all at once. */
#ifndef SIO_TESTS_IDLE_LINK_H
#define SIO_TESTS_IDLE_LINK_H

#include "cluster/classic.h"

static inline int idle_subscribe(void *data, bool pattern, sio_str name)
{
    (void)data, (void)pattern, (void)name;
    return 0;
}

static inline void idle_unsubscribe(void *data, bool pattern, sio_str name)
{
    (void)data, (void)pattern, (void)name;
}

static inline bool idle_is_subscribed(void *data, bool pattern, sio_str name)
{
    (void)data, (void)pattern, (void)name;
    return true;
}

#endif
