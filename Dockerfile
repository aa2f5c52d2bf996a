# The chat and sio-emit, as docker-compose.yml runs them.
FROM debian:trixie-slim AS build
WORKDIR /src
COPY scripts/setup scripts/
RUN scripts/setup --build-only
COPY . .
RUN cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr/local -DSIO_TESTS=OFF -DSIO_BENCH=OFF \
 && cmake --build --preset release --parallel \
 && cmake --install build --strip

# What the programs are linked with, and nothing that builds
FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libhiredis1.1.0 libllhttp9.2 libmsgpack-c2 libssl3t64 libuv1t64 libwebsockets19t64 libyyjson0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --no-create-home --shell /usr/sbin/nologin sio
COPY --from=build /usr/local/bin/sio-chat /usr/local/bin/sio-emit /usr/local/bin/
COPY --from=build /usr/local/share/sio /usr/local/share/sio
USER sio
EXPOSE 3000
CMD ["sio-chat", "--host", "0.0.0.0"]
