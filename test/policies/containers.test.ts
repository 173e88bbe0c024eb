import assert from "node:assert/strict";
import { containerHasLimits } from "../../policies/resource-limits/container-has-limits.ts";
import { containerLimitsWithinBounds } from "../../policies/resource-limits/container-limits-within-bounds.ts";
import { changed, container, cronJob, environment, pod, service } from "./fixtures.ts";
import { say, UNKNOWN } from "./harness.ts";

const COMPLIANT = [container, service, pod, cronJob, ...environment];
const INIT = [{ name: "setup", image: "x", resources: { limits: { cpu: "1", memory: "1Gi" } } }];

describe("policy container-has-limits", () => {
  it("passes containers with limits, in each form", () => {
    assert.deepEqual(say(containerHasLimits, COMPLIANT), []);
  });

  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "api/memory",
      undefined,
      /^mandatory: Container shop-api has no memory limit; set memory \(for example 512, in MiB\)\.$/,
    ],
    ["api/memory", 0, /has a memory limit of 0, which is no limit at all/],
    ["api/cpus", undefined, /Container shop-api has no CPU limit; set cpus/],
    [
      "chat/taskSpec/resources/limits/nanoCpus",
      undefined,
      /Service chat has no CPU limit; set taskSpec\.resources\.limits\.nanoCpus/,
    ],
    ["chat/taskSpec/resources/limits/memoryBytes", undefined, /Service chat has no memory limit/],
    [
      "once/spec/containers/0/resources/limits/cpu",
      undefined,
      /Container main has no CPU limit; set spec\.containers\[0\]\.resources\.limits\.cpu/,
    ],
    ["once/spec/containers/0/resources/requests/memory", undefined, /Container main has no memory request/],
    [
      "once/spec/containers/0/resources/limits/memory",
      "lots",
      /has a memory limit of "lots", which is no limit at all/,
    ],
    [
      "once/spec/initContainers",
      INIT,
      /Container setup has no CPU request; set spec\.initContainers\[0\]\.resources\.requests\.cpu/,
    ],
    [
      "nightly/spec/jobTemplate/spec/template/spec/containers/0/resources/limits/memory",
      undefined,
      /spec\.jobTemplate\.spec\.template\.spec\.containers\[0\]\.resources\.limits\.memory/,
    ],
    ["web/spec/template/spec/containers/0/resources/requests/cpu", undefined, /Container web has no CPU request/],
  ];
  for (const [path, value, message] of cases) {
    it(`finds ${path} ${value === undefined ? "missing" : JSON.stringify(value)}`, () => {
      const found = say(containerHasLimits, changed(path, value, COMPLIANT));
      assert.match(found[0] ?? "", message);
    });
  }

  it("asks a patch only for what it says", () => {
    const patch = { ...pod, type: "kubernetes:core/v1:PodPatch" };
    const bare = changed("once/spec/containers/0/resources", undefined, [patch]);
    assert.deepEqual(say(containerHasLimits, bare), []);
    const wrong = changed("once/spec/containers/0/resources/limits/memory", "lots", [patch]);
    assert.match(say(containerHasLimits, wrong)[0] ?? "", /has a memory limit of "lots"/);
  });

  it("takes a CPU quota for a CPU limit, and resources of the pod for those of its containers", () => {
    const quota = changed("api/cpuQuota", 50_000, changed("api/cpus", undefined, COMPLIANT));
    assert.deepEqual(say(containerHasLimits, quota), []);
    const resources = (pod.props.spec as { containers: { resources: unknown }[] }).containers[0]?.resources;
    const ofPod = changed(
      "once/spec/containers/0/resources",
      undefined,
      changed("once/spec/resources", resources, COMPLIANT),
    );
    assert.deepEqual(say(containerHasLimits, ofPod), []);
  });

  it("is undecided about what is not known in preview, and still says what is missing", () => {
    const found = say(containerHasLimits, changed("api/memory", undefined, changed("api/cpus", UNKNOWN, [container])));
    assert.deepEqual(found, [
      "mandatory: Container shop-api has no memory limit; set memory (for example 512, in MiB).",
      "advisory: Undecided until up: cpus is not known in preview, so the CPU limit of Container shop-api cannot be checked yet.",
    ]);
    const list = say(containerHasLimits, changed("once/spec/containers", UNKNOWN, [pod]));
    assert.deepEqual(list.length, 1);
    assert.match(list[0] ?? "", /^advisory: Undecided until up: spec\.containers is not known/);
  });

  it("is undecided about one container of a pod, and says what is missing of the others", () => {
    const [first] = (pod.props.spec as { containers: object[] }).containers;
    const two = [
      { ...first, resources: UNKNOWN },
      { ...first, name: "beside", resources: {} },
    ];
    const found = say(containerHasLimits, changed("once/spec/containers", two, [pod]));
    const [main, beside] = [
      found.filter((line) => line.includes(" main")),
      found.filter((line) => line.includes(" beside")),
    ];
    assert.deepEqual([main.length, beside.length], [4, 4]);
    assert.ok(
      main.every((line) => line.startsWith("advisory: Undecided until up: spec.containers[0].resources")),
      main.join("\n"),
    );
    assert.ok(
      beside.every((line) => line.startsWith("mandatory: ")),
      beside.join("\n"),
    );
  });

  it("does not look at values that have nothing to do with limits", () => {
    const [first] = (pod.props.spec as { containers: object[] }).containers;
    const secret = { ...first, env: [{ name: "TOKEN", value: UNKNOWN }] };
    assert.deepEqual(say(containerHasLimits, changed("once/spec/containers", [secret], [pod])), []);
  });

  it("can leave out CPU limits and requests", () => {
    const settings = { cpuLimits: false, requests: false };
    const bare = changed("once/spec/containers/0/resources", { limits: { memory: "1Gi" } }, [pod]);
    assert.deepEqual(say(containerHasLimits, bare, settings), []);
    assert.equal(say(containerHasLimits, bare).length, 3);
  });
});

