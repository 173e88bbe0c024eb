import assert from "node:assert/strict";
import fc from "fast-check";
import { validateObject } from "../../../../scripts/rehearsal/clouds/tables/kubernetes.ts";
import { CASES } from "./offline-cases.ts";
import { deployment, object, podSpec, token } from "./objects.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Inputs = Record<string, unknown>;
const said = (name: string, inputs: Inputs) =>
  validateObject(token(name), inputs)
    .map(({ path, reason }) => `${path}: ${reason}`)
    .join("\n");
const one = (rest: Inputs) => deployment({}, podSpec(rest));
const service = (spec: Inputs) => object("Service", "v1", { spec });
const HTTP = { httpGet: { path: "/health", port: "http" } };

describe("Kubernetes objects, wherever their cluster is", () => {
  for (const [what, kind, wrong, right, message] of CASES) {
    it(`refuses ${what}`, () => {
      assert.match(said(kind, wrong), message);
      assert.equal(said(kind, right), "");
    });
  }

  it("takes a stateful set whose containers mount its claim templates", () => {
    const template = {
      metadata: { labels: { app: "db" } },
      spec: podSpec({ volumeMounts: [{ name: "data", mountPath: "/data" }] }),
    };
    const volumeClaimTemplates = [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ];
    const spec = { serviceName: "db", selector: { matchLabels: { app: "db" } }, template, volumeClaimTemplates };
    assert.equal(said("apps/v1:StatefulSet", object("StatefulSet", "apps/v1", { spec })), "");
    assert.match(
      said("apps/v1:StatefulSet", object("StatefulSet", "apps/v1", { spec: { ...spec, volumeClaimTemplates: [] } })),
      /Not found/,
    );
  });

  it("says nothing against what is not yet known, and still sees the rest", () => {
    assert.equal(said("apps/v1:Deployment", { ...deployment(), metadata: UNKNOWN }), "");
    assert.equal(
      said(
        "apps/v1:Deployment",
        one({ image: UNKNOWN, env: UNKNOWN, resources: UNKNOWN, ports: UNKNOWN, livenessProbe: HTTP }),
      ),
      "",
    );
    assert.equal(
      said("core/v1:Service", service({ type: UNKNOWN, ports: [{ port: UNKNOWN, nodePort: UNKNOWN }] })),
      "",
    );
    assert.match(
      said("apps/v1:Deployment", deployment({ replicas: -1 }, podSpec({ image: UNKNOWN }))),
      /spec.replicas/,
    );
  });

  it("never complains at or below a hole that is put anywhere into a good object", () => {
    const good = deployment(
      {},
      podSpec(
        { livenessProbe: HTTP, volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] },
        { volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }] },
      ),
    );
    const paths = leaves(good);
    fc.assert(
      fc.property(fc.subarray(paths, { minLength: 1, maxLength: 6 }), fc.nat(3), (chosen, up) => {
        const holed = structuredClone(good);
        for (const path of chosen) punch(holed, path.slice(0, Math.max(1, path.length - up)));
        assert.equal(said("apps/v1:Deployment", holed), "");
      }),
    );
  });

  it("survives any object", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...CASES.map(([, kind]) => kind)), (value, kind) => {
        validateObject(token(kind), {
          metadata: value,
          spec: value,
          data: value,
          rules: value,
          roleRef: value,
          subjects: value,
        });
      }),
    );
  });
});

type Step = string | number;

function leaves(value: unknown, at: Step[] = []): Step[][] {
  if (typeof value !== "object" || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return (entries as [Step, unknown][]).flatMap(([step, inner]) => leaves(inner, [...at, step]));
}

function punch(root: unknown, path: readonly Step[]): void {
  let value = root as Record<Step, unknown>;
  for (const step of path.slice(0, -1)) {
    if (typeof value[step] !== "object") return;
    value = value[step] as Record<Step, unknown>;
  }
  const last = path.at(-1);
  if (last !== undefined) value[last] = UNKNOWN;
}
