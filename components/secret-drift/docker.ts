import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { hardenedContainer } from "../workload/hardened.ts";
import type { HardenedContainerArgs } from "../workload/hardened.ts";
import { hardenedService } from "../workload/swarm-service.ts";
import type { Endpoint } from "../workload/spec.ts";
import type { SecretDriftSpec } from "./spec.ts";
import {
  commandOf,
  containerCheck,
  credentialFiles,
  environmentOf,
  HISTORY_FOLDER,
  keepsFiles,
  MAPPING_FILE,
  mappingText,
  PART,
  PORT,
  RESOURCES,
  USER_ID,
} from "./spec.ts";

export interface DockerSecretDriftCheckerArgs extends SecretDriftSpec {
  /** A container of one Docker Engine, or a service of a Swarm. */
  readonly runs: "container" | "service";
  /** Image id or reference that the engine already has. */
  readonly image: pulumi.Input<string>;
  /** From which Prometheus asks it, and through which it reaches its stores. */
  readonly networks: readonly docker.Network[];
  /** Whether the volume of its history refuses deletion. */
  readonly protect: boolean;
  /** What must be there first; a component's own `dependsOn` does not reach its children. */
  readonly after?: readonly pulumi.Resource[];
}

/** It writes down what it has found before it goes. */
const STOP_SECONDS = 30;

/**
 * The secret-drift checker as a container or a Swarm service: one, because there is one history and one healer. Its
 * mapping is a file that everyone may read, its tokens are files that it alone reads. Encrypted files that the mapping
 * names are made at the first start, with the identity that opens them, in the volume of the history.
 */
export class DockerSecretDriftChecker extends pulumi.ComponentResource {
  /** Prometheus metrics. */
  readonly metrics: Endpoint;

  constructor(name: string, args: DockerSecretDriftCheckerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:secret-drift:DockerSecretDriftChecker", name, {}, opts);
    const history = new docker.Volume(
      `${name}-history`,
      { name: `${name}-history` },
      { parent: this, protect: args.protect },
    );
    const create = args.runs === "container" ? hardenedContainer : hardenedService;
    create(`${name}-${args.runs}`, containerArgs(name, args, history), {
      parent: this,
      dependsOn: [...(args.after ?? [])],
    });
    this.metrics = { host: pulumi.output(name), port: PORT };
    this.registerOutputs({});
  }
}

function containerArgs(
  name: string,
  args: DockerSecretDriftCheckerArgs,
  history: docker.Volume,
): HardenedContainerArgs {
  const { limits, requests } = args.resources ?? RESOURCES;
  return {
    host: name,
    system: args.system,
    part: PART,
    image: args.image,
    user: `${USER_ID}:${USER_ID}`,
    command: startOf(args),
    environment: environmentOf(args),
    limits,
    requests,
    networks: args.networks,
    check: containerCheck(),
    files: credentialFiles(args),
    configuration: { [MAPPING_FILE]: mappingText(args.mapping) },
    volumes: { [HISTORY_FOLDER]: history },
    scratch: ["/tmp"],
    stopTimeout: STOP_SECONDS,
    init: true,
  };
}

/** `init` makes what is missing and leaves the rest alone, so that every start may run it. */
function startOf(args: DockerSecretDriftCheckerArgs): string[] {
  const monitor = commandOf("monitor");
  if (!keepsFiles(args.mapping)) return monitor;
  return ["sh", "-c", `${commandOf("init").join(" ")} && exec ${monitor.join(" ")}`];
}
