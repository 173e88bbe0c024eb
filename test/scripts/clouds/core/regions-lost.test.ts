import assert from "node:assert/strict";
import type { Instance } from "../../../../scripts/rehearsal/clouds/cloud.ts";
import type { Done } from "../../../../scripts/rehearsal/clouds/lifecycle.ts";
import { healthOf } from "../../../../scripts/rehearsal/clouds/region-health.ts";
import { LostCluster, asReported } from "../../../../scripts/rehearsal/clouds/lost-cluster.ts";
import { LostRegions } from "../../../../scripts/rehearsal/clouds/regions-lost.ts";
import { fromPlainObject } from "../../../../scripts/rehearsal/clouds/values.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { Clouds, urnOf } from "./cloud.ts";
import { CLUSTER, NAMESPACE } from "./tables.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const OLD = fromPlainObject({ metadata: { name: "shop" } });

describe("a region that is lost", () => {
  let clouds: Clouds;
  let lost: LostRegions;
  let cluster: Done;
  let namespace: Done;

  const provider = (options: object = {}): Instance =>
    clouds.instance("kubernetes", {
      kubeconfig: JSON.stringify({
        "current-context": "here",
        contexts: [{ name: "here", context: { cluster: "c" } }],
        clusters: [{ name: "c", cluster: { server: cluster.properties["endpoint"] } }],
      }),
      ...options,
    });
  const reached = (options?: object): LostCluster => {
    const found = LostCluster.of({ ...clouds.cloud, lost }, provider(options));
    assert.ok(found !== undefined);
    return found;
  };
  const subject = (token = NAMESPACE) => ({ urn: urnOf(token, "n"), token, inputs: OLD });
  const read = (lostCluster: LostCluster) =>
    lostCluster.read({ ...subject(), id: namespace.id, properties: namespace.properties });

  beforeEach(() => {
    clouds = new Clouds(temporaryFolder());
    lost = new LostRegions();
    cluster = clouds.create(clouds.aws("us-west-2"), CLUSTER, "west", { name: "west" });
    clouds.create(clouds.aws("us-east-1"), CLUSTER, "east", { name: "east" });
    namespace = clouds.create(provider(), NAMESPACE, "n", { metadata: { name: "shop" } });
    lost.lose("us-west-2");
  });

  it("takes its own cluster with it, no other, and gives it back", () => {
    const { cloud } = clouds;
    assert.ok(LostCluster.of({ ...cloud, lost }, provider()));
    lost.giveBack("us-west-2");
    assert.equal(LostCluster.of({ ...cloud, lost }, provider()), undefined);
    lost.lose("us-east-1");
    assert.equal(LostCluster.of({ ...cloud, lost }, provider()), undefined);
    assert.equal(LostCluster.of(cloud, provider()), undefined);
  });

  it("lets nothing be made, changed, read or deleted, in the official provider's words", () => {
    const cut = reached();
    assert.equal(cut.check(OLD), undefined, "what needs no cluster is checked as ever");
    assert.throws(
      () => cut.refuse(),
      /configured Kubernetes cluster is unreachable: unable to load schema information/,
    );
    assert.throws(() => read(cut), /failed to read resource state due to unreachable cluster/);
    assert.throws(() => cut.remove(subject()), /PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"/);
    assert.deepEqual(lost.left, []);
  });

  it("with skipUpdateUnreachable keeps what was, though new objects and deletions fail", () => {
    const cut = reached({ skipUpdateUnreachable: true });
    assert.equal(cut.check(OLD), OLD, "the old inputs, whatever the program says");
    assert.deepEqual(read(cut), { id: namespace.id, properties: namespace.properties, inputs: OLD });
    assert.throws(() => cut.refuse(), /is unreachable/);
    assert.throws(() => cut.remove(subject()), /is unreachable/);
  });

  it("with deleteUnreachable forgets objects and remembers for the report that they are still there", () => {
    const cut = reached({ deleteUnreachable: true });
    assert.equal(read(cut), undefined);
    cut.remove(subject());
    assert.deepEqual(
      lost.left.map(({ token, id }) => [token, id]),
      [[NAMESPACE, namespace.id]],
    );
    assert.equal(clouds.cloud.inventory.byUrn(subject().urn).length, 1);
    assert.throws(() => cut.remove(subject(RELEASE)), /^Refusal: can't delete Helm Release with unreachable cluster/);
  });

  it("is reported unhealthy by what serves from it, until it is back", () => {
    const { cloud } = clouds;
    const clusters = () =>
      healthOf({ ...cloud, lost }).flatMap(({ token, region, says }) =>
        token === CLUSTER ? [`${region} ${says}`] : [],
      );
    assert.deepEqual(clusters().sort(), ["us-east-1 ACTIVE", "us-west-2 FAILED"]);
    const done = { ...cluster, properties: { ...cluster.properties, region: "us-west-2", status: "ACTIVE" } };
    assert.equal(asReported({ ...cloud, lost }, CLUSTER, done)?.properties["status"], "FAILED");
    lost.giveBack("us-west-2");
    assert.equal(asReported({ ...cloud, lost }, CLUSTER, done)?.properties["status"], "ACTIVE");
    assert.deepEqual(clusters().sort(), ["us-east-1 ACTIVE", "us-west-2 ACTIVE"]);
  });
});
