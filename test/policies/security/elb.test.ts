import assert from "node:assert/strict";
import { classicBalancerDrainsAndSpreads } from "../../../policies/security/elb/classic-balancer-drains-and-spreads.ts";
import { classicBalancerListenersEncrypted } from "../../../policies/security/elb/classic-balancer-listeners-encrypted.ts";
import { listenerEncryptsInTransit } from "../../../policies/security/elb/listener-encrypts-in-transit.ts";
import { listenerRefusesOldTls } from "../../../policies/security/elb/listener-refuses-old-tls.ts";
import { loadBalancerDefendsAgainstDesync } from "../../../policies/security/elb/load-balancer-defends-against-desync.ts";
import { loadBalancerDeletionProtected } from "../../../policies/security/elb/load-balancer-deletion-protected.ts";
import { loadBalancerDropsInvalidHeaders } from "../../../policies/security/elb/load-balancer-drops-invalid-headers.ts";
import { loadBalancerHasFirewall } from "../../../policies/security/elb/load-balancer-has-firewall.ts";
import { loadBalancerLogsAccess } from "../../../policies/security/elb/load-balancer-logs-access.ts";
import { loadBalancerSpansZones } from "../../../policies/security/elb/load-balancer-spans-zones.ts";
import { targetGroupEncrypted } from "../../../policies/security/elb/target-group-encrypted.ts";
import { describePolicy } from "../cases.ts";
import { changed } from "../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../harness.ts";

