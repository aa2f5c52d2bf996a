#include "faults.h"

#include <stddef.h>

struct faults faults;

static bool fails(void)
{
    if (!faults.armed)
        return false;
    faults.count++;
    return faults.count >= faults.first && faults.count <= faults.last;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

int __wrap_uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    if (faults.turn)
        faults.turn();
    faults.armed = true;
    const int rc = __real_uv_run(loop, mode);
    faults.armed = false;
    if (faults.turn)
        faults.turn();
    return rc;
}
