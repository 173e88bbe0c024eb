import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RuntimeReplicas } from "@groundwork/lib/runtime-override";
import type { DockerConfig } from "../../stacks/config.ts";
import { parseConfig } from "../../stacks/config.ts";
import type { DockerOutputs } from "../../stacks/docker.ts";
import { dockerEnvironment } from "../../stacks/docker.ts";
import type { Outputs, Registered } from "../helpers/mocks.ts";
import { registered } from "../helpers/mocks.ts";

export const PASSWORD = "canary-password";

const TYPES: Outputs = {
  "docker:index/network:Network": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/remoteImage:RemoteImage": (_inputs, name) => ({ imageId: `sha256:${name}` }),
  "docker:index/container:Container": () => ({}),
  "docker:index/service:Service": () => ({}),
  "docker:index/secret:Secret": () => ({}),
  "docker:index/serviceConfig:ServiceConfig": () => ({}),
  "docker-build:index:Image": () => ({ digest: "sha256:0", ref: "" }),
  "random:index/randomPassword:RandomPassword": () => ({ result: PASSWORD }),
};

export interface Container {
  name: string;
  image: string;
  cpus: string;
  cpuShares: number;
  memory: number;
  memorySwap: number;
  user: string;
  command?: string[];
  envs: string[];
  readOnly: boolean;
  restart: string;
  wait: boolean;
  capabilities: { drops: string[] };
  securityOpts: string[];
  logDriver: string;
  logOpts: Record<string, string>;
  healthcheck: { tests: string[]; interval: string };
  networksAdvanced: { name: string; aliases: string[] }[];
  ports?: { internal: number; external: number }[];
  uploads: unknown;
}

export interface Upload {
  file: string;
  content: string;
  permissions: string;
}

function dockerConfig(
  values: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): DockerConfig {
  const named = Object.entries(values).map(([key, value]) => [`groundwork:${key}`, value]);
  const all = { ...(Object.fromEntries(named) as Record<string, string>), ...secrets };
  const read = parseConfig("groundwork", all, (key) => key in secrets);
  assert.ok(read.target !== "cloud");
  return read;
}

export const isContainer = ({ type }: Registered): boolean => type === "docker:index/container:Container";

/** Every resource that an environment registers, and its containers by part. */
export async function dockerDeployed(
  values: Readonly<Record<string, string>>,
  overrides: RuntimeReplicas = {},
  secrets: Readonly<Record<string, string>> = {},
) {
  let result: DockerOutputs | undefined;
  const config = dockerConfig(values, secrets);
  for (const [key, value] of Object.entries(secrets)) pulumi.runtime.setConfig(key, value);
  const resources = await registered(() => (result = dockerEnvironment(config, overrides)), TYPES, "dev");
  assert.ok(result !== undefined);
  const containers = resources.filter(isContainer).map(({ inputs }) => inputs as unknown as Container);
  const part = (name: string) => containers.filter((container) => new RegExp(`^${name}(-\\d+)?$`).test(container.name));
  return { result, resources, containers, part };
}
