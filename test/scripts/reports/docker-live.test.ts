import assert from "node:assert/strict";
import type { DockerContainerReport } from "@groundwork/lib/rehearsal-report";
import { renderDockerLive } from "../../../scripts/reports/docker-live.ts";

const CONFINED: DockerContainerReport = {
  name: "web",
  state: "healthy",
  seconds: 1.25,
  restarts: 0,
  user: "1000:1000",
  memoryMiB: 64,
  cpus: 0.5,
  readOnlyRoot: true,
  addedCapabilities: [],
  droppedCapabilities: ["ALL"],
  newPrivileges: false,
  privileged: false,
};

function rendered(...containers: DockerContainerReport[]): string {
  return renderDockerLive({
    host: "unix:///run/docker.sock",
    version: "28.2.2",
    private: false,
    containers,
    things: { "docker:index/container:Container": containers.length },
    leftOut: [],
    notes: [],
  });
}

describe("the report of a Docker Engine", () => {
  it("tells of each container how it is confined", () => {
    const text = rendered(CONFINED);
    assert.match(text, /^Docker Engine 28\.2\.2 at unix:\/\/\/run\/docker\.sock \(found\): 1 container$/m);
    assert.match(text, /^web +healthy +1\.3 s +· +1000:1000 +64 MiB +0\.5 +read-only +· *$/m);
    assert.doesNotMatch(text, /Less confined/);
  });

  it("says in a line of its own what a container may do beyond what it has to", () => {
    const text = rendered(
      CONFINED,
      { ...CONFINED, name: "loose", user: "0:0", memoryMiB: 0, cpus: 0, addedCapabilities: ["NET_ADMIN"] },
      { ...CONFINED, name: "plain", user: "root", droppedCapabilities: ["MKNOD"], newPrivileges: true },
    );
    assert.match(
      text,
      /^Less confined than a container can be:\n {2}loose {2}runs as root, has NET_ADMIN added, has no limit of memory, has no limit of CPU\n {2}plain {2}runs as root, keeps capabilities, may gain privileges$/m,
    );
  });
});
