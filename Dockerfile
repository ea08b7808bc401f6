# One image with both servers: `marketplace api` (the default) and
# `marketplace webportal`.
#
#   docker build -t marketplace .
#   docker run -p 9292:9292 -e IDP_URL=http://10.0.0.1:9186 -v marketplace:/data marketplace
#   docker run -p 9293:9293 -e MARKETPLACE_API_URL=http://10.0.0.1:9292 marketplace webportal

FROM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo xtask build-plugin \
    && cargo build --release --locked --package marketplace-api

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /data marketplace
COPY --from=build /src/target/release/marketplace /usr/local/bin/
COPY --from=build /src/dist /usr/share/marketplace/plugin
ENV PLUGIN_DIR=/usr/share/marketplace/plugin
# SQLite's file, where no PostgreSQL is configured, is data/marketplace.db below.
WORKDIR /data
USER marketplace
EXPOSE 9292 9293
ENTRYPOINT ["marketplace"]
CMD ["api"]
