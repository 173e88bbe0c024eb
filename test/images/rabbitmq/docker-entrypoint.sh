#!/bin/bash
# The interface of the official image: https://hub.docker.com/_/rabbitmq
set -euo pipefail
if [[ "${1:-}" == rabbitmq* ]] && [ "$(id -u)" = 0 ]; then
  if [ "$1" = rabbitmq-server ]; then find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +; fi
  exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups "$0" "$@"
fi
refused=()
for name in RABBITMQ_DEFAULT_PASS_FILE RABBITMQ_DEFAULT_USER_FILE RABBITMQ_MANAGEMENT_SSL_CACERTFILE \
  RABBITMQ_MANAGEMENT_SSL_CERTFILE RABBITMQ_MANAGEMENT_SSL_KEYFILE RABBITMQ_SSL_CACERTFILE RABBITMQ_SSL_CERTFILE \
  RABBITMQ_SSL_KEYFILE RABBITMQ_VM_MEMORY_HIGH_WATERMARK; do
  if [ -n "${!name:-}" ]; then refused+=("error: $name is set but deprecated"); fi
done
if [ "${#refused[@]}" -gt 0 ]; then
  printf '%s\n' "${refused[@]}" 'error: deprecated environment variables detected' >&2
  exit 1
fi
exec "$@"
