#include <inttypes.h>

#include <sio/err.h>
#include <sio/sys/eio.h>

const char *sio_eio_reason_text(sio_eio_reason reason)
{
    switch (reason) {
#define XX(name, text)                                                                             \
    case SIO_EIO_##name:                                                                           \
        return text;
        SIO_EIO_REASON_MAP(XX)
#undef XX
    }
    return "";
}

void sio_eio_session_init(sio_eio_session *session, sio_eio_transport transport,
                          sio_eio_dialect dialect)
{
    *session = (sio_eio_session){
        .state = SIO_EIO_STATE_OPEN,
        .transport = (uint8_t)transport,
        .dialect = dialect & 3u,
    };
}

void sio_eio_session_open_data(const sio_eio_session *session, const sio_eio_config *config,
                               sio_str sid, sio_buf *out)
{
    bool upgradable = config->allow_upgrades && session->transport == SIO_EIO_POLLING;
    sio_buf_text(out, "{\"sid\":\"");
    sio_buf_append(out, sid.data, sid.len);
    sio_buf_printf(out,
                   "\",\"upgrades\":[%s],\"pingInterval\":%" PRIu32 ",\"pingTimeout\":%" PRIu32
                   ",\"maxPayload\":%" PRIu32 "}",
                   upgradable ? "\"websocket\"" : "", config->ping_interval_ms,
                   config->ping_timeout_ms, config->max_payload);
}

bool sio_eio_session_close(sio_eio_session *session, sio_eio_reason reason)
{
    if (session->state == SIO_EIO_STATE_CLOSED)
        return false;
    session->state = SIO_EIO_STATE_CLOSED;
    session->reason = (uint8_t)reason;
    session->upgrading = 0;
    return true;
}

static sio_eio_action end(sio_eio_session *session, sio_eio_reason reason)
{
    return sio_eio_session_close(session, reason) ? SIO_EIO_DO_CLOSE : SIO_EIO_DO_NOTHING;
}

static sio_eio_action pong(sio_eio_session *session)
{
    session->waiting_pong = 0;
    return SIO_EIO_DO_AWAIT_INTERVAL;
}

/* Whatever else comes while a pong is due shows that the peer lives: it gets more time, once. */
static bool refresh(sio_eio_session *session)
{
    bool first = session->waiting_pong && !session->refreshed;
    if (first)
        session->refreshed = 1;
    return first;
}

/* Only pings show that the peer lives. */
static sio_eio_action packet_of_revision3(sio_eio_session *session, const sio_eio_packet *packet)
{
    switch (packet->type) {
    case SIO_EIO_MESSAGE:
        return SIO_EIO_DO_MESSAGE;
    case SIO_EIO_PING:
        return SIO_EIO_DO_SEND_PONG;
    case SIO_EIO_PONG:
        return end(session, SIO_EIO_TRANSPORT_ERROR);
    case SIO_EIO_CLOSE:
        if (session->transport == SIO_EIO_POLLING)
            return end(session, SIO_EIO_TRANSPORT_CLOSE);
        break;
    case SIO_EIO_OPEN:
    case SIO_EIO_UPGRADE:
    case SIO_EIO_NOOP:
        break;
    }
    return SIO_EIO_DO_NOTHING;
}

sio_eio_action sio_eio_session_packet(sio_eio_session *session, const sio_eio_packet *packet)
{
    if (session->state == SIO_EIO_STATE_CLOSED)
        return SIO_EIO_DO_NOTHING;
    if (session->dialect != SIO_EIO_4)
        return packet_of_revision3(session, packet);
    switch (packet->type) {
    case SIO_EIO_MESSAGE:
        return refresh(session) ? SIO_EIO_DO_AWAIT_TIMEOUT_AND_MESSAGE : SIO_EIO_DO_MESSAGE;
    case SIO_EIO_PONG:
        return pong(session);
    case SIO_EIO_PING: /* since revision 4 only the server sends these */
        return end(session, SIO_EIO_TRANSPORT_ERROR);
    case SIO_EIO_CLOSE: /* a WebSocket is closed by its close frame instead */
        if (session->transport == SIO_EIO_POLLING)
            return end(session, SIO_EIO_TRANSPORT_CLOSE);
        break;
    case SIO_EIO_OPEN:
    case SIO_EIO_UPGRADE:
    case SIO_EIO_NOOP:
        break;
    }
    return refresh(session) ? SIO_EIO_DO_AWAIT_TIMEOUT : SIO_EIO_DO_NOTHING;
}

sio_eio_action sio_eio_session_malformed(sio_eio_session *session)
{
    return end(session, SIO_EIO_PARSE_ERROR);
}

sio_eio_action sio_eio_session_tick(sio_eio_session *session)
{
    if (session->state == SIO_EIO_STATE_CLOSED)
        return SIO_EIO_DO_NOTHING;
    if (session->waiting_pong || session->dialect != SIO_EIO_4)
        return end(session, SIO_EIO_PING_TIMEOUT);
    session->waiting_pong = 1;
    session->refreshed = 0;
    return SIO_EIO_DO_SEND_PING;
}

int sio_eio_session_probe(sio_eio_session *session)
{
    if (session->state == SIO_EIO_STATE_CLOSED)
        return SIO_ECLOSED;
    if (session->upgrading || session->transport == SIO_EIO_WEBSOCKET)
        return SIO_EEXISTS;
    session->upgrading = 1;
    return 0;
}

static sio_eio_action upgrade(sio_eio_session *session)
{
    session->upgrading = 0;
    session->upgraded = 1;
    session->transport = SIO_EIO_WEBSOCKET;
    return SIO_EIO_DO_UPGRADE;
}

sio_eio_action sio_eio_session_probe_packet(sio_eio_session *session, const sio_eio_packet *packet)
{
    if (!session->upgrading)
        return SIO_EIO_DO_CLOSE_PROBE;
    if (packet->type == SIO_EIO_PING && sio_str_equal(packet->data, SIO_STR("probe")))
        return SIO_EIO_DO_SEND_PROBE_PONG;
    if (packet->type == SIO_EIO_UPGRADE)
        return upgrade(session);
    session->upgrading = 0;
    return SIO_EIO_DO_CLOSE_PROBE;
}

void sio_eio_session_probe_end(sio_eio_session *session)
{
    session->upgrading = 0;
}
