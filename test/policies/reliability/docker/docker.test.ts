import assert from "node:assert/strict";
import { mutability } from "../../../../policies/framework/images.ts";
import { dockerDoesNotSwap } from "../../../../policies/reliability/docker/docker-does-not-swap.ts";
import { dockerHasHealthCheck } from "../../../../policies/reliability/docker/docker-has-health-check.ts";
import { dockerImageIsImmutable } from "../../../../policies/reliability/docker/docker-image-is-immutable.ts";
import { dockerLogsAreLimited } from "../../../../policies/reliability/docker/docker-logs-are-limited.ts";
import { dockerRestarts } from "../../../../policies/reliability/docker/docker-restarts.ts";
import { dockerServiceHasSpareReplica } from "../../../../policies/reliability/docker/docker-service-has-spare-replica.ts";
import { dockerServiceRollsBack } from "../../../../policies/reliability/docker/docker-service-rolls-back.ts";
import { dockerStopsGracefully } from "../../../../policies/reliability/docker/docker-stops-gracefully.ts";
import { describePolicy } from "../../cases.ts";
import { dockerContainer, dockerService } from "../../docker-fixtures.ts";
import { changed } from "../../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../../harness.ts";

const compliant = [dockerContainer, dockerService];
const SPEC = "chat/taskSpec/containerSpec";
const once: Fake = {
  type: "docker:index/container:Container",
  name: "migration",
  props: { name: "migration", image: "migrate:1.0.0", mustRun: false },
};

describePolicy({
  policy: dockerRestarts,
  compliant: [...compliant, once],
  passes: [
    { path: "api/restart", value: "on-failure" },
    { path: "chat/taskSpec/restartPolicy", value: undefined },
  ],
  breaks: [
    {
      path: "api/restart",
      value: "no",
      says: /^Container shop-api is not started again when it ends; set restart to "unless-stopped"\.$/,
    },
    { path: "api/restart", value: undefined, says: /is not started again/ },
    { path: "chat/taskSpec/restartPolicy/condition", value: "none", says: /^Service chat never restarts a task/ },
  ],
  undecided: ["api/restart"],
});

describePolicy({
  policy: dockerHasHealthCheck,
  compliant: [...compliant, once],
  breaks: [
    {
      path: "api/healthcheck",
      value: undefined,
      says: /^Container shop-api has no health check; set healthcheck\.tests\.$/,
    },
    { path: "api/healthcheck/tests", value: ["NONE"], says: /switches its health check off/ },
    { path: `${SPEC}/healthcheck`, value: undefined, says: /set taskSpec\.containerSpec\.healthcheck\.tests/ },
  ],
  undecided: ["api/healthcheck"],
});

describePolicy({
  policy: dockerDoesNotSwap,
  compliant: [...compliant, once],
  breaks: [
    {
      path: "api/memorySwap",
      value: undefined,
      says: /may use 512 MiB of swap beside its 512 MiB of memory; set memorySwap to 512/,
    },
    { path: "api/memorySwap", value: -1, says: /may use any amount of swap/ },
    { path: "api/memorySwap", value: 600, says: /may use 88 MiB of swap/ },
  ],
  undecided: ["api/memorySwap"],
});

describePolicy({
  policy: dockerServiceRollsBack,
  compliant,
  breaks: [
    {
      path: "chat/updateConfig/failureAction",
      value: "pause",
      says: /^Service chat does not go back when an update fails \("pause"\); set updateConfig\.failureAction to "rollback"\.$/,
    },
    { path: "chat/updateConfig", value: undefined, says: /does not go back when an update fails/ },
    { path: "chat/updateConfig/parallelism", value: 0, says: /updates all its tasks at once/ },
    { path: "chat/rollbackConfig", value: undefined, says: /does not say how it goes back/ },
    { path: "chat/rollbackConfig/parallelism", value: 0, says: /goes back with all its tasks at once/ },
  ],
  undecided: ["chat/updateConfig/failureAction"],
});

