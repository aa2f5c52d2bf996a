/* Certificates made on the spot, in a folder that goes with the test. */
#ifndef SIO_TESTS_CERTIFICATES_H
#define SIO_TESTS_CERTIFICATES_H

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

static char certificates[] = "/tmp/sio-certificates-XXXXXX";

/* ca.pem; server.pem and server.key for 127.0.0.1 and redis.test; client.pem with its key in it;
 * other.pem, of another authority; expired.pem and its key for 127.0.0.1. */
static inline void certificates_make(void)
{
    static const char script[] =
        "cd \"$0\" && exec 2>log && set -e\n"
        "key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key; }\n"
        "authority() { key $1; openssl req -x509 -new -key $1.key -days 2 -subj /CN=$1 -out "
        "$1.pem; }\n"
        "leaf() { key $1; openssl req -new -key $1.key -subj /CN=$1 -out $1.csr; "
        "printf 'subjectAltName=%s' $2 >$1.ext; "
        "sign=\"openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-extfile $1.ext -out $1.pem\"; "
        "$sign ${3:--days 2} || { [ -n \"$4\" ] && $sign $4; }; }\n"
        "authority ca; authority other\n"
        "leaf server IP:127.0.0.1,DNS:redis.test; leaf client DNS:client.test\n"
        "cat client.key >>client.pem\n"
        "leaf expired IP:127.0.0.1 '-days -1' " /* which newer versions refuse */
        "'-not_before 20200101000000Z -not_after 20210101000000Z'\n";
    char command[128];
    assert_non_null(mkdtemp(certificates));
    setenv("SIO_CERTIFICATES_SCRIPT", script, 1);
    snprintf(command, sizeof command, "sh -c \"$SIO_CERTIFICATES_SCRIPT\" %s", certificates);
    assert_int_equal(system(command), 0);
}

static inline void certificates_remove(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", certificates);
    assert_int_equal(system(command), 0);
}

/* For a group of tests that all need them. */
static inline int certificates_set_up(void **state)
{
    (void)state;
    certificates_make();
    return 0;
}

static inline int certificates_tear_down(void **state)
{
    (void)state;
    certificates_remove();
    return 0;
}

/* Its path: in one of four places, used in turn. */
static inline const char *certificate(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", certificates, name);
    return path;
}

#endif
