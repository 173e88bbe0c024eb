#!/bin/sh
# As in the official image, the shell stays: whoever wants signals to arrive runs it under an init.
pgbouncer /etc/pgbouncer/pgbouncer.ini
