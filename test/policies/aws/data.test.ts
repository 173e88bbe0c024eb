import fc from "fast-check";
import { data } from "../../../policies/aws/data.ts";
import { run, UNKNOWN } from "../harness.ts";

/** Names of inputs on which these policies decide, and some that every object has. */
const KEYS = [
  "policy",
  "Statement",
  "Principal",
  "Condition",
  "rules",
  "bucket",
  "engine",
  "engineVersion",
  "parameters",
  "name",
  "subnetIds",
  "clusterIdentifier",
  "zoneId",
  "proxied",
  "type",
  "content",
  "settingId",
  "value",
  "healthCheck",
  "datasources",
  "rotationRules",
  "defaultPools",
  "origins",
  "vpcConfig",
  "logs",
  "routes",
  "constructor",
  "toString",
] as const;

describe("policies on data and the edge", () => {
  it("never fail on values of the wrong shape, nor on a graph of any shape", function () {
    this.timeout(30_000);
    const key = fc.constantFrom(...KEYS);
    const name = fc.constantFrom("a", "b", "c", "d");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.double(),
        fc.constantFrom(
          null,
          UNKNOWN,
          true,
          '{"Statement":[null,{"Effect":"Allow","Principal":"*","Condition":{"Bool":1}}]}',
        ),
        fc.array(tie("value")),
        fc.dictionary(key, tie("value")),
      ),
    }));
    const types = [...new Set(data.flatMap((policy) => policy.types).filter((type) => typeof type === "string"))];
    const resource = fc.record({
      type: fc.constantFrom(...types),
      name,
      props: fc.dictionary(key, value),
      from: fc.dictionary(key, fc.array(name, { maxLength: 2 })),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(resource, { selector: (each) => each.name }),
        (resources) => void run(data, resources),
      ),
    );
  });
});