describe("policy container-limits-within-bounds", () => {
  it("passes limits within bounds, in each form", () => {
    assert.deepEqual(say(containerLimitsWithinBounds, COMPLIANT), []);
  });

  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "api/memory",
      8,
      /^mandatory: Container shop-api has a memory limit of 8Mi, below the 16Mi of minMemory; raise it to at least that\.$/,
    ],
    ["api/memory", 65_536, /a memory limit of 64Gi, above the 32Gi of maxMemory; lower it/],
    ["api/cpus", "1000", /a CPU limit of 1000 cores, above the 8 cores of maxCpu/],
    ["chat/taskSpec/resources/limits/nanoCpus", 1e6, /a CPU limit of 1m, below the 10m of minCpu/],
    [
      "once/spec/containers/0/resources/limits/cpu",
      "6",
      /a CPU limit of 6 cores with a request of 500m, 12 times as much where maxCpuRatio is 10; raise the request to at least 600m/,
    ],
    [
      "once/spec/containers/0/resources/limits/memory",
      "2Gi",
      /4 times as much where maxMemoryRatio is 2; raise the request to at least 1Gi/,
    ],
    [
      "once/spec/containers/0/resources/requests/memory",
      "2Gi",
      /a memory limit of 1Gi with a request of 2Gi, so it can never start/,
    ],
  ];
  for (const [path, value, message] of cases) {
    it(`finds ${path} ${JSON.stringify(value)}`, () => {
      const found = say(containerLimitsWithinBounds, changed(path, value, COMPLIANT));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", message);
    });
  }

  it("leaves a missing limit to the policy that is about it", () => {
    assert.deepEqual(say(containerLimitsWithinBounds, changed("api/memory", undefined, [container])), []);
  });

  it("is undecided about a limit that is not known in preview, once for each", () => {
    const found = say(containerLimitsWithinBounds, changed("api/cpus", UNKNOWN, [container]));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /^advisory: Undecided until up: cpus is not known in preview/);
  });

  it("takes its bounds from the config, and from the stack's own part before that", () => {
    const config = {
      maxCpu: 1,
      stacks: { "prod*": { maxCpu: 2 }, "prod-eu": { maxCpu: 1.2, enforcementLevel: "advisory" } },
    };
    assert.match(
      say(containerLimitsWithinBounds, [container], config)[0] ?? "",
      /^mandatory: .*above the 1 core of maxCpu/,
    );
    assert.deepEqual(say(containerLimitsWithinBounds, [container], config, "prod-us"), []);
    const [europe = ""] = say(containerLimitsWithinBounds, [container], config, "prod-eu");
    assert.match(europe, /^advisory: .*above the 1\.2 cores of maxCpu/);
  });
});
