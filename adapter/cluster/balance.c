#include "cluster/balance.h"

#include <sio/sys/limits.h>

void sio_balance_arrived(sio_balance *balance, bool idle)
{
    balance->arrived++;
    balance->idle += idle;
}

void sio_balance_changed(sio_balance *balance)
{
    balance->changes++;
}

/* Twice as much must be saved as it costs, on both ways: what is about equal stays as it is. */
static bool decide(sio_balance *balance, bool by_rooms)
{
    if (by_rooms)
        return balance->changes <= 2 * balance->spared;
    if (balance->arrived < SIO_LIMIT_BALANCE_LEAST || balance->idle < 2 * balance->changes ||
        balance->idle * 100 < balance->arrived * SIO_LIMIT_BALANCE_IDLE_PERCENT)
        return false;
    balance->spared = balance->idle;
    return true;
}

bool sio_balance_judge(sio_balance *balance, bool by_rooms, uint64_t now)
{
    if (!balance->started) {
        balance->started = true;
        balance->since = now;
    }
    if (now - balance->since < SIO_LIMIT_BALANCE_WINDOW_MS)
        return by_rooms;
    bool wanted = decide(balance, by_rooms);
    balance->since = now;
    balance->arrived = 0;
    balance->idle = 0;
    balance->changes = 0;
    return wanted;
}