const BALANCERS: readonly Fake[] = [
  {
    type: "aws:lb/loadBalancer:LoadBalancer",
    name: "web",
    props: {
      loadBalancerType: "application",
      internal: false,
      dropInvalidHeaderFields: true,
      enableDeletionProtection: true,
      accessLogs: { enabled: true, bucket: "logs" },
      subnets: [UNKNOWN, UNKNOWN],
    },
    from: { securityGroups: ["cdn"] },
  },
  {
    type: "aws:lb/loadBalancer:LoadBalancer",
    name: "calls",
    props: { loadBalancerType: "network", enableDeletionProtection: true, subnetMappings: [{}, {}] },
  },
  { type: "aws:ec2/securityGroup:SecurityGroup", name: "cdn", props: {} },
  {
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    name: "from-cdn",
    props: { ipProtocol: "tcp", fromPort: 443, toPort: 443, prefixListId: "pl-1" },
    from: { securityGroupId: ["cdn"] },
  },
  {
    type: "aws:lb/listener:Listener",
    name: "https",
    props: { protocol: "HTTPS", sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" },
  },
  {
    type: "aws:alb/listener:Listener",
    name: "http",
    props: {
      protocol: "HTTP",
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    },
  },
  {
    type: "aws:lb/targetGroup:TargetGroup",
    name: "pods",
    props: { protocol: "HTTPS", targetType: "ip", healthCheck: { protocol: "HTTPS" } },
  },
  { type: "aws:lb/targetGroup:TargetGroup", name: "function", props: { targetType: "lambda" } },
];

const CLASSIC: readonly Fake[] = [
  {
    type: "aws:elb/loadBalancer:LoadBalancer",
    name: "old",
    props: {
      accessLogs: { bucket: "logs" },
      availabilityZones: ["eu-west-1a", "eu-west-1b"],
      connectionDraining: true,
      desyncMitigationMode: "strictest",
      listeners: [
        {
          lbProtocol: "https",
          sslCertificateId: "arn:aws:acm:eu-west-1:123456789012:certificate/c",
        },
      ],
    },
  },
];

const ALL = [...BALANCERS, ...CLASSIC];

describe("policies on load balancers", () => {
  describePolicy({
    policy: listenerEncryptsInTransit,
    compliant: BALANCERS,
    breaks: [
      {
        path: "https/protocol",
        value: "HTTP",
        says: /serves plain HTTP; write protocol: "HTTPS", or a default action/,
      },
      { path: "http/defaultActions/0/redirect/protocol", value: "HTTP", says: /serves plain HTTP/ },
      { path: "http/defaultActions", value: [{ type: "forward", targetGroupArn: "arn:x" }], says: /serves plain HTTP/ },
      { path: "https/protocol", value: "TCP", says: /unless the targets end TLS themselves/, level: "advisory" },
    ],
    passes: [
      { path: "https/protocol", value: "TLS" },
      { path: "https/protocol", value: "UDP" },
    ],
    undecided: ["https/protocol", "http/defaultActions"],
  });

  describePolicy({
    policy: listenerRefusesOldTls,
    compliant: BALANCERS,
    breaks: [
      { path: "https/sslPolicy", value: undefined, says: /not set, which means ELBSecurityPolicy-2016-08, .*TLS 1\.0/ },
      { path: "https/sslPolicy", value: "ELBSecurityPolicy-TLS13-1-0-2021-06", says: /takes TLS 1\.0 or 1\.1; write/ },
      { path: "https/sslPolicy", value: "ELBSecurityPolicy-FS-1-1-2019-08", says: /takes TLS 1\.0 or 1\.1/ },
      {
        path: "https/sslPolicy",
        value: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        says: /takes ciphers that are not recommended; write "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"/,
        level: "advisory",
      },
    ],
    passes: [{ path: "https/sslPolicy", value: "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09" }],
    undecided: ["https/sslPolicy", "https/protocol"],
  });

  describePolicy({
    policy: targetGroupEncrypted,
    compliant: BALANCERS,
    breaks: [
      { path: "pods/protocol", value: "HTTP", says: /protocol is HTTP; write "HTTPS"/ },
      { path: "pods/protocol", value: "TCP", says: /protocol is TCP; write "TLS"/ },
      { path: "pods/healthCheck/protocol", value: "HTTP", says: /healthCheck\.protocol is HTTP; write "HTTPS"/ },
      { path: "pods/healthCheck", value: undefined, says: /not set, which means HTTP; write "HTTPS"/ },
    ],
    passes: [
      { path: "pods/protocol", value: "UDP" },
      { path: "pods/protocol", value: undefined },
    ],
    undecided: ["pods/protocol", "pods/healthCheck"],
  });

  describePolicy({
    policy: loadBalancerDropsInvalidHeaders,
    compliant: BALANCERS,
    breaks: [
      { path: "web/dropInvalidHeaderFields", value: undefined, says: /not set, which means false; write true/ },
      { path: "web/dropInvalidHeaderFields", value: false, says: /is false; write true/ },
    ],
    undecided: ["web/dropInvalidHeaderFields"],
  });

  describePolicy({
    policy: loadBalancerDefendsAgainstDesync,
    compliant: ALL,
    breaks: [
      { path: "web/desyncMitigationMode", value: "monitor", says: /is monitor; write "defensive" or "strictest"/ },
      { path: "old/desyncMitigationMode", value: "monitor", says: /is monitor/ },
    ],
    passes: [{ path: "web/desyncMitigationMode", value: "defensive" }],
    undecided: ["web/desyncMitigationMode"],
  });

  describePolicy({
    policy: loadBalancerLogsAccess,
    compliant: ALL,
    breaks: [
      { path: "web/accessLogs", value: undefined, says: /No access log is written; write accessLogs/ },
      { path: "web/accessLogs/enabled", value: undefined, says: /No access log/ },
      { path: "old/accessLogs", value: undefined, says: /No access log/ },
      { path: "old/accessLogs/enabled", value: false, says: /No access log/ },
    ],
    undecided: ["web/accessLogs"],
  });

  describePolicy({
    policy: loadBalancerDeletionProtected,
    compliant: BALANCERS,
    breaks: [
      { path: "web/enableDeletionProtection", value: undefined, says: /not set, which means false; write true/ },
      { path: "calls/enableDeletionProtection", value: false, says: /is false; write true/ },
    ],
    undecided: ["web/enableDeletionProtection"],
  });

  describePolicy({
    policy: loadBalancerSpansZones,
    compliant: ALL,
    breaks: [
      {
        path: "web/subnets",
        value: [UNKNOWN],
        says: /is in 1 zone, fewer than the 2 of load-balancer-spans-zones\.zones/,
      },
      { path: "calls/subnetMappings", value: undefined, says: /is in no named subnet/ },
      { path: "old/availabilityZones", value: ["eu-west-1a"], says: /is in 1 zone/ },
    ],
    undecided: ["web/subnets"],
  });

  describePolicy({
    policy: loadBalancerHasFirewall,
    compliant: BALANCERS,
    breaks: [
      { path: "from-cdn/cidrIpv4", value: "0.0.0.0/0", says: /web is open to the whole internet and has no web ACL/ },
      {
        path: "cdn/ingress",
        value: [{ protocol: "tcp", fromPort: 443, toPort: 443, ipv6CidrBlocks: ["::/0"] }],
        says: /web is open to the whole internet/,
      },
    ],
    passes: [{ path: "from-cdn/cidrIpv4", value: "192.0.2.0/24" }],
  });

  it("load-balancer-has-firewall passes one that has a web ACL, or that is inside", () => {
    const open = changed("from-cdn/cidrIpv4", "0.0.0.0/0", BALANCERS);
    const acl: Fake = {
      type: "aws:wafv2/webAclAssociation:WebAclAssociation",
      name: "acl",
      props: {},
      from: { resourceArn: ["web"] },
    };
    assert.deepEqual(say(loadBalancerHasFirewall, [...open, acl]), []);
    assert.deepEqual(say(loadBalancerHasFirewall, changed("web/internal", true, open)), []);
    const found = say(loadBalancerHasFirewall, changed("web/internal", UNKNOWN, open));
    assert.match(found.join(), /^advisory: Undecided until up: internal/);
  });

  describePolicy({
    policy: classicBalancerListenersEncrypted,
    compliant: CLASSIC,
    breaks: [
      { path: "old/listeners/0/lbProtocol", value: "http", says: /listeners\[0\]\.lbProtocol is http; write "https"/ },
      {
        path: "old/listeners/0/sslCertificateId",
        value: "arn:aws:iam::123456789012:server-certificate/c",
        says: /listeners\[0\]\.sslCertificateId is not a certificate of ACM/,
      },
    ],
    passes: [{ path: "old/listeners/0/lbProtocol", value: "ssl" }],
    undecided: ["old/listeners", "old/listeners/0/lbProtocol"],
  });

  describePolicy({
    policy: classicBalancerDrainsAndSpreads,
    compliant: CLASSIC,
    breaks: [
      { path: "old/connectionDraining", value: undefined, says: /connectionDraining is not set, which means false/ },
      { path: "old/crossZoneLoadBalancing", value: false, says: /crossZoneLoadBalancing is false; write true/ },
    ],
    undecided: ["old/connectionDraining", "old/crossZoneLoadBalancing"],
  });
});
