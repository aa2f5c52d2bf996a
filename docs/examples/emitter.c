/* A process that is no server: emitter REDIS TEXT */
#include <stdio.h>

/* [emitter] */
#include <sio/emitter.h>

static int announce(const char *redis, const char *text)
{
    sio_emitter *emitter;
    int err = sio_emitter_new(&emitter, &(sio_emitter_options){ .redis = redis });
    if (!err)
        err =
            sio_emitter_emit(emitter, &(sio_emitter_target){ .except = SIO_EMITTER_ROOMS("busy") },
                             "said", "s", text);
    if (err < 0)
        fprintf(stderr, "%s\n", sio_emitter_error(emitter));
    else
        printf("%d nodes\n", err);
    sio_emitter_free(emitter);
    return err;
}
/* [end] */

int main(int argc, char **argv)
{
    return argc == 3 && announce(argv[1], argv[2]) >= 0 ? 0 : 1;
}
