import assert from "node:assert/strict";
import fc from "fast-check";
import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../../../components/cluster/addons/choose.ts";
import type { AddonToggles } from "../../../../components/cluster/addons/choose.ts";
import { inOrder } from "../../../../components/cluster/addons/order.ts";

const named = (name: string, ...needs: string[]) => ({ name, needs });

describe("the order of add-ons", () => {
  it("puts each after all that it needs, whatever order they are written in", () => {
    // edges only from higher to lower numbers: never circular
    const graphs = fc
      .array(fc.array(fc.nat()), { maxLength: 12 })
      .map((edges) =>
        edges.map((needs, index) =>
          named(String(index), ...(index === 0 ? [] : needs.map((need) => String(need % index)))),
        ),
      );
    fc.assert(
      fc.property(
        graphs.chain((graph) => fc.shuffledSubarray(graph, { minLength: graph.length })),
        (addons) => {
          const order = inOrder(addons).map(({ name }) => name);
          assert.equal(order.length, addons.length);
          for (const { name, needs } of addons)
            for (const need of needs) assert.ok(order.indexOf(need) < order.indexOf(name));
        },
      ),
    );
  });

  it("refuses a need that nobody meets", () => {
    assert.throws(() => inOrder([named("b", "a")]), {
      message: "addons: b needs a, which is not installed; write a: true, or b: false.",
    });
  });

  it("refuses needs that lead in a circle, and says which", () => {
    assert.throws(() => inOrder([named("z", "a"), named("a", "b"), named("b", "a")]), {
      message: "addons: a needs b needs a; remove one of these needs.",
    });
  });

  it("holds for the catalog", () => {
    assert.equal(inOrder(CATALOG).length, CATALOG.length);
    assert.equal(new Set(CATALOG.map(({ name }) => name)).size, CATALOG.length);
  });
});

describe("the choice of add-ons", () => {
  const chosen = (toggles: unknown) => chooseAddons(toggles as AddonToggles, []).map(({ addon }) => addon.name);

  it("always has what EKS manages", () => {
    assert.deepEqual(chosen({}).includes("vpc-cni"), true);
    assert.throws(() => chosen({ coredns: false }), {
      message: "addons: coredns is false; remove the line, because every cluster needs it as it is.",
    });
  });

  it("refuses an unknown name with a suggestion", () => {
    assert.throws(() => chosen({ kube_proxy: true }), {
      message: /^addons: kube_proxy is no add-on; did you mean "kube-proxy"\.$/,
    });
  });

  it("refuses what is neither on, off nor a change", () => {
    assert.throws(() => chosen({ keda: "yes" }), {
      message: 'addons: keda is "yes"; write true, false, or changes such as { replicas: 3 }.',
    });
    assert.throws(() => chosen({ keda: { replica: 3 } }), {
      message: 'addons: keda.replica is no key; did you mean "replicas".',
    });
    assert.throws(() => chosen({ keda: { replicas: 0 } }), {
      message: "addons: keda.replicas is 0; write a whole number from 1.",
    });
  });
});
