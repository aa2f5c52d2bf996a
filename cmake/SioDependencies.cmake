# The libraries. On a distribution whose own are too old, scripts/setup unpacks newer ones into .deps; they
# are found there first, and travel with an installation (SioLibraries.cmake).
find_package(PkgConfig REQUIRED)
set(SIO_DEPS_ROOT "${CMAKE_CURRENT_SOURCE_DIR}/.deps/root/usr")
if(EXISTS "${SIO_DEPS_ROOT}")
  file(GLOB sio_deps_pc "${SIO_DEPS_ROOT}/lib/*/pkgconfig")
  set(ENV{PKG_CONFIG_PATH} "${sio_deps_pc}:$ENV{PKG_CONFIG_PATH}")
  set(SIO_BUNDLED_DEPS ON)
endif()

pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv>=1.44)
pkg_check_modules(LLHTTP REQUIRED IMPORTED_TARGET libllhttp>=9)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis>=1.2)
pkg_check_modules(HIREDIS_SSL REQUIRED IMPORTED_TARGET hiredis_ssl>=1.2)
pkg_check_modules(MSGPACK REQUIRED IMPORTED_TARGET msgpack-c>=6)
pkg_check_modules(YYJSON REQUIRED IMPORTED_TARGET yyjson>=0.8)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(SSL REQUIRED IMPORTED_TARGET libssl)

# Debian 13's msgpack-c.pc says -Iinclude, which is nowhere; its headers are where the compiler looks anyway
get_target_property(sio_msgpack_include PkgConfig::MSGPACK INTERFACE_INCLUDE_DIRECTORIES)
if(sio_msgpack_include)
  list(FILTER sio_msgpack_include INCLUDE REGEX "^/")
  set_target_properties(PkgConfig::MSGPACK PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${sio_msgpack_include}")
endif()
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# TLS, HTTP/2 and being mounted into another web server: in libsio-tls alone
if(SIO_TLS STREQUAL "AUTO")
  pkg_check_modules(LWS IMPORTED_TARGET libwebsockets>=4.3)
elseif(SIO_TLS)
  pkg_check_modules(LWS REQUIRED IMPORTED_TARGET libwebsockets>=4.3)
endif()
set(SIO_TLS ${LWS_FOUND})
