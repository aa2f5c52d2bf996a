/* cmocka with the headers that it forgets to include. */
#ifndef SIO_TESTS_CHECK_H
#define SIO_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
