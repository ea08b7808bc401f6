#!/bin/sh
# The first command in the namespaces of `cargo xtask test --only images`: makes them a
# machine of their own with the address of a master node (one of those that are for
# documentation only), starts podman as the docker command's engine, and becomes the
# command that it is given.
set -eu
ip link set lo up
ip address add 192.0.2.10/32 dev lo
# Sockets and locks of this machine's own engine are not meant.
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
podman system service --time 0 unix:///run/docker.sock > "$PODMAN_LOG" 2>&1 &
export DOCKER_HOST=unix:///run/docker.sock
exec "$@"
