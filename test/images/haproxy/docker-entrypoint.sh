#!/bin/sh
# The interface of the official image: https://hub.docker.com/_/haproxy
set -e
case ${1:-} in -*) set -- haproxy "$@" ;; esac
if [ "$1" = haproxy ]; then
  shift
  # a master that reloads on SIGHUP, in the foreground
  set -- haproxy -W -db "$@"
fi
exec "$@"
