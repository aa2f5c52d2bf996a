/* Lists of rooms, as clients name them. */
#ifndef SIO_TESTNODE_NAMES_H
#define SIO_TESTNODE_NAMES_H

#include <sio/value.h>

/* The names in a value, NULL-terminated and new: one name or an array of them, numbers as their
 * text; what is neither is left out. NULL: memory is out. */
char **names_new(const sio_value *value);
void names_free(char **names);

#endif
