#include "net/intake.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "net/conn.h"

/* As for writes. */
#define FEW 3

/* The reader of a message may write behind it. */
#define SPARE 64

/* How many bytes are to be read from a connection now. */
typedef size_t part_of(const sio_conn *conn);

/* ---- who has said much ---- */

static uint16_t period_of(const sio_conn *conn)
{
    return (uint16_t)(uv_now(conn->net->loop) / SIO_LIMIT_QUIET_MS);
}

static void account(sio_conn *conn, size_t bytes)
{
    sio_share *share = &conn->share;
    const uint16_t period = period_of(conn);
    if (share->period != period)
        *share = (sio_share){ .period = period };
    share->bytes = (uint16_t)(share->bytes + (bytes < SIO_LIMIT_QUIET ? bytes : SIO_LIMIT_QUIET));
    if (share->bytes > SIO_LIMIT_QUIET)
        share->bytes = SIO_LIMIT_QUIET;
}

static bool is_quiet(const sio_conn *conn)
{
    return conn->state == SIO_CONN_WEBSOCKET &&
           (conn->share.bytes < SIO_LIMIT_QUIET || conn->share.period != period_of(conn));
}

void sio_intake_welcome(sio_conn *conn)
{
    conn->unwritten = 0;
    account(conn, SIO_LIMIT_QUIET);
}

static size_t part_of_quiet(const sio_conn *conn)
{
    (void)conn;
    return SIO_LIMIT_QUIET_PART;
}

/* What a message or a body lacks is only copied: it is not served in parts. */
static size_t part_of_waiting(const sio_conn *conn)
{
    size_t lacks = 0;
    if (conn->state == SIO_CONN_WEBSOCKET)
        lacks = sio_ws_reader_lacks(&conn->reader);
    else if (conn->state == SIO_CONN_REQUEST && conn->request->stage == SIO_REQUEST_BODY)
        lacks = (size_t)conn->request->parser.content_length;
    return lacks > SIO_LIMIT_INTAKE_PART ? lacks : SIO_LIMIT_INTAKE_PART;
}

/* ---- the line ---- */

static void wait(sio_conn *conn)
{
    sio_intake *intake = &conn->net->intake;
    if (sio_list_linked(&conn->resume))
        return;
    sio_list_push(&intake->waiting, &conn->resume);
    conn->waiting = true;
}

void sio_intake_forget(sio_conn *conn)
{
    if (!conn->waiting)
        return;
    sio_list_remove(&conn->resume);
    conn->waiting = false;
}

/* Who waits longest; NULL: nobody does. */
static sio_conn *first_of(sio_intake *intake)
{
    if (intake->waiting.next == &intake->mark)
        sio_list_remove(&intake->mark);
    sio_list *node = intake->waiting.next;
    return node == &intake->waiting ? NULL : SIO_CONTAINER(node, sio_conn, resume);
}

bool sio_intake_served(sio_intake *intake)
{
    if (!intake->marked)
        sio_list_push(&intake->waiting, &intake->mark);
    (void)first_of(intake);
    intake->marked = sio_list_linked(&intake->mark);
    return !intake->marked;
}

/* ---- reading ---- */

static bool is_readable(const sio_conn *conn)
{
    return conn->state != SIO_CONN_CLOSED && !conn->paused;
}

static void take(sio_conn *conn, char *data, ssize_t result)
{
    if (result == -EAGAIN || result == -EINTR || conn->state == SIO_CONN_CLOSED)
        return;
    if (result > 0) {
        if (conn->state == SIO_CONN_WEBSOCKET)
            account(conn, (size_t)result);
        sio_conn_input(conn, data, (size_t)result);
        return;
    }
    uv_read_stop(sio_conn_stream(conn));
    if (result == 0)
        sio_conn_ended(conn);
    else
        sio_conn_failed(conn, (int)result);
}

/* There may be more of who has filled its part. */
static void take_part(sio_conn *conn, char *data, size_t size, ssize_t result)
{
    take(conn, data, result);
    if (result == (ssize_t)size && is_readable(conn))
        wait(conn);
}

static void read_alone(sio_conn *conn, part_of *part)
{
    char *const data = conn->net->input;
    const size_t most = sizeof(conn->net->input) - SPARE, wanted = part(conn);
    const size_t size = wanted < most ? wanted : most;
    const ssize_t result = recv(sio_conn_fd(conn), data, size, MSG_DONTWAIT);
    take_part(conn, data, size, result < 0 ? -errno : result);
}

