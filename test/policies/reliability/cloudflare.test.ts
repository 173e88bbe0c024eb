import { balancerCanFailOver } from "../../../policies/reliability/cloudflare/balancer-can-fail-over.ts";
import { poolHasMonitor } from "../../../policies/reliability/cloudflare/pool-has-monitor.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

function pool(name: string): Fake {
  return {
    type: "cloudflare:index/loadBalancerPool:LoadBalancerPool",
    name,
    props: { name, monitor: UNKNOWN, origins: [{ name: "one", address: "one.example.com", enabled: true }] },
  };
}

function balancer(name: string, pools: readonly string[]): Fake {
  return {
    type: "cloudflare:index/loadBalancer:LoadBalancer",
    name,
    props: { name, defaultPools: pools.map(() => UNKNOWN) },
    from: { defaultPools: pools },
  };
}

describe("reliability of the edge", () => {
  describePolicy({
    policy: poolHasMonitor,
    compliant: [pool("west")],
    breaks: [{ path: "west/monitor", value: undefined, says: /^The pool has no monitor/ }],
  });

  const two = [
    { name: "one", address: "one.example.com" },
    { name: "two", address: "two.example.com" },
  ];
  describePolicy({
    policy: balancerCanFailOver,
    compliant: [
      pool("west"),
      pool("east"),
      { ...pool("both"), props: { name: "both", origins: two } },
      balancer("regions", ["west", "east"]),
      balancer("region", ["both"]),
      { ...balancer("known", []), props: { name: "known", defaultPools: ["p1", "p2"] } },
    ],
    breaks: [
      { path: "both/origins", value: two.slice(1), says: /^Load balancer region has one pool with one origin/ },
      { path: "both/origins", value: [two[0], { ...two[1], enabled: false }], says: /region/ },
      { path: "known/defaultPools", value: ["p1", "p1"], says: /^Load balancer known/ },
    ],
    undecided: ["both/origins", "known/defaultPools"],
  });
});
