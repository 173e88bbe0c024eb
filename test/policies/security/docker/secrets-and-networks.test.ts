import assert from "node:assert/strict";
import { buildHoldsNoSecret } from "../../../../policies/security/docker/build-holds-no-secret.ts";
import { dockerConfigHoldsNoSecret } from "../../../../policies/security/docker/docker-config-holds-no-secret.ts";
import { dockerEnvironmentHasNoSecret } from "../../../../policies/security/docker/docker-environment-has-no-secret.ts";
import { dockerHasNetworkOfItsOwn } from "../../../../policies/security/docker/docker-has-network-of-its-own.ts";
import { dockerNetworkIsInternal } from "../../../../policies/security/docker/docker-network-is-internal.ts";
import { dockerOverlayIsEncrypted } from "../../../../policies/security/docker/docker-overlay-is-encrypted.ts";
import { dockerPortHasAddress } from "../../../../policies/security/docker/docker-port-has-address.ts";
import { describePolicy } from "../../cases.ts";
import { dockerContainer, dockerService } from "../../docker-fixtures.ts";
import { changed } from "../../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../../harness.ts";

const compliant = [dockerContainer, dockerService];
const CANARY = "canary-91be-do-not-print";
const ENV = "chat/taskSpec/containerSpec/env";

describePolicy({
  policy: dockerEnvironmentHasNoSecret,
  compliant,
  passes: [
    { path: "api/envs/0", value: "TOKEN=/run/secrets/token" },
    { path: "api/labels/0", value: { label: "prometheus.scrape", value: "true" } },
  ],
  breaks: [
    {
      path: "api/envs/0",
      value: `REDIS_PASSWORD=${CANARY}=`,
      says: /^The variable REDIS_PASSWORD of Container shop-api is called like a secret and has a value in plain text; put it into a file and take it out of envs\[0\]\.$/,
    },
    {
      path: "api/envs/1",
      value: `URL=amqp://app:${CANARY}@mq:5672`,
      says: /The variable URL .* holds a key or a login/,
    },
    { path: "api/labels/0", value: { label: "admin-password", value: CANARY }, says: /^The label admin-password of/ },
    {
      path: "api/command/1",
      value: `--requirepass-token=${CANARY}`,
      says: /^An argument of Container shop-api .* command\[1\]/,
    },
    {
      path: "api/command",
      value: ["serve", "--requirepass-token", CANARY, "--level", "info"],
      says: /^An argument of Container shop-api is called like a secret .* command\[2\]/,
    },
    { path: `${ENV}/API_TOKEN`, value: CANARY, says: /^The variable API_TOKEN of Service chat/ },
    {
      path: "chat/taskSpec/containerSpec/args",
      value: [`redis://:${CANARY}@cache`],
      says: /taskSpec\.containerSpec\.args\[0\]/,
    },
  ],
  undecided: ["api/envs", "api/envs/0", `${ENV}/API_TOKEN`, ENV],
});

describePolicy({
  policy: dockerConfigHoldsNoSecret,
  compliant: [config("nginx", "server { listen 80; }")],
  breaks: [
    {
      path: "config/data",
      value: base64(`url: postgres://app:${CANARY}@db/shop`),
      says: /^Config nginx holds a key or a login; make it a docker\.Secret\.$/,
    },
    { path: "config/name", value: "api_password", says: /^Config api_password is called like a secret/ },
  ],
  undecided: ["config/data"],
});

const image: Fake = {
  type: "docker-build:index:Image",
  name: "app",
  props: { tags: ["shop/app:1"], buildArgs: { NODE_VERSION: "24" } },
};

describePolicy({
  policy: buildHoldsNoSecret,
  compliant: [image],
  breaks: [
    {
      path: "app/buildArgs/NPM_TOKEN",
      value: CANARY,
      says: /^The build argument NPM_TOKEN of app is called like a secret .*; take it out of buildArgs and use secrets\.$/,
    },
  ],
  undecided: ["app/buildArgs/NPM_TOKEN"],
});

describe("secrets of Docker in plain text", () => {
  it("never show their value", () => {
    const found = [
      ...say(dockerEnvironmentHasNoSecret, changed("api/envs/0", `TOKEN=${CANARY}`, compliant)),
      ...say(dockerEnvironmentHasNoSecret, changed(`${ENV}/TOKEN`, CANARY, compliant)),
      ...say(dockerConfigHoldsNoSecret, [config("secret", CANARY)]),
      ...say(buildHoldsNoSecret, changed("app/buildArgs/TOKEN", CANARY, [image])),
    ];
    assert.equal(found.length, 4);
    assert.ok(!found.join().includes("canary"));
  });

  it("are not asked for where a variable that is not known is called otherwise", () => {
    assert.deepEqual(say(dockerEnvironmentHasNoSecret, changed(`${ENV}/PORT`, UNKNOWN, compliant)), []);
    assert.deepEqual(say(buildHoldsNoSecret, changed("app/buildArgs/REVISION", UNKNOWN, [image])), []);
  });
});

describePolicy({
  policy: dockerPortHasAddress,
  compliant,
  breaks: [
    {
      path: "api/ports/0/ip",
      value: undefined,
      says: /^Container shop-api opens port 8080 on every address of its host; set ports\[0\]\.ip\.$/,
    },
    { path: "api/ports/0/ip", value: "0.0.0.0", says: /on every address/ },
    { path: "api/publishAllPorts", value: true, says: /publishes all ports of its image/ },
  ],
  undecided: ["api/ports/0/ip"],
});

it("docker-port-has-address lets named containers be open", () => {
  const open = changed("api/ports/0/ip", undefined, compliant);
  assert.deepEqual(say(dockerPortHasAddress, open, { open: ["shop-*"] }), []);
});

describePolicy({
  policy: dockerHasNetworkOfItsOwn,
  compliant,
  breaks: [
    {
      path: "api/networksAdvanced",
      value: [],
      says: /^Container shop-api is in Docker's default bridge; name a network of its own in networksAdvanced\.$/,
    },
    { path: "api/networksAdvanced", value: undefined, says: /default bridge/ },
  ],
  undecided: ["api/networksAdvanced"],
});

describePolicy({
  policy: dockerNetworkIsInternal,
  compliant: [
    { type: "docker:index/network:Network", name: "data", props: { name: "shop-data", internal: true } },
    { type: "docker:index/network:Network", name: "edge", props: { name: "shop-edge" } },
  ],
  config: { internal: ["*-data"] },
  breaks: [
    {
      path: "data/internal",
      value: undefined,
      says: /^Network shop-data \(bridge\) has a way out; set internal to true\.$/,
    },
  ],
  undecided: ["data/internal"],
});

describePolicy({
  policy: dockerOverlayIsEncrypted,
  compliant: [
    {
      type: "docker:index/network:Network",
      name: "mesh",
      props: { name: "mesh", driver: "overlay", options: { encrypted: "" } },
    },
    { type: "docker:index/network:Network", name: "local", props: { name: "local", driver: "bridge" } },
  ],
  breaks: [
    {
      path: "mesh/options",
      value: {},
      says: /^Overlay network mesh is not encrypted; set options\.encrypted to ""\.$/,
    },
    { path: "mesh/options/encrypted", value: "false", says: /is not encrypted/ },
  ],
  undecided: ["mesh/options/encrypted", "mesh/driver"],
});

function config(name: string, content: string): Fake {
  return { type: "docker:index/serviceConfig:ServiceConfig", name: "config", props: { name, data: base64(content) } };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
