import { PolicyPack } from "@pulumi/policy";
import { toPolicies } from "./framework/adapter.ts";
import { shareProperties } from "./framework/shared-properties.ts";
import { pack } from "./pack.ts";

shareProperties();

new PolicyPack("groundwork", {
  displayName: "Groundwork",
  description:
    "Resource limits, security, reliability, cost and hygiene of any Pulumi program, on Docker, Kubernetes, AWS and Cloudflare.",
  policies: toPolicies(pack),
});
