#include <sio/adapter.h>

const char *sio_cluster_state_text(sio_cluster_state state)
{
    switch (state) {
    case SIO_CLUSTER_CONNECTING:
        return "connecting";
    case SIO_CLUSTER_READY:
        return "ready";
    case SIO_CLUSTER_DISCONNECTED:
        return "disconnected";
    case SIO_CLUSTER_STOPPED:
        break;
    }
    return "stopped";
}
