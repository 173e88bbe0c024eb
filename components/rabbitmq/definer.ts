import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { hardenedContainer } from "../workload/hardened.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { definitions } from "./definitions.ts";
import { managementClient } from "./http.ts";
import type { Topology } from "./spec.ts";

const FOLDER = "/etc/groundwork";
const PASSWORD_FILE = `${SECRETS_FOLDER}/rabbitmq_password`;
const SECONDS_BETWEEN_IMPORTS = 300;

/**
 * A bash script that gives a broker its queues and exchanges, again and again: what is there stays as it is, what
 * somebody deleted or an empty disk lost comes back. `once` as first argument does it one time.
 */
export function definerScript(vhost: string, definitionsFile: string): string {
  return `#!/bin/bash
set -u
${managementClient()}
define() { api POST "/api/definitions/${encodeURIComponent(vhost)}" "${definitionsFile}" >/dev/null; }
if [ "\${1:-}" = once ]; then
  define
  exit
fi
trap 'exit 0' TERM INT
while :; do
  if define; then touch /tmp/defined; pause=${SECONDS_BETWEEN_IMPORTS}; else rm -f /tmp/defined; pause=5; fi
  sleep $pause &
  wait $!
done
`;
}

export interface DefinerArgs {
  readonly system: string;
  readonly host: string;
  readonly managementPort: number;
  readonly vhost: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly topology: Topology;
  readonly image: pulumi.Input<string>;
  readonly imageUser: string;
  readonly networks: readonly docker.Network[];
  readonly broker: docker.Container;
}

/**
 * Beside the broker instead of in its configuration, so that a new queue replaces this container and not the broker, and
 * a broker of an earlier release stays as it is.
 */
export function definer(name: string, args: DefinerArgs, parent: pulumi.Resource): docker.Container {
  const file = `${FOLDER}/definitions.json`;
  const script = `${FOLDER}/define.sh`;
  return hardenedContainer(
    name,
    {
      system: args.system,
      part: "rabbitmq-definer",
      image: args.image,
      user: args.imageUser,
      command: ["bash", script],
      environment: {
        RABBITMQ_HOST: args.host,
        RABBITMQ_MANAGEMENT_PORT: String(args.managementPort),
        RABBITMQ_USER: args.user,
        RABBITMQ_PASSWORD_FILE: PASSWORD_FILE,
      },
      limits: { cpu: 0.1, memory: "64Mi" },
      networks: args.networks,
      check: { test: ["CMD", "test", "-f", "/tmp/defined"], interval: 30, timeout: 5, retries: 3, startPeriod: 60 },
      files: { rabbitmq_password: args.secret },
      configuration: {
        [file]: JSON.stringify(definitions(args.topology), undefined, 2),
        [script]: definerScript(args.vhost, file),
      },
      scratch: ["/tmp"],
      init: true,
      stopTimeout: 10,
    },
    { parent, dependsOn: args.broker },
  );
}
