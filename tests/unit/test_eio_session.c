#include <sio/err.h>
#include <sio/sys/eio.h>

#include "check.h"

static sio_eio_session session_on(sio_eio_transport transport)
{
    sio_eio_session session;
    memset(&session, 0xff, sizeof session);
    sio_eio_session_init(&session, transport, SIO_EIO_4);
    return session;
}

static sio_eio_packet packet_of(sio_eio_type type, const char *data)
{
    return (sio_eio_packet){ .type = type, .data = sio_str_from(data) };
}

static sio_eio_action receive(sio_eio_session *session, sio_eio_type type)
{
    sio_eio_packet packet = packet_of(type, "");
    return sio_eio_session_packet(session, &packet);
}

static sio_eio_action probe_receive(sio_eio_session *session, sio_eio_type type, const char *data)
{
    sio_eio_packet packet = packet_of(type, data);
    return sio_eio_session_probe_packet(session, &packet);
}

static void check_open_data(sio_eio_transport transport, bool allow_upgrades, const char *expected)
{
    sio_eio_session session = session_on(transport);
    sio_eio_config config = { .ping_interval_ms = 25000,
                              .ping_timeout_ms = 20000,
                              .max_payload = 1000000,
                              .allow_upgrades = allow_upgrades };
    sio_buf out = { 0 };
    sio_eio_session_open_data(&session, &config, SIO_STR("lv_VI97HAXpY6yYWAAAC"), &out);
    sio_buf_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    sio_buf_free(&out);
}

static void tells_the_client_its_options(void **state)
{
    (void)state;
    check_open_data(SIO_EIO_POLLING, true,
                    "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],"
                    "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
    static const char none[] = "{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[],"
                               "\"pingInterval\":25000,\"pingTimeout\":20000,"
                               "\"maxPayload\":1000000}";
    check_open_data(SIO_EIO_POLLING, false, none);
    check_open_data(SIO_EIO_WEBSOCKET, true, none);
}

static void pings_and_awaits_pongs(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_WEBSOCKET);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_SEND_PING);
        assert_int_equal(receive(&session, SIO_EIO_PONG), SIO_EIO_DO_AWAIT_INTERVAL);
    }
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_SEND_PING);
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_CLOSE);
    assert_int_equal(session.reason, SIO_EIO_PING_TIMEOUT);
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_NOTHING);
}

static void other_packets_extend_the_timeout_once(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_WEBSOCKET);
    assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_MESSAGE);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_SEND_PING);
        assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_AWAIT_TIMEOUT_AND_MESSAGE);
        assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_MESSAGE);
        assert_int_equal(receive(&session, SIO_EIO_NOOP), SIO_EIO_DO_NOTHING);
        assert_int_equal(receive(&session, SIO_EIO_PONG), SIO_EIO_DO_AWAIT_INTERVAL);
    }
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_SEND_PING);
    assert_int_equal(receive(&session, SIO_EIO_NOOP), SIO_EIO_DO_AWAIT_TIMEOUT);
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_CLOSE);
}

static void ignores_what_means_nothing(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_WEBSOCKET);
    assert_int_equal(receive(&session, SIO_EIO_OPEN), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(&session, SIO_EIO_UPGRADE), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(&session, SIO_EIO_NOOP), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(&session, SIO_EIO_CLOSE), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_MESSAGE);
}

static void check_end(sio_eio_session *session, sio_eio_action action, sio_eio_reason reason,
                      const char *text)
{
    assert_int_equal(action, SIO_EIO_DO_CLOSE);
    assert_int_equal(session->state, SIO_EIO_STATE_CLOSED);
    assert_int_equal(session->reason, reason);
    assert_string_equal(sio_eio_reason_text(session->reason), text);
    assert_int_equal(receive(session, SIO_EIO_MESSAGE), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(session, SIO_EIO_PING), SIO_EIO_DO_NOTHING);
    assert_int_equal(receive(session, SIO_EIO_CLOSE), SIO_EIO_DO_NOTHING);
    assert_int_equal(sio_eio_session_malformed(session), SIO_EIO_DO_NOTHING);
    assert_false(sio_eio_session_close(session, SIO_EIO_FORCED_CLOSE));
    assert_int_equal(session->reason, reason);
}