describePolicy({
  policy: dockerServiceHasSpareReplica,
  compliant: [dockerService],
  config: { single: ["*-inference"] },
  passes: [
    { path: "chat/mode", value: { global: true } },
    { path: "chat/name", value: "sophia-inference" },
  ],
  breaks: [
    {
      path: "chat/mode/replicated/replicas",
      value: 1,
      says: /^Service chat has 1 of the 2 tasks that are wanted; set mode\.replicated\.replicas to 2\.$/,
    },
    { path: "chat/mode", value: undefined, says: /has 1 of the 2 tasks/ },
  ],
  undecided: ["chat/mode/replicated/replicas"],
});

describePolicy({
  policy: dockerStopsGracefully,
  compliant: [...compliant, once],
  passes: [
    { path: `${SPEC}/stopGracePeriod`, value: undefined },
    { path: `${SPEC}/stopGracePeriod`, value: "1m30s" },
  ],
  breaks: [
    {
      path: "api/destroyGraceSeconds",
      value: undefined,
      says: /^Container shop-api has 0 s to stop, where 10 s are wanted; set destroyGraceSeconds to 10\.$/,
    },
    { path: `${SPEC}/stopGracePeriod`, value: "500ms", says: /^Service chat has 0\.5 s to stop.*"10s"/ },
  ],
  undecided: ["api/destroyGraceSeconds"],
});

describePolicy({
  policy: dockerLogsAreLimited,
  compliant,
  passes: [{ path: "api/logDriver", value: "local" }],
  breaks: [
    {
      path: "api/logOpts",
      value: undefined,
      says: /^The logs of Container shop-api grow without end; set logOpts, e\.g\. with max-size 10m and max-file 3\.$/,
    },
    { path: "api/logOpts/max-size", value: "-1", says: /grow without end/ },
    {
      path: "chat/taskSpec/logDriver",
      value: undefined,
      says: /^The logs of Service chat .*; set taskSpec\.logDriver\.name and/,
    },
  ],
  undecided: ["api/logOpts/max-size"],
});

const remote: Fake = {
  type: "docker:index/remoteImage:RemoteImage",
  name: "cache",
  props: { name: "valkey/valkey:9.1.1" },
};

describePolicy({
  policy: dockerImageIsImmutable,
  compliant: [...compliant, once, remote],
  passes: [
    { path: "api/image", value: `sha256:${"a".repeat(64)}` },
    { path: "api/image", value: `nginx:stable@sha256:${"a".repeat(64)}` },
  ],
  breaks: [
    {
      path: "api/image",
      value: "nginx",
      says: /^Container shop-api has the image nginx, which has no tag and so means latest; name a version or a digest in image\.$/,
    },
    {
      path: "cache/name",
      value: "valkey/valkey:latest",
      says: /^RemoteImage cache has the image valkey\/valkey:latest, which has the tag latest/,
    },
    { path: `${SPEC}/image`, value: "localhost:5000/chat", says: /which has no tag/ },
  ],
  undecided: ["api/image", "cache/name", `${SPEC}/image`],
});

describe("docker-image-is-immutable", () => {
  it("judges the image that the stack pulls or builds, and not the id that comes of it", () => {
    const from = { image: ["cache"] };
    const [container] = changed("api/image", UNKNOWN, [{ ...dockerContainer, from }]);
    assert.ok(container);
    assert.deepEqual(say(dockerImageIsImmutable, [container, remote]), []);
    const built: Fake = { type: "docker-build:index:Image", name: "cache", props: { tags: ["shop/api:dev"] } };
    assert.deepEqual(say(dockerImageIsImmutable, [container, built]), []);
  });

  it("knows moved tags from versions", () => {
    const moved = ["a:latest-amd64", "a:node20-latest", "a:nightly-2", "a:3_edge", "a:main.17", "a:v2-master"];
    for (const image of ["a:main", "a:stable", "a:alpine", "a", "a:latest", "r:5000/a", ...moved])
      assert.ok(mutability(image), image);
    assert.equal(mutability("a:1.4.2-maintenance"), undefined);
    for (const image of ["a:1.2", "a:17-alpine", "a:v3", "r:5000/a:f17de12", "a@sha256:ab"])
      assert.equal(mutability(image), undefined);
  });
});
