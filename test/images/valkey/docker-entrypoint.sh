#!/bin/sh
# The interface of the official image: https://hub.docker.com/r/valkey/valkey
set -e
case ${1:-} in -* | *.conf) set -- valkey-server "$@" ;; esac
if [ "$1" != valkey-server ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  chown -R valkey:valkey /data
  exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
fi
# what it writes is for nobody else
umask 0077
# the official image is compiled without protected mode; what the caller says comes later and counts
shift
case ${1:-} in
  '' | -*) set -- --protected-mode no "$@" ;;
  *) configuration=$1 && shift && set -- "$configuration" --protected-mode no "$@" ;;
esac
# shellcheck disable=SC2086 # several arguments in one variable
exec valkey-server "$@" ${VALKEY_EXTRA_FLAGS:-}
