import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { basesOf } from "../../../scripts/rehearsal/docker-live/build.ts";
import { drifted } from "../../../scripts/rehearsal/docker-live/codec.ts";
import { containerRequest, portsRead } from "../../../scripts/rehearsal/docker-live/container-fields.ts";
import { refused } from "../../../scripts/rehearsal/docker-live/refusals.ts";
import { SERVICE_ROWS, serviceSpec } from "../../../scripts/rehearsal/docker-live/service-fields.ts";

describe("what a program writes in the engine's own words", () => {
  it("turns units, pairs and lists of a container into the engine's", () => {
    const request = containerRequest({
      memory: 64,
      memorySwap: -1,
      cpus: "0.25",
      labels: [{ label: "a", value: "b" }],
      healthcheck: { tests: ["CMD", "true"], interval: "1m30s" },
      ports: [
        { internal: 80, external: 8080, ip: "127.0.0.1" },
        { internal: 53, protocol: "udp" },
      ],
      volumes: [{ containerPath: "/data", volumeName: "data", readOnly: true }, { containerPath: "/tmp" }],
      gpus: "all",
    });
    const host = request["HostConfig"] as Record<string, unknown>;
    assert.deepEqual([host["Memory"], host["MemorySwap"], host["NanoCpus"]], [67_108_864, -1, 250_000_000]);
    assert.deepEqual(host["Binds"], ["data:/data:ro"]);
    assert.deepEqual(request["Volumes"], { "/tmp": {} });
    assert.deepEqual(host["PortBindings"], {
      "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
      "53/udp": [{ HostIp: "", HostPort: "" }],
    });
    assert.deepEqual(host["DeviceRequests"], [{ Driver: "", Capabilities: [["gpu"]], Count: -1 }]);
    assert.deepEqual(request["Healthcheck"], { Test: ["CMD", "true"], Interval: 90_000_000_000 });
    assert.deepEqual(request["Labels"], { a: "b" });
  });

  it("reads the ports that the engine has chosen", () => {
    const bound = { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "32768" }] };
    assert.deepEqual(portsRead({ ports: [{ internal: 80, ip: "127.0.0.1" }] }, bound), [
      { ip: "127.0.0.1", protocol: "tcp", internal: 80, external: 32_768 },
    ]);
  });

  it("finds no drift in what it has written itself, and tells what somebody else has changed", () => {
    const inputs = {
      name: "web",
      taskSpec: {
        containerSpec: { image: "a:1", env: { A: "1", B: "2=3" }, stopGracePeriod: "30s" },
        restartPolicy: { condition: "any", delay: "5s" },
      },
      mode: { replicated: { replicas: 2 } },
      updateConfig: { parallelism: 1, delay: "1m", maxFailureRatio: "0.2", order: "start-first" },
    };
    const spec = serviceSpec(inputs) as { Mode: object; UpdateConfig: object };
    assert.deepEqual(drifted(SERVICE_ROWS, inputs, spec), inputs);
    const changed = {
      ...spec,
      Mode: { Replicated: { Replicas: 5 } },
      UpdateConfig: { ...spec.UpdateConfig, Delay: 0 },
    };
    assert.deepEqual(drifted(SERVICE_ROWS, inputs, changed), {
      ...inputs,
      mode: { replicated: { replicas: 5 } },
      updateConfig: { ...inputs.updateConfig, delay: "0s" },
    });
  });

  it("finds the images that a Dockerfile begins with", () => {
    const dockerfile =
      "ARG NODE=node:24\nFROM --platform=linux/amd64 ${NODE} AS build\nFROM build AS next\nFROM scratch\n";
    assert.deepEqual(basesOf(dockerfile, {}), ["node:24"]);
    assert.deepEqual(basesOf(dockerfile, { NODE: "node:25" }), ["node:25"]);
    const all = [
      'ARG TAG=1 NAME="app"',
      "ARG BASE=${NAME}:${TAG}",
      "FROM ${BASE:-none} AS First",
      "ARG BASE=other",
      "FROM ${MISSING:-plain:3}",
      "FROM $BASE",
      "COPY --chown=1:1 --from=first /a /b",
      "COPY --from=0 /a /b",
      "COPY --from=tools:2 /a /b",
    ].join("\n");
    assert.deepEqual(basesOf(all, {}), ["app:1", "plain:3", "tools:2"]);
  });

  it("says what the engine refuses, and what to write", () => {
    const error = Object.assign(new Error("(HTTP code 500) server error"), {
      statusCode: 500,
      json: { message: "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated" },
    });
    const { message, status } = refused('container "web" cannot be started', error);
    assert.equal(status, 500);
    assert.match(
      message,
      /^container "web" cannot be started: driver failed: .* allocated; another program .* has that port/,
    );
    const away = Object.assign(new Error("connect ENOENT /run/docker.sock"), { code: "ENOENT" });
    assert.match(
      refused("network", away).message,
      /the Docker Engine does not answer .*: start it, then run this again/,
    );
  });
});
