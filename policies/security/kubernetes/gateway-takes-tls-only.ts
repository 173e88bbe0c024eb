import { label } from "../../framework/kubernetes.ts";
import { listAt, numberAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { hardening } from "./standard.ts";

const GATEWAY = /^kubernetes:gateway\.networking\.k8s\.io\/v\w+:Gateway$/;
const INGRESS = /^kubernetes:networking\.k8s\.io\/v\w+:Ingress$/;

const settings = {
  plain: patterns(
    [],
    "Gateways and Ingresses, as namespace/name, that may take plain HTTP: those that only redirect or stand behind another one; * stands for any text.",
  ),
};

export const gatewayTakesTlsOnly = resourcePolicy({
  name: "gateway-takes-tls-only",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Gateways and Ingresses take TLS.",
  why: "On plain HTTP, logins, tokens and what people read and write go over networks that are not ours.",
  fix: "Give each listener `protocol: HTTPS` and a certificate, each Ingress a `tls` entry.",
  control: hardening("TLS for what comes in", "https://kubernetes.io/docs/concepts/security/security-checklist/"),
  settings,
  types: [GATEWAY, INGRESS],
  check(resource, { plain }, report) {
    const written = textAt(resource.inputs, "metadata.namespace");
    const namespace = written ?? textAt(resource.provider?.properties, "namespace") ?? "default";
    const name = textAt(resource.inputs, "metadata.name") ?? resource.name;
    if (fits(`${namespace}/${name}`, plain)) return;
    if (GATEWAY.test(resource.type)) checkGateway(resource, report);
    else checkIngress(resource, report);
  },
});

function checkGateway(resource: Resource, report: Report): void {
  const unknown = unknownAt(resource.unknown, "spec.listeners[].protocol");
  if (unknown !== undefined) report.undecided(unknown, `the TLS of ${label(resource)}`);
  listAt(resource.inputs, "spec.listeners").forEach((listener, index) => {
    if (textAt(listener, "protocol") !== "HTTP") return;
    const port = numberAt(listener, "port");
    report.violation(
      `${label(resource)} takes plain HTTP${port === undefined ? "" : ` on port ${port}`}; set spec.listeners[${index}].protocol to "HTTPS" with a certificate.`,
    );
  });
}

/** The AWS Load Balancer Controller takes certificates from annotations and needs no `tls`. */
function checkIngress(resource: Resource, report: Report): void {
  if (listAt(resource.inputs, "spec.tls").length > 0) return;
  const annotations = plainAt(resource.inputs, "metadata.annotations");
  const certificate = textAt(annotations, "alb.ingress.kubernetes.io/certificate-arn");
  const ports = annotations["alb.ingress.kubernetes.io/listen-ports"];
  if (certificate !== undefined || annotations["alb.ingress.kubernetes.io/certificate-arn"] !== undefined) return;
  if (typeof ports === "string" && ports.includes("HTTPS")) return;
  const unknown = unknownAt(resource.unknown, "spec.tls", "metadata.annotations");
  if (unknown !== undefined) return report.undecided(unknown, `the TLS of ${label(resource)}`);
  report.violation(`${label(resource)} has no TLS; set spec.tls with the hosts and the Secret of their certificate.`);
}
