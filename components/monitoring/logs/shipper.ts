import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { stringify } from "yaml";
import { IMAGES } from "../../images.ts";
import { hardenedContainer } from "../../workload/hardened.ts";
import { engineImage } from "../../workload/image.ts";
import type { Endpoint } from "../../workload/spec.ts";
import type { LoggedContainer } from "./filebeat.ts";
import { DOCKER_CONTAINERS, filebeatSettings } from "./filebeat.ts";

export interface DockerLogShipperArgs {
  /** The system that it belongs to, for labels and as a field of every line. */
  readonly system: string;
  /** 256 MiB are enough for some dozens of containers. */
  readonly size: Size;
  /** Networks on which it finds Logstash. */
  readonly networks: readonly docker.Network[];
  readonly logstash: Endpoint;
  /** Whose logs it reads, e.g. what `watchContainers` saw. */
  readonly containers: pulumi.Input<readonly LoggedContainer[]>;
}

/**
 * Docker's log files belong to root and its group, 0640, in folders that the group may pass and not list (0710): a member
 * of the group reads the files it knows by name, and not `config.v2.json` beside them (0600), which holds each
 * container's environment (tried with Docker 20.10). https://github.com/moby/moby/blob/master/daemon/create.go
 */
const USER = "1000:0";
const SETTINGS = "/usr/share/filebeat/filebeat.yml";
const DATA = "/usr/share/filebeat/data";

/**
 * Filebeat on one Docker Engine: reads the log files of the containers that it is given. Files and not a log driver
 * (gelf, fluentd), because a file waits while Logstash is away, where a driver drops lines or keeps containers from
 * starting, and because `docker logs` goes on as before. It knows containers by their ids, so it comes last, and is
 * exchanged when they are; a volume remembers how far it has read. Swarm tasks come and go without the program: their
 * logs it cannot follow.
 */
export class DockerLogShipper extends pulumi.ComponentResource {
  constructor(name: string, args: DockerLogShipperArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:DockerLogShipper", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.filebeat, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this });
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system: args.system,
        part: "log-shipper",
        image: image.imageId,
        user: USER,
        command: ["filebeat", "-e", "-c", SETTINGS],
        environment: {},
        limits: args.size,
        networks: args.networks,
        check: {
          test: ["CMD", "filebeat", "test", "output", "-c", SETTINGS],
          interval: 60,
          timeout: 10,
          retries: 3,
          startPeriod: 30,
        },
        configuration: { [SETTINGS]: settings(args) },
        hostFolders: { [DOCKER_CONTAINERS]: DOCKER_CONTAINERS },
        volumes: { [DATA]: data },
        scratch: ["/tmp"],
        stopTimeout: 30,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function settings({ system, containers, logstash }: DockerLogShipperArgs): pulumi.Output<string> {
  return pulumi.all([containers, logstash.host]).apply(([known, host]) =>
    stringify(filebeatSettings({ system, containers: known, logstash: `${host}:${logstash.port}` }), {
      lineWidth: 0,
    }),
  );
}