static void ends_with_the_words_of_the_reference(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_POLLING);
    check_end(&session, receive(&session, SIO_EIO_PING), SIO_EIO_TRANSPORT_ERROR,
              "transport error");
    session = session_on(SIO_EIO_POLLING);
    check_end(&session, receive(&session, SIO_EIO_CLOSE), SIO_EIO_TRANSPORT_CLOSE,
              "transport close");
    session = session_on(SIO_EIO_WEBSOCKET);
    check_end(&session, sio_eio_session_malformed(&session), SIO_EIO_PARSE_ERROR, "parse error");
    assert_string_equal(sio_eio_reason_text(SIO_EIO_PING_TIMEOUT), "ping timeout");
    assert_string_equal(sio_eio_reason_text(SIO_EIO_FORCED_CLOSE), "forced close");
    assert_string_equal(sio_eio_reason_text(SIO_EIO_NONE), "");
}

static void upgrades_after_a_probe(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_POLLING);
    assert_int_equal(sio_eio_session_probe(&session), 0);
    assert_int_equal(sio_eio_session_probe(&session), SIO_EEXISTS);
    assert_int_equal(probe_receive(&session, SIO_EIO_PING, "probe"), SIO_EIO_DO_SEND_PROBE_PONG);
    assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_MESSAGE);
    assert_int_equal(session.transport, SIO_EIO_POLLING);
    assert_int_equal(probe_receive(&session, SIO_EIO_UPGRADE, ""), SIO_EIO_DO_UPGRADE);
    assert_int_equal(session.transport, SIO_EIO_WEBSOCKET);
    assert_int_equal(session.upgraded, 1);
    assert_int_equal(session.upgrading, 0);
    assert_int_equal(sio_eio_session_probe(&session), SIO_EEXISTS);
}

static void a_pong_may_come_over_the_new_transport(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_POLLING);
    assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_SEND_PING);
    assert_int_equal(sio_eio_session_probe(&session), 0);
    assert_int_equal(probe_receive(&session, SIO_EIO_UPGRADE, ""), SIO_EIO_DO_UPGRADE);
    sio_eio_session silent = session;
    assert_int_equal(receive(&session, SIO_EIO_PONG), SIO_EIO_DO_AWAIT_INTERVAL);
    assert_int_equal(sio_eio_session_tick(&silent), SIO_EIO_DO_CLOSE);
}

static void a_wrong_probe_ends_alone(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_POLLING);
    static const struct {
        sio_eio_type type;
        const char *data;
    } wrong[] = { { SIO_EIO_PING, "" },     { SIO_EIO_PING, "probe " }, { SIO_EIO_MESSAGE, "x" },
                  { SIO_EIO_CLOSE, "" },    { SIO_EIO_PONG, "probe" },  { SIO_EIO_NOOP, "" },
                  { SIO_EIO_OPEN, "probe" } };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(sio_eio_session_probe(&session), 0);
        assert_int_equal(probe_receive(&session, wrong[i].type, wrong[i].data),
                         SIO_EIO_DO_CLOSE_PROBE);
        assert_int_equal(probe_receive(&session, SIO_EIO_UPGRADE, ""), SIO_EIO_DO_CLOSE_PROBE);
        assert_int_equal(session.state, SIO_EIO_STATE_OPEN);
        assert_int_equal(session.transport, SIO_EIO_POLLING);
    }
    assert_int_equal(sio_eio_session_probe(&session), 0);
    sio_eio_session_probe_end(&session);
    assert_int_equal(sio_eio_session_probe(&session), 0);
}

