/* The text that messages carry: a number of fixed width, then padding. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <sio/sys/buf.h>

/* `size` bytes, from the number on; `compressible`: such as shrinks to about a third as JSON does,
 * else of one letter. */
void bench_text_append(sio_buf *out, uint32_t size, bool compressible);

/* Writes the number where it begins. */
void bench_text_number(char *digits, uint64_t sequence);

#endif
