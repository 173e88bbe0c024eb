#!/bin/sh
# The interface of the official image: what is no command is an argument of node.
set -e
case ${1:-} in
  -*) set -- node "$@" ;;
  *) if ! command -v "$1" >/dev/null; then set -- node "$@"; fi ;;
esac
exec "$@"
