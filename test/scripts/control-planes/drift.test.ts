import assert from "node:assert/strict";
import fc from "fast-check";
import { failuresOf } from "../../../scripts/rehearsal/control-planes/refusals.ts";
import { ApiError } from "../../../scripts/rehearsal/control-planes/client.ts";
import { withDrift } from "../../../scripts/rehearsal/control-planes/drift.ts";
import { deployment, podSpec } from "./planes.ts";

describe("what has drifted in a cluster", () => {
  const inputs = {
    metadata: { name: "web", labels: { app: "web" } },
    spec: {
      replicas: 2,
      resources: { cpu: "1000m", memory: "1024Mi" },
      ports: [{ name: "http", port: 80 }],
      empty: {},
      none: [],
    },
  };

  it("is not what the server writes in its own way, adds or leaves out because it is empty", () => {
    const live = {
      metadata: { name: "web", labels: { app: "web" }, uid: "1" },
      spec: {
        replicas: 2,
        resources: { cpu: "1", memory: "1Gi" },
        ports: [{ name: "http", port: 80, protocol: "TCP" }],
        policy: "Default",
      },
      status: {},
    };
    assert.deepEqual(withDrift(inputs, live), inputs);
  });

  it("is each value that differs, each member that went and each that came", () => {
    const live = {
      metadata: { name: "web", labels: {} },
      spec: { ...inputs.spec, replicas: 5, ports: [...inputs.spec.ports, { name: "debug", port: 81 }] },
    };
    const found = withDrift(inputs, live) as typeof inputs;
    assert.deepEqual(found.metadata.labels, {});
    assert.equal(found.spec.replicas, 5);
    assert.deepEqual(found.spec.ports, live.spec.ports);
  });

  it("is seen in a Secret's texts, which come back encoded", () => {
    const encode = (text: string) => Buffer.from(text).toString("base64");
    const secret = { metadata: { name: "a" }, stringData: { token: "old" } };
    const live = { metadata: { name: "a" }, data: { token: encode("old") } };
    assert.deepEqual(withDrift(secret, live), secret);
    const changed = withDrift(secret, { ...live, data: { token: encode("new") } }) as typeof secret;
    assert.equal(changed.stringData.token, "new");
  });

  it("is nothing when the cluster has exactly the inputs", () => {
    const anything = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue()).map((spec) => ({ spec }));
    const text = (value: unknown) => JSON.stringify(value);
    fc.assert(fc.property(anything, (same) => assert.equal(text(withDrift(same, same)), text(same))));
  });
});

describe("what an API server refuses", () => {
  const object = deployment("shop", "web", 1, podSpec());
  const told = (status: number, message: string, causes: ApiError["causes"] = []) =>
    failuresOf(new ApiError(status, { message, details: { causes } }), object, "us-west-2").map(({ path }) => path);

  it("is told by property, whichever way it says it", () => {
    const typed = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): ";
    assert.deepEqual(
      told(500, `${typed}.spec.template.spec.containers[name="app"].portss: field not declared in schema`),
      ["spec.template.spec.containers[0].portss"],
    );
    assert.deepEqual(told(400, 'strict decoding error: unknown field "spec.foo", unknown field "spec.bar"'), [
      "spec.foo",
      "spec.bar",
    ]);
    assert.deepEqual(told(422, "invalid", [{ field: "spec.replicas", message: "must be positive" }]), [
      "spec.replicas",
    ]);
    assert.deepEqual(told(403, "exceeded quota: quota"), [""]);
  });
});
