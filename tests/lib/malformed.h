/* Messages that anyone may publish on a broadcast channel of "/" and that no node may choke on:
 * the packages hand them on to clients, throw, hang or end the process. */
#ifndef SIO_TESTS_MALFORMED_H
#define SIO_TESTS_MALFORMED_H

#define PACKET "83a47479706502a46461746191a178a36e7370a12f" /* {type: 2, data: ["x"], nsp: "/"} */

static const struct malformed {
    const char *what;
    const char *hex;
} malformed[] = {
    { "nothing", "" },
    { "nil", "c0" },
    { "a map", "80" },
    { "a string", "a3616263" },
    { "a number", "07" },
    { "an empty array", "90" },
    { "JSON", "7b7d" },
    { "a reserved byte", "c1" },
    { "no options", "92a175" PACKET },
    { "options nil", "93a175" PACKET "c0" },
    { "options an array", "93a175" PACKET "90" },
    { "options a string", "93a175" PACKET "a178" },
    { "rooms a string", "93a175" PACKET "81a5726f6f6d73a3616263" },
    { "rooms a map", "93a175" PACKET "81a5726f6f6d7380" },
    { "rooms a number", "93a175" PACKET "81a5726f6f6d7307" },
    { "rooms [nil]", "93a175" PACKET "81a5726f6f6d7391c0" },
    { "rooms [true]", "93a175" PACKET "81a5726f6f6d7391c3" },
    { "except a map", "93a175" PACKET "82a5726f6f6d7390a665786365707480" },
    { "flags an array", "93a175" PACKET "82a5726f6f6d7390a5666c61677390" },
    { "flags true", "93a175" PACKET "82a5726f6f6d7390a5666c616773c3" },
    { "nsp nil", "93a17583a47479706502a46461746191a178a36e7370c080" },
    { "nsp a number", "93a17583a47479706502a46461746191a178a36e73700180" },
    { "packet nil", "93a175c080" },
    { "packet an array", "93a1759080" },
    { "type CONNECT", "93a17583a47479706500a46461746191a178a36e7370a12f80" },
    { "type ACK", "93a17583a47479706503a46461746191a178a36e7370a12f80" },
    { "type a string", "93a17583a474797065a132a46461746191a178a36e7370a12f80" },
    { "no type", "93a17582a46461746191a178a36e7370a12f80" },
    { "data a string", "93a17583a47479706502a464617461a178a36e7370a12f80" },
    { "data a map", "93a17583a47479706502a46461746180a36e7370a12f80" },
    { "data empty", "93a17583a47479706502a46461746190a36e7370a12f80" },
    { "event nil", "93a17583a47479706502a46461746191c0a36e7370a12f80" },
    { "no data", "93a17582a47479706502a36e7370a12f80" },
    { "reserved event", "93a17583a47479706502a46461746191a7636f6e6e656374a36e7370a12f80" },
    { "an extension of 4 GiB", "93a17583a47479706502a46461746192a178c9ffffffff01a36e7370a12f80" },
    { "a string of 4 GiB", "93a17583a47479706502a46461746192a178dbffffffffa36e7370a12f80" },
    { "an array of 2^32-1", "93a17583a47479706502a464617461ddffffffffa178a36e7370a12f80" },
    { "rooms of 2^32-1", "93a175" PACKET "81a5726f6f6d73ddffffffff" },
    { "a map of 2^32-1 for a packet", "93a175dfffffffffa47479706502" },
    { "an array of 2^32-1 around it", "ddffffffffa175" PACKET "80" },
    { "bytes after it", "93a175" PACKET "80c0" },
};

#undef PACKET

#define MALFORMED_COUNT (sizeof malformed / sizeof *malformed)

#endif