/* Each gets its part of the buffer. */
static void read_together(sio_net *net, sio_conn *const *conns, unsigned count, part_of *part)
{
    const size_t stride = sizeof(net->input) / count / SPARE * SPARE, most = stride - SPARE;
    size_t sizes[SIO_LIMIT_INTAKE];
    int results[SIO_LIMIT_INTAKE];
    for (unsigned i = 0; i < count; i++) {
        const size_t wanted = part(conns[i]);
        sizes[i] = wanted < most ? wanted : most;
        sio_uring_recv(&net->ring.uring, sio_conn_fd(conns[i]), net->input + i * stride, sizes[i]);
    }
    sio_ring_submit(net);
    memcpy(results, net->ring.results, count * sizeof(results[0]));
    for (unsigned i = 0; i < count; i++)
        if (results[i] != -ECANCELED)
            take_part(conns[i], net->input + i * stride, sizes[i], results[i]);
    for (unsigned i = 0; i < count; i++)
        if (results[i] == -ECANCELED && is_readable(conns[i]))
            read_alone(conns[i], part);
}

/* A handler may close any of them, but none is freed in this turn. */
static void read_all(sio_net *net, sio_conn *const *conns, unsigned count, part_of *part)
{
    if (count > FEW && sio_ring_ready(net)) {
        read_together(net, conns, count, part);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        if (is_readable(conns[i]))
            read_alone(conns[i], part);
}

static void read_quiet(sio_net *net)
{
    sio_intake *intake = &net->intake;
    sio_conn *conns[SIO_LIMIT_INTAKE];
    unsigned count = 0;
    for (unsigned i = 0; i < intake->count; i++) {
        sio_conn *conn = intake->conns[i];
        conn->awaited = false;
        if (is_readable(conn))
            conns[count++] = conn;
    }
    intake->count = 0;
    read_all(net, conns, count, part_of_quiet);
}

/* As many as there is time for, if they are like those before them; one, at the least. */
static unsigned pick(sio_intake *intake, sio_conn **conns, uint64_t time_ns)
{
    const uint64_t most = intake->cost_ns ? time_ns / intake->cost_ns : 1;
    unsigned count = 0;
    sio_conn *conn;
    while (count < SIO_LIMIT_INTAKE && (count == 0 || count < most) && (conn = first_of(intake))) {
        sio_intake_forget(conn);
        if (is_readable(conn))
            conns[count++] = conn;
    }
    return count;
}

/* What costs more than it did before is believed at once, what costs less by and by. */
static void learn(sio_intake *intake, uint64_t spent_ns, unsigned count)
{
    const uint64_t each = spent_ns / count;
    const uint64_t mean = (intake->cost_ns * UINT64_C(7) + each) / 8;
    const uint64_t cost = each > mean ? each : mean;
    intake->cost_ns = cost < UINT32_MAX ? (uint32_t)cost : UINT32_MAX;
}

/* A poll that tells of thousands who wait takes long: at least half of the time is for them, or
 * they would never be through. */
static uint64_t time_for_waiting(const sio_intake *intake, uint64_t now)
{
    const uint64_t least = SIO_LIMIT_INTAKE_US * UINT64_C(1000);
    const uint64_t since = intake->left_ns ? now - intake->left_ns : 0;
    return since > least ? since : least;
}

static void read_waiting(sio_net *net)
{
    const uint64_t begin = uv_hrtime(), end = begin + time_for_waiting(&net->intake, begin);
    sio_conn *conns[SIO_LIMIT_INTAKE];
    unsigned count;
    for (uint64_t now = begin; now < end && (count = pick(&net->intake, conns, end - now)) > 0;) {
        read_all(net, conns, count, part_of_waiting);
        const uint64_t then = uv_hrtime();
        learn(&net->intake, then - now, count);
        now = then;
    }
    net->intake.left_ns = first_of(&net->intake) ? uv_hrtime() : 0;
}

void sio_intake_read(sio_net *net)
{
    read_quiet(net);
    if (!first_of(&net->intake))
        return;
    sio_net_flush(net);
    read_waiting(net);
}

/* Who looks after the server does not wait behind its clients. */
void sio_intake_add(sio_conn *conn)
{
    sio_net *net = conn->net;
    if (conn->awaited || conn->waiting)
        return;
    if (conn->watching) {
        read_alone(conn, part_of_waiting);
    } else if (is_quiet(conn)) {
        conn->awaited = true;
        net->intake.conns[net->intake.count++] = conn;
        if (net->intake.count == SIO_LIMIT_INTAKE)
            read_quiet(net);
    } else {
        wait(conn);
    }
}
