import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Cpu, Size } from "@groundwork/lib/quantity";
import { parseCpu } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { WorkloadSpec } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { DOCKER_DNS, NGINX_USER } from "./docker.ts";
import type { Colour } from "./switch.ts";
import { colourName, COLOURS, MARKER, MARKER_FOLDER, renderSwitch, SWITCH_CHECKS } from "./switch.ts";

export interface DockerBlueGreenArgs {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  /** The workload: its name, ports and health path. */
  readonly spec: WorkloadSpec;
  /** The colour that gets the requests. */
  readonly live: Colour;
  /** The replicas of each colour that runs, found under the name {@link colourName} on `through`. */
  readonly colours: Readonly<Partial<Record<Colour, pulumi.Resource>>>;
  /** The workload's networks, on which the switch takes its name. */
  readonly networks: readonly docker.Network[];
  /** The one of them on which the gateway is: replicas believe what comes from there about the client. */
  readonly through: docker.Network;
  /** Its block of addresses. */
  readonly gateways: readonly string[];
  /** CPU of each switch: every request passes one of them. */
  readonly cpu: Cpu;
}

/** Two, so that one may be replaced or break while the other answers. */
const SWITCHES = 2;
const SWITCH_MEMORY = "64Mi";
/** A shell that waits. */
const POINTER: Size = { cpu: 0.05, memory: "16Mi" };
const CONFIGURATION = "switch.conf";
/** Told by curl where no name server knows a switch, or none answers in time: it does not run. https://curl.se/docs/manpage.html#-w */
const NO_ADDRESS = "0.000000";

/**
 * Blue-green of one workload on one Docker Engine. Two switches have the workload's name on its networks, so that gateway
 * and callers notice nothing, and send each request to the colour that is live. Which one that is says a file in a volume,
 * which a third, tiny container writes: the only one that a change of `live` replaces, and no request passes through it. It
 * comes when the live colour's replicas are healthy, and writes when they answer through each switch that runs; until then,
 * and when they never do, the other colour goes on serving.
 *
 * A switch that is itself replaced at each change would lose requests: the engine's DNS names a container until it has
 * ended, and a connection that it closes may just have been given a POST, which nobody may send twice.
 */
export class DockerBlueGreen extends pulumi.ComponentResource {
  constructor(name: string, args: DockerBlueGreenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:gateway:DockerBlueGreen", name, {}, opts);
    const image = engineImage(`${name}-switch-image`, IMAGES.nginx, { parent: this });
    const marker = new docker.Volume(`${name}-live`, { name: `${name}-live` }, { parent: this });
    const pointer = this.pointer(name, args, image, marker);
    let after: pulumi.Resource[] = [pointer, ...Object.values(args.colours)];
    for (let index = 1; index <= SWITCHES; index++)
      after = [...after, this.switch(switchName(name, index), args, image, marker, after)];
    this.registerOutputs({});
  }

  private pointer(
    name: string,
    { system, spec, live, colours, networks }: DockerBlueGreenArgs,
    image: docker.RemoteImage,
    marker: docker.Volume,
  ): docker.Container {
    const replicas = colours[live];
    return hardenedContainer(
      `${name}-live`,
      {
        system,
        part: spec.name,
        image: image.imageId,
        user: NGINX_USER,
        command: ["sh", "-c", pointerScript(name, live)],
        environment: {},
        limits: POINTER,
        networks,
        // the name of a colour that does not run leads to who answers nothing: the switches would complain of it for ever
        aliases: COLOURS.filter((colour) => colours[colour] === undefined).map((colour) =>
          colourName(spec.name, colour),
        ),
        check: {
          test: ["CMD-SHELL", `test ${live === "green" ? "" : "! "}-e ${MARKER}`],
          interval: 10,
          timeout: 5,
          retries: 3,
          startPeriod: 30,
        },
        volumes: { [MARKER_FOLDER]: marker },
        stopTimeout: 10,
        init: true,
      },
      { parent: this, dependsOn: replicas === undefined ? [] : [replicas] },
    );
  }

  private switch(
    name: string,
    { system, spec, networks, through, gateways, cpu }: DockerBlueGreenArgs,
    image: docker.RemoteImage,
    marker: docker.Volume,
    dependsOn: readonly pulumi.Resource[],
  ): docker.Container {
    const configuration = through.name.apply((network) =>
      renderSwitch({
        ports: spec.ports.map(({ containerPort }) => containerPort),
        health: spec.health,
        hosts: {
          blue: `${colourName(spec.name, "blue")}.${network}`,
          green: `${colourName(spec.name, "green")}.${network}`,
        },
        gateways,
        resolver: DOCKER_DNS,
        workers: Math.max(1, Math.ceil(parseCpu(cpu))),
      }),
    );
    return hardenedContainer(
      name,
      {
        system,
        part: spec.name,
        image: image.imageId,
        user: NGINX_USER,
        command: ["nginx", "-c", `${SECRETS_FOLDER}/${CONFIGURATION}`, "-g", "daemon off;"],
        environment: {},
        limits: { cpu, memory: SWITCH_MEMORY },
        networks,
        aliases: [spec.name],
        check: {
          test: ["CMD", "curl", "-fs", "-o", "/dev/null", `http://127.0.0.1:${SWITCH_CHECKS}/health`],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 10,
        },
        files: { [CONFIGURATION]: configuration },
        readOnlyVolumes: { [MARKER_FOLDER]: marker },
        scratch: ["/tmp"],
        stopTimeout: 30,
      },
      { parent: this, dependsOn: [...dependsOn] },
    );
  }
}

const switchName = (name: string, index: number): string => `${name}-switch-${index}`;

/** Waits until the colour answers through each switch that runs: names are asked for again every few seconds only. */
function pointerScript(name: string, live: Colour): string {
  const hosts = Array.from({ length: SWITCHES }, (_, index) => switchName(name, index + 1)).join(" ");
  return [
    "answers() {",
    `  for host in ${hosts}; do`,
    `    told=$(curl -s -m 5 -o /dev/null -w '%{http_code} %{time_namelookup}' "http://$host:${SWITCH_CHECKS}/${live}")`,
    `    case $told in 2??\\ *|3??\\ *|*\\ ${NO_ADDRESS}) ;; *) return 1 ;; esac`,
    "  done",
    "}",
    "until answers; do sleep 1; done",
    live === "green" ? `: > ${MARKER}` : `rm -f ${MARKER}`,
    "exec sleep infinity",
  ].join("\n");
}
