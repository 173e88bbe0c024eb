#!/bin/sh
# The interface of the official image: scripts of /docker-entrypoint.d run before nginx does.
set -e
case ${1:-} in
  nginx | nginx-debug)
    for script in /docker-entrypoint.d/*; do
      case $script in
        *.envsh) if [ -x "$script" ]; then . "$script"; fi ;;
        *.sh) if [ -x "$script" ]; then "$script"; fi ;;
      esac
    done
    ;;
esac
exec "$@"
