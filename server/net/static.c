#include "net/static.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sio/err.h>
#include <sio/sys/limits.h>
#include <sio/sys/mem.h>

#include "net/compressor.h"

struct sio_static_file {
    sio_list node;
    char *url;
    char *path;
    const char *type;
    sio_blob *content;
    sio_blob *encoded[SIO_ENCODING_COUNT]; /* NULL: not made yet */
    struct timespec modified;
    bool fixed; /* never looked at again */
    char etag[20];
};

static const char *const client_names[] = {
    "socket.io.js",         "socket.io.js.map",         "socket.io.min.js",
    "socket.io.min.js.map", "socket.io.msgpack.min.js", "socket.io.msgpack.min.js.map",
    "socket.io.esm.min.js", "socket.io.esm.min.js.map",
};

static const struct {
    const char *ending;
    const char *type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".json", "application/json; charset=utf-8" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".ico", "image/x-icon" },
};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), tail = strlen(ending);
    return len >= tail && strcmp(text + len - tail, ending) == 0;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (ends_with(path, types[i].ending))
            return types[i].type;
    }
    return "application/octet-stream";
}

/* FNV-1a: tells versions of one file apart, nothing more is asked of it. */
static void hash(sio_static_file *file)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < file->content->len; i++)
        sum = (sum ^ (uint8_t)file->content->data[i]) * 0x100000001b3u;
    snprintf(file->etag, sizeof(file->etag), "\"%016" PRIx64 "\"", sum);
}

static int read_all(sio_blob **out, FILE *stream, const struct stat *status)
{
    if (!S_ISREG(status->st_mode))
        return SIO_ENOTFOUND;
    if (status->st_size > (off_t)SIO_LIMIT_SERVED_FILE)
        return SIO_ELIMIT;
    sio_blob *blob = sio_blob_new((size_t)status->st_size);
    if (!blob)
        return SIO_ENOMEM;
    blob->len = fread(blob->data, 1, blob->len, stream);
    *out = blob;
    return 0;
}

static int load(sio_static_file *file)
{
    FILE *stream = fopen(file->path, "rbe");
    if (!stream) /* without a descriptor what was read last is better than nothing */
        return errno == EMFILE || errno == ENFILE ? SIO_ESYSTEM : SIO_ENOTFOUND;
    struct stat status;
    sio_blob *content;
    int err = fstat(fileno(stream), &status) ? SIO_ENOTFOUND : read_all(&content, stream, &status);
    fclose(stream);
    if (err)
        return err;
    sio_blob_unref(file->content);
    file->content = content;
    file->modified = status.st_mtim;
    hash(file);
    return 0;
}

static void file_free(sio_static_file *file)
{
    sio_blob_unref(file->content);
    for (int i = 0; i < SIO_ENCODING_COUNT; i++)
        sio_blob_unref(file->encoded[i]);
    sio_mem_free(file->url);
    sio_mem_free(file->path);
    sio_mem_free(file);
}

static int file_new(sio_static_file **out, const char *url, const char *path)
{
    sio_static_file *file = sio_mem_zalloc(sizeof(*file));
    if (!file)
        return SIO_ENOMEM;
    file->url = sio_mem_strndup(url, strlen(url));
    file->path = sio_mem_strndup(path, strlen(path));
    file->type = type_of(path);
    int err = file->url && file->path ? load(file) : SIO_ENOMEM;
    if (err)
        file_free(file);
    else
        *out = file;
    return err;
}

void sio_static_init(sio_static *files)
{
    sio_list_init(&files->files);
}

void sio_static_free(sio_static *files)
{
    sio_list *node;
    while ((node = sio_list_pop(&files->files)))
        file_free(SIO_CONTAINER(node, sio_static_file, node));
}

static int add_client_file(sio_static *files, const char *path, const char *folder,
                           const char *name)
{
    char url[1024], full[4096];
    if (snprintf(url, sizeof(url), "%s%s", path, name) >= (int)sizeof(url) ||
        snprintf(full, sizeof(full), "%s/%s", folder, name) >= (int)sizeof(full))
        return SIO_ENOTFOUND;
    sio_static_file *file;
    int err = file_new(&file, url, full);
    if (err)
        return err;
    file->fixed = true;
    file->type = ends_with(name, ".map") ? "application/json; charset=utf-8"
                                         : "application/javascript; charset=utf-8";
    sio_list_push(&files->files, &file->node);
    return 0;
}

int sio_static_add_client(sio_static *files, const char *path, const char *folder)
{
    int count = 0;
    for (size_t i = 0; i < sizeof(client_names) / sizeof(client_names[0]); i++) {
        int err = add_client_file(files, path, folder, client_names[i]);
        if (err == SIO_ENOMEM)
            return err;
        if (!err)
            count++;
    }
    return count;
}

int sio_static_add(sio_static *files, const char *url, const char *path)
{
    if (sio_static_find(files, sio_str_from(url)))
        return SIO_EEXISTS;
    sio_static_file *file;
    int err = file_new(&file, url, path);
    if (!err)
        sio_list_push(&files->files, &file->node);
    return err;
}

sio_static_file *sio_static_find(const sio_static *files, sio_str url)
{
    const char *query = url.len ? memchr(url.data, '?', url.len) : NULL;
    if (query)
        url.len = (size_t)(query - url.data);
    for (sio_list *node = files->files.next; node != &files->files; node = node->next) {
        sio_static_file *file = SIO_CONTAINER(node, sio_static_file, node);
        if (sio_str_equal(sio_str_from(file->url), url))
            return file;
    }
    return NULL;
}

sio_blob *sio_static_content(sio_static_file *file)
{
    if (file->fixed)
        return file->content;
    struct stat status;
    if (stat(file->path, &status))
        return NULL;
    const bool same = status.st_mtim.tv_sec == file->modified.tv_sec &&
                      status.st_mtim.tv_nsec == file->modified.tv_nsec &&
                      (size_t)status.st_size == file->content->len;
    const int err = same ? 0 : load(file);
    return !err || err == SIO_ESYSTEM ? file->content : NULL;
}

sio_blob *sio_static_encoded(sio_static_file *file, sio_encoding encoding)
{
    sio_blob **place = &file->encoded[encoding];
    if (!file->fixed || encoding == SIO_ENCODING_NONE)
        return NULL;
    if (!*place)
        *place =
            sio_compressor_run_once(encoding, (sio_str){ file->content->data, file->content->len });
    return *place;
}

bool sio_static_is_client(const sio_static_file *file)
{
    return file->fixed;
}

const char *sio_static_type(const sio_static_file *file)
{
    return file->type;
}

const char *sio_static_etag(const sio_static_file *file)
{
    return file->etag;
}

/* The tag is quoted, so it can be looked for in a list of tags, weak ones included. */
bool sio_static_matches(const sio_static_file *file, sio_str if_none_match)
{
    if (!if_none_match.data)
        return false;
    if (sio_str_equal(if_none_match, SIO_STR("*")))
        return true;
    return memmem(if_none_match.data, if_none_match.len, file->etag, strlen(file->etag)) != NULL;
}
