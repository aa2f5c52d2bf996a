#include "net/socketfile.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "net/binding.h"

struct sio_socketfile {
    dev_t device;
    ino_t inode;
    char path[];
};

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int new_socket(int type)
{
    return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

/* The errno with which a connection to it fails; 0: somebody listens. */
static int try(const struct sockaddr_un *address, int type)
{
    const int fd = new_socket(type | SOCK_NONBLOCK);
    if (fd < 0)
        return errno;
    const int number = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? errno : 0;
    close(fd);
    return number == EAGAIN ? 0 : number; /* its backlog is full */
}

/* Removes what a process has left that was killed. It is looked at again just before, since another
 * that starts now may have done the same already. */
static int clear(const struct sockaddr_un *address, int type, const char **why)
{
    struct stat before, now;
    if (lstat(address->sun_path, &before))
        return errno == ENOENT ? 0 : sio_binding_error(errno);
    if (!S_ISSOCK(before.st_mode)) {
        *why = "a file that is no socket is in its place";
        return SIO_EEXISTS;
    }
    const int number = try(address, type);
    if (number == 0)
        *why = "another process listens there";
    if (number == 0 || number == EPROTOTYPE)
        return SIO_EADDRINUSE;
    if (number != ECONNREFUSED && number != ENOENT)
        return sio_binding_error(number);
    if (lstat(address->sun_path, &now) || !is_same(&before, &now))
        return 0;
    return unlink(address->sun_path) && errno != ENOENT ? sio_binding_error(errno) : 0;
}

/* The kernel takes the file's mode from the socket's, so that it is never wider than asked for. */
static int bind_as(int fd, const struct sockaddr_un *address, uint32_t mode)
{
    if (mode && fchmod(fd, (mode_t)mode))
        return -1;
    return bind(fd, (const struct sockaddr *)address, sizeof(*address));
}

static int bind_over(int fd, int type, const struct sockaddr_un *address, uint32_t mode,
                     const char **why)
{
    if (bind_as(fd, address, mode) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return sio_binding_error(errno);
    const int err = clear(address, type, why);
    if (err)
        return err;
    return bind_as(fd, address, mode) ? sio_binding_error(errno) : 0;
}

/* Of a file that has just been bound. */
static int finish(sio_socketfile *file, int fd, const sio_listen_options *options)
{
    struct stat status;
    if (lstat(options->path, &status))
        return sio_binding_error(errno);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    if ((options->mode && chmod(options->path, (mode_t)options->mode)) ||
        listen(fd, sio_binding_backlog(options->backlog))) {
        const int number = errno;
        unlink(options->path);
        return sio_binding_error(number);
    }
    return 0;
}

static sio_socketfile *new_file(const char *path, size_t len)
{
    sio_socketfile *file = sio_mem_zalloc(sizeof(*file) + len + 1);
    if (file)
        memcpy(file->path, path, len + 1);
    return file;
}

int sio_socketfile_open(sio_socketfile **out, int *out_fd, int type,
                        const sio_listen_options *options, const char **why)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const size_t len = strnlen(options->path, sizeof(address.sun_path));
    *why = NULL;
    if (len == 0 || len > SIO_LIMIT_UNIX_PATH || options->mode > 0777) {
        *why = options->mode > 0777 ? "its mode is above 0777" : "a path has 1 to 107 bytes";
        return SIO_EINVAL;
    }
    memcpy(address.sun_path, options->path, len);
    sio_socketfile *file = new_file(options->path, len);
    const int fd = file ? new_socket(type) : -1;
    int err = file ? fd < 0 ? sio_binding_error(errno) : 0 : SIO_ENOMEM;
    if (!err)
        err = bind_over(fd, type, &address, options->mode, why);
    if (!err)
        err = finish(file, fd, options);
    if (err) {
        if (fd >= 0)
            close(fd);
        sio_mem_free(file);
        return err;
    }
    *out = file;
    *out_fd = fd;
    return 0;
}

void sio_socketfile_close(sio_socketfile *file)
{
    struct stat status;
    if (file && lstat(file->path, &status) == 0 && status.st_dev == file->device &&
        status.st_ino == file->inode)
        unlink(file->path);
    sio_mem_free(file);
}

/* ---- those that change hands ---- */

sio_socketfile *sio_socketfile_adopt(const char *path, uint64_t device, uint64_t inode)
{
    sio_socketfile *file = new_file(path, strlen(path));
    if (!file)
        return NULL;
    file->device = (dev_t)device;
    file->inode = (ino_t)inode;
    return file;
}

const char *sio_socketfile_show(const sio_socketfile *file, uint64_t *device, uint64_t *inode)
{
    *device = (uint64_t)file->device;
    *inode = (uint64_t)file->inode;
    return file->path;
}

void sio_socketfile_leave(sio_socketfile *file)
{
    sio_mem_free(file);
}