static void no_probe_without_need(void **state)
{
    (void)state;
    sio_eio_session session = session_on(SIO_EIO_WEBSOCKET);
    assert_int_equal(sio_eio_session_probe(&session), SIO_EEXISTS);
    session = session_on(SIO_EIO_POLLING);
    assert_int_equal(sio_eio_session_probe(&session), 0);
    assert_true(sio_eio_session_close(&session, SIO_EIO_FORCED_CLOSE));
    assert_int_equal(probe_receive(&session, SIO_EIO_UPGRADE, ""), SIO_EIO_DO_CLOSE_PROBE);
    assert_int_equal(sio_eio_session_probe(&session), SIO_ECLOSED);
}

static void a_session_takes_8_bytes(void **state)
{
    (void)state;
    assert_true(sizeof(sio_eio_session) <= 8);
}

static void in_revision_3_the_client_pings(void **state)
{
    (void)state;
    for (int dialect = SIO_EIO_3; dialect <= SIO_EIO_3_BASE64; dialect++) {
        sio_eio_session session;
        sio_eio_session_init(&session, SIO_EIO_WEBSOCKET, (sio_eio_dialect)dialect);
        assert_int_equal(session.dialect, dialect);
        assert_int_equal(receive(&session, SIO_EIO_PING), SIO_EIO_DO_SEND_PONG);
        assert_int_equal(receive(&session, SIO_EIO_MESSAGE), SIO_EIO_DO_MESSAGE);
        assert_int_equal(receive(&session, SIO_EIO_OPEN), SIO_EIO_DO_NOTHING);
        assert_int_equal(receive(&session, SIO_EIO_UPGRADE), SIO_EIO_DO_NOTHING);
        assert_int_equal(receive(&session, SIO_EIO_NOOP), SIO_EIO_DO_NOTHING);
        assert_int_equal(receive(&session, SIO_EIO_CLOSE), SIO_EIO_DO_NOTHING);
        assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_CLOSE);
        assert_int_equal(session.reason, SIO_EIO_PING_TIMEOUT);
        assert_int_equal(sio_eio_session_tick(&session), SIO_EIO_DO_NOTHING);
        assert_int_equal(receive(&session, SIO_EIO_PING), SIO_EIO_DO_NOTHING);

        sio_eio_session_init(&session, SIO_EIO_POLLING, (sio_eio_dialect)dialect);
        assert_int_equal(receive(&session, SIO_EIO_PONG), SIO_EIO_DO_CLOSE);
        assert_int_equal(session.reason, SIO_EIO_TRANSPORT_ERROR);

        sio_eio_session_init(&session, SIO_EIO_POLLING, (sio_eio_dialect)dialect);
        assert_int_equal(sio_eio_session_probe(&session), 0);
        assert_int_equal(probe_receive(&session, SIO_EIO_PING, "probe"),
                         SIO_EIO_DO_SEND_PROBE_PONG);
        assert_int_equal(probe_receive(&session, SIO_EIO_UPGRADE, ""), SIO_EIO_DO_UPGRADE);
        assert_int_equal(session.dialect, dialect);

        sio_eio_session_init(&session, SIO_EIO_POLLING, (sio_eio_dialect)dialect);
        assert_int_equal(receive(&session, SIO_EIO_CLOSE), SIO_EIO_DO_CLOSE);
        assert_int_equal(session.reason, SIO_EIO_TRANSPORT_CLOSE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_client_its_options),
        cmocka_unit_test(pings_and_awaits_pongs),
        cmocka_unit_test(other_packets_extend_the_timeout_once),
        cmocka_unit_test(ignores_what_means_nothing),
        cmocka_unit_test(ends_with_the_words_of_the_reference),
        cmocka_unit_test(upgrades_after_a_probe),
        cmocka_unit_test(a_pong_may_come_over_the_new_transport),
        cmocka_unit_test(a_wrong_probe_ends_alone),
        cmocka_unit_test(no_probe_without_need),
        cmocka_unit_test(in_revision_3_the_client_pings),
        cmocka_unit_test(a_session_takes_8_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
