import assert from "node:assert/strict";
import { it } from "mocha";
import { NETWORK, SERVICE } from "../../../scripts/rehearsal/clouds/tables/docker/rules.ts";
import { CONFIG, SECRET } from "../../../scripts/rehearsal/clouds/tables/docker/swarm-data.ts";
import { TINY, engineBench, madeBy, subject } from "./bench.ts";
import { describeContainers } from "../../helpers/containers.ts";

const encoded = (text: string) => Buffer.from(text).toString("base64");

describeContainers("services, secrets and configs on a real swarm", () => {
  const bench = engineBench();

  it("runs a service on an encrypted overlay, rolls a bad update back by itself, and leaves nothing", async () => {
    const net = subject(NETWORK, "overlay", {
      name: "overlay-a",
      driver: "overlay",
      attachable: true,
      options: { encrypted: "", "com.docker.network.driver.mtu": "9000" },
    });
    const netId = (await madeBy(bench.live, net)).id;
    const info = (await bench.docker.getNetwork(netId).inspect()) as { Options?: Record<string, string> };
    assert.equal(info.Options?.["encrypted"], "");
    assert.equal(info.Options["com.docker.network.driver.mtu"], "9000");
    const secret = subject(SECRET, "password", { name: "password-1", data: encoded("canary-5ecret") });
    const config = subject(CONFIG, "page", { name: "page-1", data: encoded("hello") });
    const secretId = (await madeBy(bench.live, secret)).id;
    const configId = (await madeBy(bench.live, config)).id;

    const inputs = (script: string, replicas: number) => ({
      name: "web",
      labels: [{ label: "own", value: "yes" }],
      taskSpec: {
        containerSpec: {
          image: TINY,
          commands: ["/bin/sh", "-c"],
          args: [`trap 'exit 0' TERM; ${script}; while :; do sleep 1; done`],
          user: "1000:1000",
          readOnly: true,
          capDrops: ["ALL"],
          env: { COLOUR: "red" },
          stopGracePeriod: "2s",
          secrets: [
            { secretId, secretName: "password-1", fileName: "/run/secrets/password", fileUid: "1000", fileMode: 0o400 },
          ],
          configs: [{ configId, configName: "page-1", fileName: "/page" }],
          healthcheck: {
            tests: ["CMD", "/bin/sh", "-c", "cat /run/secrets/password /page >/dev/null"],
            interval: "1s",
            timeout: "2s",
            retries: 2,
            startPeriod: "1s",
          },
        },
        networksAdvanceds: [{ id: netId }],
        resources: { limits: { nanoCpus: 200_000_000, memoryBytes: 32 * 2 ** 20 } },
        restartPolicy: { condition: "any", delay: "1s" },
        logDriver: { name: "json-file", options: { "max-size": "1m" } },
      },
      mode: { replicated: { replicas } },
      updateConfig: {
        parallelism: 1,
        delay: "0s",
        failureAction: "rollback",
        monitor: "2s",
        maxFailureRatio: "0.0",
        order: "start-first",
      },
      rollbackConfig: {
        parallelism: 0,
        delay: "0s",
        failureAction: "pause",
        monitor: "1s",
        maxFailureRatio: "0.0",
        order: "start-first",
      },
      convergeConfig: { delay: "1s", timeout: "60s" },
    });
    const wanted = subject(SERVICE, "web", inputs("true", 1));
    const { id } = await madeBy(bench.live, wanted);
    assert.deepEqual((await bench.live.read(wanted, id))?.inputs, wanted.inputs);

    const more = subject(SERVICE, "web", inputs("true", 2));
    assert.equal((await bench.live.update(more, id, wanted.inputs)).notReady, undefined);
    assert.equal(
      (await bench.docker.listContainers({ filters: { label: [`com.docker.swarm.service.id=${id}`] } })).length,
      2,
    );

    const bad = subject(SERVICE, "web", inputs("exit 7", 2));
    const { notReady, inputs: now } = await bench.live.update(bad, id, more.inputs);
    assert.match(notReady ?? "", /service "web" was rolled back by the swarm: .*task: non-zero exit \(7\)/);
    assert.deepEqual(now, more.inputs);

    const spec = (await bench.docker.getService(id).inspect()) as {
      Version: { Index: number };
      Spec: { Mode: unknown };
    };
    await bench.docker
      .getService(id)
      .update({ ...spec.Spec, Mode: { Replicated: { Replicas: 1 } }, version: spec.Version.Index });
    assert.deepEqual((await bench.live.read(more, id))?.inputs["mode"], { replicated: { replicas: 1 } });

    await assert.rejects(
      madeBy(
        bench.live,
        subject(SERVICE, "never", { ...inputs("exit 1", 1), name: "never", convergeConfig: { timeout: "5s" } }),
      ),
      /service "never" did not converge in 5 s; its tasks say: task: non-zero exit \(1\)/,
    );
    const listed = (await bench.live.things()).map(({ token, name }) => `${token.split(":").at(-1)} ${name}`).sort();
    assert.deepEqual(listed, ["Network overlay-a", "Secret password-1", "Service web", "ServiceConfig page-1"]);
    assert.ok(!JSON.stringify(await bench.docker.getService(id).inspect()).includes("canary-5ecret"));
    await bench.live.remove(more, id);
    for (const [one, its] of [
      [secret, secretId],
      [config, configId],
      [net, netId],
    ] as const)
      await bench.live.remove(one, its);
    assert.deepEqual(await bench.live.things(), []);
    assert.equal(await bench.live.read(more, id), undefined);
  });
});
