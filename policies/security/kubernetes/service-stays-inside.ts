import { label } from "../../framework/kubernetes.ts";
import { listAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { EXEMPT, outside } from "../../framework/pod-specs.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { hardening } from "./standard.ts";

const settings = {
  exposed: patterns(
    [],
    "Services, by name, that may be reached from outside: those of the gateway; * stands for any text.",
  ),
  exempt: EXEMPT,
};

/** Each says that a cloud's balancer has no public address. */
const INTERNAL: Readonly<Record<string, string>> = {
  "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
  "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
  "networking.gke.io/load-balancer-type": "Internal",
};

export const serviceStaysInside = resourcePolicy({
  name: "service-stays-inside",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Services are reached from within the cluster; only those that are named are reached from outside.",
  why: "A LoadBalancer or NodePort Service goes around the gateway and its TLS, rate limits and firewall; external IPs can take others' traffic.",
  fix: "Use `type: ClusterIP` and route to it from the gateway, make the balancer internal, or name the Service in `exposed`.",
  control: hardening("network separation", "https://kubernetes.io/docs/concepts/services-networking/service/"),
  settings,
  types: [/^kubernetes:core\/v1:Service(?:Patch)?$/],
  check(resource, { exposed, exempt }, report) {
    const into = outside(resource, exempt, report, "service-stays-inside");
    const { inputs } = resource;
    if (!into || fits(textAt(inputs, "metadata.name") ?? resource.name, exposed)) return;
    const unknown = unknownAt(resource.unknown, "spec.type", "spec.externalIPs");
    if (unknown !== undefined) into.undecided(unknown, `whether ${label(resource)} is reached from outside`);
    const type = textAt(inputs, "spec.type") ?? "ClusterIP";
    const annotations = plainAt(inputs, "metadata.annotations");
    const internal = Object.entries(INTERNAL).some(([key, value]) => annotations[key] === value);
    if (type === "NodePort" || (type === "LoadBalancer" && !internal)) {
      into.violation(
        `${label(resource)} is of the type ${type} and reached from outside; set spec.type to "ClusterIP".`,
      );
    }
    if (listAt(inputs, "spec.externalIPs").length > 0) {
      into.violation(`${label(resource)} takes traffic of external addresses; take spec.externalIPs away.`);
    }
  },
});
