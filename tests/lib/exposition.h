/*
 * Reads what Prometheus scrapes, strictly: text format 0.0.4 and OpenMetrics 1.0, written from
 * their specifications. What breaks a rule fails the test, with the line.
 */
#ifndef SIO_TESTS_EXPOSITION_H
#define SIO_TESTS_EXPOSITION_H

#include "check.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct sample {
    char name[80];
    char labels[160]; /* as they stand between the braces; "" */
    double value;
} sample;

typedef struct exposition {
    sample samples[600];
    size_t count;
    char families[200][80];
    char types[200][16];
    size_t family_count;
    bool ended; /* by # EOF */
} exposition;

static inline size_t name_length(const char *text)
{
    size_t len = 0;
    while (isalpha((unsigned char)text[len]) || text[len] == '_' || text[len] == ':' ||
           (len > 0 && isdigit((unsigned char)text[len])))
        len++;
    return len;
}

static inline bool ends_with(const char *text, const char *end)
{
    const size_t len = strlen(text), tail = strlen(end);
    return len >= tail && strcmp(text + len - tail, end) == 0;
}

/* name="value",…} ; returns what stands behind the brace. */
static inline const char *read_labels(const char *at, const char *line)
{
    for (;;) {
        const size_t len = name_length(at);
        if (len == 0 || at[len] != '=' || at[len + 1] != '"')
            fail_msg("no label: %s", line);
        for (at += len + 2; *at != '"'; at++) {
            if (*at == '\\' && *++at != '\\' && *at != '"' && *at != 'n')
                fail_msg("no such escape: %s", line);
            if (!*at)
                fail_msg("an open quote: %s", line);
        }
        if (at[1] == '}')
            return at + 2;
        if (at[1] != ',')
            fail_msg("labels have no comma: %s", line);
        at += 2;
    }
}

/* The family that a sample belongs to is the one before it, whose suffixes it may have. */
static inline void check_family(const exposition *page, const char *name, bool open,
                                const char *line)
{
    if (page->family_count == 0)
        fail_msg("no TYPE before: %s", line);
    const char *family = page->families[page->family_count - 1];
    const char *type = page->types[page->family_count - 1];
    const size_t len = strlen(family);
    const char *rest = strncmp(name, family, len) == 0 ? name + len : "?";
    const bool histogram = strcmp(type, "histogram") == 0, counter = strcmp(type, "counter") == 0;
    const bool right = histogram ? strcmp(rest, "_bucket") == 0 || strcmp(rest, "_sum") == 0 ||
                                       strcmp(rest, "_count") == 0
                       : counter && open ? strcmp(rest, "_total") == 0
                                         : *rest == '\0';
    if (!right)
        fail_msg("%s is not of the family %s, a %s", name, family, type);
    if (counter && !ends_with(name, "_total"))
        fail_msg("a counter that does not end with _total: %s", name);
}

static inline void read_sample(exposition *page, const char *line, bool open)
{
    sample *out = &page->samples[page->count++];
    assert_true(page->count < sizeof(page->samples) / sizeof(*page->samples));
    const size_t len = name_length(line);
    const char *at = line + len;
    if (len == 0 || len >= sizeof(out->name))
        fail_msg("no name: %s", line);
    snprintf(out->name, sizeof(out->name), "%.*s", (int)len, line);
    out->labels[0] = '\0';
    if (*at == '{') {
        const char *end = read_labels(at + 1, line);
        snprintf(out->labels, sizeof(out->labels), "%.*s", (int)(end - at - 2), at + 1);
        at = end;
    }
    char *end;
    if (*at != ' ' || isspace((unsigned char)at[1]))
        fail_msg("one blank stands before the value: %s", line);
    out->value = strtod(at + 1, &end);
    if (end == at + 1 || *end)
        fail_msg("no value: %s", line);
    check_family(page, out->name, open, line);
    for (size_t i = 0; i + 1 < page->count; i++)
        if (strcmp(page->samples[i].name, out->name) == 0 &&
            strcmp(page->samples[i].labels, out->labels) == 0)
            fail_msg("twice: %s", line);
}

static inline void read_comment(exposition *page, const char *line)
{
    static char helped[80];
    char name[80], rest[300];
    if (strcmp(line, "# EOF") == 0) {
        page->ended = true;
    } else if (sscanf(line, "# HELP %79s %299[^\n]", name, rest) == 2) {
        snprintf(helped, sizeof(helped), "%s", name);
    } else if (sscanf(line, "# TYPE %79s %15s", name, rest) == 2) {
        if (strcmp(helped, name) != 0)
            fail_msg("no HELP before: %s", line);
        if (strcmp(rest, "gauge") != 0 && strcmp(rest, "counter") != 0 &&
            strcmp(rest, "histogram") != 0)
            fail_msg("no such type: %s", line);
        for (size_t i = 0; i < page->family_count; i++)
            if (strcmp(page->families[i], name) == 0)
                fail_msg("twice: %s", line);
        snprintf(page->families[page->family_count], sizeof(page->families[0]), "%s", name);
        snprintf(page->types[page->family_count++], sizeof(page->types[0]), "%.15s", rest);
    } else {
        fail_msg("neither HELP nor TYPE: %s", line);
    }
}

/* Bounds grow, and so do the counts; the last is +Inf, and _count. */
static inline void check_histogram(const exposition *page, const char *family)
{
    char name[100];
    double bound = -1, count = 0, last = -1, total = -2;
    snprintf(name, sizeof(name), "%s_bucket", family);
    for (size_t i = 0; i < page->count; i++) {
        const sample *one = &page->samples[i];
        if (strcmp(one->name, name) == 0) {
            char text[40];
            assert_int_equal(sscanf(one->labels, "le=\"%39[^\"]", text), 1);
            const double next = strcmp(text, "+Inf") == 0 ? HUGE_VAL : strtod(text, NULL);
            assert_true(next > bound && one->value >= count);
            bound = next;
            last = count = one->value;
        } else if (strncmp(one->name, family, strlen(family)) == 0 &&
                   strcmp(one->name + strlen(family), "_count") == 0) {
            total = one->value;
        }
    }
    assert_true(isinf(bound));
    assert_true(last == total);
}

static inline exposition *exposition_read(const char *text, bool open)
{
    exposition *page = calloc(1, sizeof(*page));
    char line[512];
    assert_non_null(page);
    while (*text) {
        const char *end = strchr(text, '\n');
        assert_non_null(end);
        assert_true((size_t)(end - text) < sizeof(line));
        snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
        assert_false(page->ended);
        if (*line == '#')
            read_comment(page, line);
        else
            read_sample(page, line, open);
        text = end + 1;
    }
    assert_int_equal(page->ended, open);
    for (size_t i = 0; i < page->family_count; i++)
        if (strcmp(page->types[i], "histogram") == 0)
            check_histogram(page, page->families[i]);
    return page;
}

static inline double exposition_value(const exposition *page, const char *name, const char *labels)
{
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->samples[i].name, name) == 0 &&
            strcmp(page->samples[i].labels, labels) == 0)
            return page->samples[i].value;
    fail_msg("there is no %s{%s}", name, labels);
    return 0;
}

#endif
