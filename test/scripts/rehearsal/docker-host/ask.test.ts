import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { askDockerHost } from "../../../../scripts/rehearsal/docker-host/index.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

/** What `docker` of Engine 28 prints, cut to what matters. https://docs.docker.com/reference/api/engine/version/v1.48/ */
const INFO = { NCPU: 8, MemTotal: 16_507_420_672, Runtimes: { runc: {}, nvidia: {} }, GenericResources: null };
const CONTAINERS = [
  {
    Name: "/web",
    NetworkSettings: { Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }], "443/tcp": null } },
  },
];
const NETWORKS = [
  { Name: "bridge", IPAM: { Config: [{ Subnet: "172.17.0.0/16" }] } },
  { Name: "host", IPAM: { Config: null } },
];

describe("the Docker host, asked", () => {
  const path = process.env["PATH"];
  afterEach(() => {
    process.env["PATH"] = path;
  });

  function stand(script: string): void {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "docker"), 0o755);
    process.env["PATH"] = `${folder}:${path}`;
  }

  it("tells its size, networks and taken ports, also those of other processes", async () => {
    stand(`case "$1 $2" in
"info --format") echo '${JSON.stringify(INFO)}';;
"container ls") echo c1;;
"network ls") printf 'n1\\nn2\\n';;
"container inspect") echo '${JSON.stringify(CONTAINERS)}';;
"network inspect") echo '${JSON.stringify(NETWORKS)}';;
esac`);
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      assert.deepEqual(await askDockerHost([8080, port, 1]), {
        cores: 8,
        memory: 16_507_420_672,
        hasGpu: true,
        networks: [
          { name: "bridge", subnets: ["172.17.0.0/16"] },
          { name: "host", subnets: [] },
        ],
        ports: [
          { port: 8080, owner: "container web" },
          { port, owner: "a process of this machine" },
        ],
      });
    } finally {
      other.close();
    }
  });

  it("is not known where no engine answers", async () => {
    stand("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    assert.equal(await askDockerHost([]), undefined);
  });
});
