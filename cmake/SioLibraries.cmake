# libsio and libsio-emitter, shared and static, out of the modules' objects; and how they install.
set(sio_objects $<TARGET_OBJECTS:sio_proto> $<TARGET_OBJECTS:sio_redis> $<TARGET_OBJECTS:sio_deflate> $<TARGET_OBJECTS:sio_adapter> $<TARGET_OBJECTS:sio_server>)
set(sio_libs PkgConfig::UV PkgConfig::LLHTTP PkgConfig::HIREDIS_SSL PkgConfig::HIREDIS PkgConfig::MSGPACK PkgConfig::YYJSON
    PkgConfig::SSL PkgConfig::CRYPTO PkgConfig::ZLIB m)
set(sio_emitter_objects $<TARGET_OBJECTS:sio_proto> $<TARGET_OBJECTS:sio_redis> $<TARGET_OBJECTS:sio_emitter>)
set(sio_tls_libs)
if(SIO_TLS)
  set(sio_tls_libs PkgConfig::LWS PkgConfig::UV PkgConfig::LLHTTP PkgConfig::SSL PkgConfig::CRYPTO)
endif()
set(sio_emitter_libs PkgConfig::HIREDIS_SSL PkgConfig::HIREDIS PkgConfig::MSGPACK PkgConfig::YYJSON PkgConfig::SSL
    PkgConfig::CRYPTO m)

if(SIO_BUNDLED_DEPS)
  file(GLOB sio_bundled "${SIO_DEPS_ROOT}/lib/*/*.so.*")
  install(FILES ${sio_bundled} DESTINATION ${CMAKE_INSTALL_LIBDIR}/sio)
  set(CMAKE_INSTALL_RPATH "$ORIGIN/sio;$ORIGIN/../${CMAKE_INSTALL_LIBDIR};$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/sio")
endif()

# the installation may be moved: what is in it is found from where the .pc files are
file(RELATIVE_PATH SIO_PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")

function(sio_library name objects libs)
  add_library(${name}_shared SHARED ${objects})
  add_library(${name}_static STATIC ${objects})
  set_target_properties(${name}_shared PROPERTIES VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  string(REPLACE "_" "-" file ${name})
  set_target_properties(${name}_shared ${name}_static PROPERTIES OUTPUT_NAME ${file} LINKER_LANGUAGE C)
  target_link_libraries(${name}_shared PRIVATE ${libs} sio_flags)
  target_link_options(${name}_shared PRIVATE -Wl,--no-undefined)
  target_link_libraries(${name}_static PUBLIC ${libs})
  foreach(target ${name}_shared ${name}_static)
    foreach(module proto redis adapter server emitter)
      target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/${module}/include")
    endforeach()
  endforeach()
  install(TARGETS ${name}_shared DESTINATION ${CMAKE_INSTALL_LIBDIR})
  if(NOT SIO_BUNDLED_DEPS) # with those there is nothing static to link it to
    install(TARGETS ${name}_static DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
  configure_file(cmake/${file}.pc.in ${file}.pc @ONLY)
  install(FILES "${CMAKE_BINARY_DIR}/${file}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
if(SIO_SANITIZE OR SIO_SANITIZE_THREAD)
  # a sanitized shared library cannot promise to have no undefined symbols
  set(CMAKE_SHARED_LINKER_FLAGS "${CMAKE_SHARED_LINKER_FLAGS} -Wl,--warn-unresolved-symbols")
endif()
sio_library(sio "${sio_objects}" "${sio_libs}")
sio_library(sio_emitter "${sio_emitter_objects}" "${sio_emitter_libs}")
sio_library(sio_tls "$<TARGET_OBJECTS:sio_tls>" "${sio_tls_libs}")
target_link_libraries(sio_tls_shared PRIVATE sio_shared)
target_link_libraries(sio_tls_static PUBLIC sio_static)

foreach(module proto redis adapter server emitter)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${module}/include/sio" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()

# the server looks for the official client here (server/net/installed.c)
if(EXISTS "${SIO_CLIENT_FILES}")
  install(DIRECTORY "${SIO_CLIENT_FILES}/" DESTINATION ${CMAKE_INSTALL_DATADIR}/sio/client
    FILES_MATCHING PATTERN "socket.io*.js" PATTERN "socket.io*.js.map")
endif()

add_executable(sio-emit emitter/argument.c emitter/command_line.c emitter/command_options.c emitter/help.c
  emitter/lines.c emitter/sio_emit.c emitter/tasks.c)
target_link_libraries(sio-emit PRIVATE sio_emitter_static PkgConfig::YYJSON sio_flags)
# it runs for milliseconds: loading a library that it does not use would be most of them
target_link_options(sio-emit PRIVATE -Wl,--as-needed)
install(TARGETS sio-emit DESTINATION ${CMAKE_INSTALL_BINDIR})
