# Flags that every target of ours shares, as one interface target.
add_library(sio_flags INTERFACE)
target_compile_definitions(sio_flags INTERFACE _GNU_SOURCE)
target_compile_options(sio_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-gnu-zero-variadic-macro-arguments)
if(SIO_WERROR)
  target_compile_options(sio_flags INTERFACE -Werror)
endif()
if(SIO_SANITIZE)
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(sio_flags INTERFACE ${flags})
  target_link_options(sio_flags INTERFACE ${flags})
endif()
