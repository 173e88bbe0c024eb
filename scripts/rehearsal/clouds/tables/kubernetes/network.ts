import ipaddr from "ipaddr.js";
import { isCidr } from "../values.ts";
import type { Field } from "./field.ts";
import { dnsLabel, dnsSubdomain, labels, labelSelector } from "./names.ts";

/** The default range of kube-apiserver. https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport */
const NODE_PORTS = [30000, 32767] as const;

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec */
export function service(object: Field): void {
  const spec = object.at("spec");
  const type = spec.at("type").text ?? "ClusterIP";
  spec.at("type").oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  spec.at("sessionAffinity").oneOf("None", "ClientIP");
  for (const name of ["externalTrafficPolicy", "internalTrafficPolicy"]) spec.at(name).oneOf("Cluster", "Local");
  labels(spec.at("selector"));
  servicePorts(spec, type);
  if (type === "ExternalName") {
    spec.at("externalName").require("write the DNS name that the service stands for");
    dnsSubdomain(spec.at("externalName"));
  }
  for (const range of spec.at("loadBalancerSourceRanges").items) cidr(range);
}

function servicePorts(spec: Field, type: string): void {
  const ports = spec.at("ports");
  const needsNone = type === "ExternalName" || spec.at("clusterIP").text === "None" || spec.at("type").unknown;
  ports.refuseIf(
    !needsNone && (ports.absent || (ports.present && ports.items.length === 0)),
    "write at least one port",
  );
  ports.unique((port) => port.at("name").text, "name");
  ports.unique(keyOf, "port and protocol");
  for (const port of ports.items) {
    port.at("port").range(1, 65535);
    port.at("targetPort").range(1, 65535);
    port.at("protocol").oneOf("TCP", "UDP", "SCTP");
    dnsLabel(port.at("name"));
    port
      .at("name")
      .refuseIf(
        ports.items.length > 1 && port.at("name").absent,
        "write a name: a service of several ports names each",
      );
    const node = port.at("nodePort");
    node.range(...NODE_PORTS);
    node.refuseIf(
      node.present && type === "ClusterIP" && !spec.at("type").unknown,
      "may not be used when `type` is 'ClusterIP'",
    );
  }
}

function keyOf(port: Field): string | undefined {
  const number = port.at("port").number;
  return number === undefined ? undefined : `${number}/${port.at("protocol").text ?? "TCP"}`;
}

function cidr(field: Field): void {
  field.refuseIf(field.text !== undefined && !isCidr(field.text), "write a block in CIDR notation, e.g. 10.0.0.0/8");
}

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec */
export function networkPolicy(object: Field): void {
  const spec = object.at("spec");
  labelSelector(spec.at("podSelector"));
  for (const type of spec.at("policyTypes").items) type.oneOf("Ingress", "Egress");
  for (const [direction, peers] of [
    ["ingress", "from"],
    ["egress", "to"],
  ] as const) {
    for (const rule of spec.at(direction).items) {
      for (const peer of rule.at(peers).items) networkPeer(peer);
      for (const port of rule.at("ports").items) networkPort(port);
    }
  }
}

function networkPeer(peer: Field): void {
  const block = peer.at("ipBlock");
  const selectors = peer.at("podSelector").present || peer.at("namespaceSelector").present;
  const open = ["ipBlock", "podSelector", "namespaceSelector"].some((name) => peer.at(name).unknown);
  block.refuseIf(block.present && selectors, "may not be specified when both ipBlock and another peer are specified");
  peer.refuseIf(
    !block.present && !selectors && !open,
    "must specify a peer: podSelector, namespaceSelector or ipBlock",
  );
  labelSelector(peer.at("podSelector"));
  labelSelector(peer.at("namespaceSelector"));
  cidr(block.at("cidr"));
  for (const except of block.at("except").items) {
    cidr(except);
    except.refuseIf(
      !contains(block.at("cidr").text, except.text),
      `must be a strict subset of cidr ${block.at("cidr").text ?? ""}`,
    );
  }
}

function contains(outer: string | undefined, inner: string | undefined): boolean {
  if (outer === undefined || inner === undefined || !isCidr(outer) || !isCidr(inner)) return true;
  const [whole, part] = [ipaddr.parseCIDR(outer), ipaddr.parseCIDR(inner)];
  return whole[0].kind() === part[0].kind() && part[1] > whole[1] && part[0].match(whole[0], whole[1]);
}

function networkPort(port: Field): void {
  port.at("protocol").oneOf("TCP", "UDP", "SCTP");
  port.at("port").range(1, 65535);
  const [first, last] = [port.at("port").number, port.at("endPort")];
  last.range(1, 65535);
  last.refuseIf(
    last.number !== undefined && first !== undefined && last.number < first,
    "must be greater than or equal to `port`",
  );
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/#IngressSpec */
export function ingress(object: Field): void {
  const spec = object.at("spec");
  const [rules, fallback] = [spec.at("rules"), spec.at("defaultBackend")];
  const open = rules.unknown || fallback.unknown;
  spec.refuseIf(
    !open && rules.items.length === 0 && !fallback.present,
    "either `defaultBackend` or `rules` must be specified",
  );
  if (fallback.present) backend(fallback);
  for (const rule of rules.items) {
    host(rule.at("host"));
    for (const path of rule.at("http", "paths").items) {
      path.at("pathType").oneOf("Exact", "Prefix", "ImplementationSpecific");
      path.at("path").matches(/^\//, Infinity, "must be an absolute path");
      backend(path.at("backend"));
    }
  }
  for (const tls of spec.at("tls").items) for (const name of tls.at("hosts").items) host(name);
}

function host(field: Field): void {
  field.matches(
    /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    253,
    "write a DNS name in lower case, without scheme and port",
  );
}

function backend(field: Field): void {
  field.exactlyOne("resource", "service");
  const port = field.at("service", "port");
  if (field.at("service").present && !port.unknown) port.exactlyOne("name", "number");
  port.at("number").range(1, 65535);
}
