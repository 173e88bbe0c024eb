import { PolicyPack } from "@pulumi/policy";
import { toPolicies } from "./framework/adapter.ts";
import { pack } from "./pack.ts";

new PolicyPack("groundwork", {
  displayName: "Groundwork",
  description: "Resource limits for containers, namespaces, nodes and data tiers, on Docker, Kubernetes and AWS.",
  policies: toPolicies(pack),
});
