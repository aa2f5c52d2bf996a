/* Files that are served from memory. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sio/err.h>

#include "net/static.h"

static char folder[] = "/tmp/sio-test-static-XXXXXX";

static void path_of(char out[256], const char *name)
{
    snprintf(out, 256, "%s/%s", folder, name);
}

/* The time of the last change is given, so that no test has to wait for a clock to move. */
static void write_file(const char *name, const char *text, time_t modified)
{
    char path[256];
    path_of(path, name);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
    const struct timespec times[2] = { { .tv_sec = modified }, { .tv_sec = modified } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void remove_file(const char *name)
{
    char path[256];
    path_of(path, name);
    assert_int_equal(unlink(path), 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

static bool holds(sio_blob *blob, const char *text)
{
    return blob && blob->len == strlen(text) && memcmp(blob->data, text, blob->len) == 0;
}

static void serves_files_and_sees_changes(void **state)
{
    (void)state;
    sio_static files;
    char path[256];
    sio_static_init(&files);
    write_file("page.html", "one", 1000);
    path_of(path, "page.html");
    assert_int_equal(sio_static_add(&files, "/", path), 0);
    assert_int_equal(sio_static_add(&files, "/", path), SIO_EEXISTS);
    sio_static_file *file = sio_static_find(&files, SIO_STR("/?query"));
    assert_non_null(file);
    assert_null(sio_static_find(&files, SIO_STR("/x")));
    assert_null(sio_static_find(&files, SIO_STR("")));
    assert_true(holds(sio_static_content(file), "one"));
    assert_string_equal(sio_static_type(file), "text/html; charset=utf-8");
    char etag[20];
    snprintf(etag, sizeof(etag), "%s", sio_static_etag(file));
    write_file("page.html", "two", 2000);
    assert_true(holds(sio_static_content(file), "two"));
    assert_string_not_equal(etag, sio_static_etag(file));
    remove_file("page.html");
    assert_null(sio_static_content(file));
    sio_static_free(&files);
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    sio_static files;
    sio_static_init(&files);
    assert_int_equal(sio_static_add(&files, "/a", "/nonexistent/file"), SIO_ENOTFOUND);
    assert_int_equal(sio_static_add(&files, "/a", folder), SIO_ENOTFOUND);
    assert_null(sio_static_find(&files, SIO_STR("/a")));
    sio_static_free(&files);
}

static void types_follow_endings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "a.js", "text/javascript; charset=utf-8" },
        { "a.css", "text/css; charset=utf-8" },
        { "a.svg", "image/svg+xml" },
        { "a.png", "image/png" },
        { "a.ico", "image/x-icon" },
        { "a", "application/octet-stream" },
        { "a.txt", "text/plain; charset=utf-8" },
        { "js", "application/octet-stream" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sio_static files;
        char path[256];
        sio_static_init(&files);
        write_file(cases[i][0], "", 1);
        path_of(path, cases[i][0]);
        assert_int_equal(sio_static_add(&files, "/a", path), 0);
        sio_static_file *file = sio_static_find(&files, SIO_STR("/a"));
        assert_string_equal(sio_static_type(file), cases[i][1]);
        assert_true(holds(sio_static_content(file), ""));
        sio_static_free(&files);
        remove_file(cases[i][0]);
    }
}

static void loads_the_clients_files(void **state)
{
    (void)state;
    sio_static files;
    sio_static_init(&files);
    assert_int_equal(sio_static_add_client(&files, "/s/", "/nonexistent"), 0);
    write_file("socket.io.js", "code", 1);
    write_file("socket.io.js.map", "map", 1);
    write_file("other.js", "other", 1);
    assert_int_equal(sio_static_add_client(&files, "/s/", folder), 2);
    sio_static_file *code = sio_static_find(&files, SIO_STR("/s/socket.io.js"));
    sio_static_file *map = sio_static_find(&files, SIO_STR("/s/socket.io.js.map"));
    assert_string_equal(sio_static_type(code), "application/javascript; charset=utf-8");
    assert_string_equal(sio_static_type(map), "application/json; charset=utf-8");
    assert_null(sio_static_find(&files, SIO_STR("/s/other.js")));
    remove_file("socket.io.js");
    remove_file("socket.io.js.map");
    remove_file("other.js");
    assert_true(holds(sio_static_content(code), "code"));
    sio_static_free(&files);
}

static void tags_match(void **state)
{
    (void)state;
    sio_static files;
    char path[256], text[128];
    sio_static_init(&files);
    write_file("a.txt", "text", 1);
    path_of(path, "a.txt");
    assert_int_equal(sio_static_add(&files, "/a", path), 0);
    sio_static_file *file = sio_static_find(&files, SIO_STR("/a"));
    const char *etag = sio_static_etag(file);
    assert_int_equal(strlen(etag), 18);
    assert_true(sio_static_matches(file, sio_str_from(etag)));
    assert_true(sio_static_matches(file, SIO_STR("*")));
    snprintf(text, sizeof(text), "\"other\", W/%s", etag);
    assert_true(sio_static_matches(file, sio_str_from(text)));
    assert_false(sio_static_matches(file, SIO_STR("\"other\"")));
    assert_false(sio_static_matches(file, (sio_str){ etag, 17 }));
    assert_false(sio_static_matches(file, (sio_str){ etag + 1, 16 }));
    assert_false(sio_static_matches(file, (sio_str){ NULL, 0 }));
    assert_false(sio_static_matches(file, SIO_STR("")));
    remove_file("a.txt");
    sio_static_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serves_files_and_sees_changes),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(types_follow_endings),
        cmocka_unit_test(loads_the_clients_files),
        cmocka_unit_test(tags_match),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
