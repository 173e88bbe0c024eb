/**
 * A POSIX shell script that starts a server of a cluster, given as its arguments, in the folder with its data.
 *
 * It forgets the addresses of all others first. After a restart of the whole engine each may be somebody else's, and a
 * replica would copy the keys of whoever answers there in place of its own: elected then, it would answer for keys that it
 * no longer has. The others tell their addresses when they speak to it, and the former introduces who has none.
 * https://valkey.io/commands/cluster-nodes/ (noaddr)
 */
export const CLUSTER_STARTER = `#!/bin/sh
set -eu
if [ -s nodes.conf ]; then
  awk '
    $1 != "vars" && $3 !~ /myself/ {
      sub(/^[^,]*/, ":0@0", $2)
      if ($3 !~ /noaddr/) $3 = $3 ",noaddr"
    }
    { print }' nodes.conf >nodes.conf.next
  mv nodes.conf.next nodes.conf
fi
exec "$@"
`;
