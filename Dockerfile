# Two images, each with one server of the marketplace, started without arguments:
#
#   docker build --target restserver --tag marketplace-restserver:2.0.0 .
#   docker build --target webportal --tag marketplace-webportal:2.0.0 .
#
# What it starts from is pinned by version. A digest pins it by content:
# `docker buildx imagetools inspect debian:12.12-slim` tells it; write it behind
# the tag, as debian:12.12-slim@sha256:…

FROM rust:1.95.0-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nodejs npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Only the first command may look further than Cargo.lock, and it refuses to.
RUN --mount=type=cache,target=/root/.cache/openpai-marketplace \
    --mount=type=cache,target=/usr/local/cargo/registry \
    cargo fetch --locked \
    && cargo xtask build-plugin \
    && cargo build --release --locked --package marketplace-api \
    && cargo xtask sbom

# The files of an image: the program, the libraries that it is linked to, the
# certificate authorities and who runs it. No shell, no package manager.
FROM debian:12.12-slim AS system
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# Debian's newest, because a pinned base holds what was the newest once.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libc6 libgcc-s1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/marketplace /usr/bin/
RUN mkdir --parents /image/data /image/etc/ssl/certs /image/usr/bin /image/var/lib/dpkg/status.d \
    && cp /usr/bin/marketplace /image/usr/bin/ \
    && ldd /usr/bin/marketplace | grep --only-matching '/[^ ]*' \
        | xargs cp --parents --dereference --target-directory=/image \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    # What scanners of images read, and what the packages' licences want.
    && for package in ca-certificates libc6 libgcc-s1; do \
        dpkg-query --status "$package" > "/image/var/lib/dpkg/status.d/$package" \
        && cp --parents --dereference "/usr/share/doc/$package/copyright" /image; \
    done \
    && cp --parents /etc/debian_version /etc/os-release --dereference --target-directory=/image \
    && echo 'root:x:0:0::/:/sbin/nologin' > /image/etc/passwd \
    && echo 'marketplace:x:65532:65532::/data:/sbin/nologin' >> /image/etc/passwd \
    && printf 'root:x:0:\nmarketplace:x:65532:\n' > /image/etc/group \
    && echo 'hosts: files dns' > /image/etc/nsswitch.conf \
    && chmod 700 /image/data \
    && chown 65532:65532 /image/data

FROM scratch AS server
COPY --from=system /image/ /
ARG VERSION=2.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="OpenPAI Marketplace" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.base.name="scratch"
# By number, so that Kubernetes sees that it is not root.
USER 65532:65532
# Where .env is looked for, and where SQLite keeps data/marketplace.db when no
# PostgreSQL is configured.
WORKDIR /data
ENTRYPOINT ["/usr/bin/marketplace"]

FROM server AS webportal
LABEL org.opencontainers.image.title="marketplace-webportal" \
    org.opencontainers.image.description="OpenPAI Marketplace: the plugin of OpenPAI's portal"
COPY --from=build /src/target/sbom/webportal/ /usr/share/marketplace/
COPY --from=build /src/dist /usr/share/marketplace/plugin
ENV PLUGIN_DIR=/usr/share/marketplace/plugin
EXPOSE 9293
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["/usr/bin/marketplace", "health", "webportal"]
CMD ["webportal"]

FROM server AS restserver
LABEL org.opencontainers.image.title="marketplace-restserver" \
    org.opencontainers.image.description="OpenPAI Marketplace: the REST API"
COPY --from=build /src/target/sbom/restserver/ /usr/share/marketplace/
# Takes SQLite's file where nothing is mounted and the rest is read-only.
VOLUME ["/data"]
EXPOSE 9292
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 \
    CMD ["/usr/bin/marketplace", "health", "api"]
CMD ["api"]
