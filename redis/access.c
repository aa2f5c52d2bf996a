#include <sio/sys/redis_access.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "tls.h"

static int fail(const char *path, const char *why, char *detail, size_t detail_size)
{
    if (detail)
        snprintf(detail, detail_size, "Redis: %s: %s", path, why);
    return SIO_EACCESS;
}

/* Returns how many bytes a file has, or -1 with errno. */
static ssize_t read_file(const char *path, char *out, size_t size)
{
    size_t len = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -1;
    while (len < size &&
           ((got = read(fd, out + len, size - len)) > 0 || (got < 0 && errno == EINTR)))
        len += got > 0 ? (size_t)got : 0;
    int cause = errno;
    close(fd);
    errno = cause;
    return got < 0 ? -1 : (ssize_t)len;
}

/* One line, whose end is no part of the password. */
static int take_password(char **out, const char *path, const char *text, size_t len, char *detail,
                         size_t detail_size)
{
    if (len > SIO_LIMIT_REDIS_PASSWORD)
        return fail(path, "a password is not as long as this", detail, detail_size);
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len == 0 || memchr(text, '\n', len) || memchr(text, '\0', len))
        return fail(path, "a password is one line that is not empty", detail, detail_size);
    *out = sio_mem_strndup(text, len);
    return *out ? 0 : SIO_ENOMEM;
}

static int load_password(char **out, const char *path, const char *given, char *detail,
                         size_t detail_size)
{
    char text[SIO_LIMIT_REDIS_PASSWORD + 1];
    if (!path) {
        *out = given ? sio_mem_strndup(given, strlen(given)) : NULL;
        return given && !*out ? SIO_ENOMEM : 0;
    }
    ssize_t len = read_file(path, text, sizeof text);
    int err = len < 0 ? fail(path, strerror(errno), detail, detail_size)
                      : take_password(out, path, text, (size_t)len, detail, detail_size);
    OPENSSL_cleanse(text, sizeof text);
    return err;
}

static void free_password(char *password)
{
    if (password)
        OPENSSL_cleanse(password, strlen(password));
    sio_mem_free(password);
}

int sio_redis_access_load(sio_redis_access *out, const sio_redis_url *url, char *detail,
                          size_t detail_size)
{
    sio_redis_access access = { 0 };
    int err =
        load_password(&access.password, url->password_file, url->password, detail, detail_size);
    if (!err)
        err = load_password(&access.sentinel_password, url->sentinel_password_file, NULL, detail,
                            detail_size);
    if (!err && url->tls)
        err = sio_tls_context_new(&access.tls, url, detail, detail_size);
    if (err)
        sio_redis_access_free(&access);
    else
        *out = access;
    return err;
}

void sio_redis_access_free(sio_redis_access *access)
{
    free_password(access->password);
    free_password(access->sentinel_password);
    sio_tls_context_free(access->tls);
    *access = (sio_redis_access){ 0 };
}

int sio_redis_access_check(const sio_redis_url *url, char *detail, size_t detail_size)
{
    sio_redis_access access;
    int err = sio_redis_access_load(&access, url, detail, detail_size);
    if (!err)
        sio_redis_access_free(&access);
    return err;
}
