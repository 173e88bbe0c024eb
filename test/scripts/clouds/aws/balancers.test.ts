import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST, WEST } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const LISTENER = "aws:lb/listener:Listener";
const RULE = "aws:lb/listenerRule:ListenerRule";
const CERTIFICATE = "aws:acm/certificate:Certificate";
const VALIDATION = "aws:acm/certificateValidation:CertificateValidation";

describe("AWS: load balancer", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    return {
      cloud,
      around,
      inputs: { name: "web", subnets: around.subnetIds, securityGroups: [around.group.id], idleTimeout: 60 },
    };
  };
  refuses(BALANCER, setting, [
    ["a name that is too long", { name: "n".repeat(33) }, /1 to 32 characters, not 33/],
    ["a name that ends with a hyphen", { name: "web-" }, /no hyphen first or last/],
    ["a name that ELB keeps", { name: "internal-web" }, /internal-/],
    ["an unknown kind", { loadBalancerType: "classic" }, /application, network, gateway/],
    ["a time-out that is too long", { idleTimeout: 4001 }, /1 to 4000/],
    ["two ways to name subnets", { subnetMappings: [{ subnetId: "subnet-0a" }] }, /either subnets or subnetMappings/],
    ["a subnet that does not exist", { subnets: ["subnet-0a", "subnet-0b"] }, /nothing has this id/],
  ]);

  it("refuses one zone for applications, two subnets of a zone and a group of another VPC", () => {
    const { cloud, around, inputs } = setting();
    const [first] = around.subnetIds;
    const says = (more: Properties) => cloud.refusals(BALANCER, { ...inputs, ...more })[0] ?? "";
    assert.match(says({ subnets: [first] }), /at least 2 zones/);
    assert.equal(says({ subnets: [first], loadBalancerType: "network", securityGroups: undefined }), "");
    const twin = cloud.make("aws:ec2/subnet:Subnet", {
      vpcId: around.vpc.id,
      cidrBlock: "10.0.9.0/24",
      availabilityZone: "us-west-2a",
    });
    assert.match(says({ subnets: [...around.subnetIds, twin.id] }), /same Availability Zone: us-west-2a/);
    const far = scenery(cloud, WEST, "10.5");
    assert.match(says({ securityGroups: [far.group.id] }), /InvalidSecurityGroup/);
  });

  it("does not move to another VPC", () => {
    const { cloud, inputs } = setting();
    const web = cloud.make(BALANCER, inputs);
    const subnets = scenery(cloud, WEST, "10.5").subnetIds;
    assert.match(cloud.refusals(BALANCER, { ...inputs, subnets }, {}, web)[0] ?? "", /the load balancer of vpc-/);
  });

  it("has an ARN, a name in DNS, and stays while it is protected", () => {
    const { cloud, inputs } = setting();
    const web = cloud.make(BALANCER, { ...inputs, enableDeletionProtection: true });
    assert.match(web.id, /^arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer\/app\/web\/[0-9a-f]{16}$/);
    assert.match(String(web.properties["arnSuffix"]), /^app\/web\/[0-9a-f]{16}$/);
    assert.match(String(web.properties["dnsName"]), /^web-\d+\.us-west-2\.elb\.amazonaws\.com$/);
    assert.match(cloud.refuseDelete(web) ?? "", /OperationNotPermitted: .*deletion protection/);
    assert.match(cloud.refusals(BALANCER, inputs)[0] ?? "", /DuplicateLoadBalancerName/);
  });
});

describe("AWS: target group", () => {
  const setting = () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    const healthCheck = {
      protocol: "HTTP",
      path: "/health",
      port: "traffic-port",
      interval: 30,
      timeout: 5,
      matcher: "200",
    };
    return {
      cloud,
      inputs: { name: "web", vpcId: vpc.id, protocol: "HTTP", port: 30_000, targetType: "instance", healthCheck },
    };
  };
  refuses(TARGETS, setting, [
    ["a port that is none", { port: 0 }, /1 to 65535/],
    ["a port beyond the last", { port: 65_536 }, /1 to 65535/],
    ["no port", { port: undefined }, /targets of type instance need one/],
    ["a protocol that is none", { protocol: "HTTP2" }, /write one of HTTP/],
    [
      "a time-out as long as the interval",
      { healthCheck: { interval: 10, timeout: 10 } },
      /below the interval of 10 s/,
    ],
    ["a path that does not begin with a slash", { healthCheck: { path: "health" } }, /begins with \//],
    ["an interval that is too short", { healthCheck: { interval: 4 } }, /5 to 300/],
    ["TCP checks for an application", { healthCheck: { protocol: "TCP" } }, /network load balancers/],
    ["draining for too long", { deregistrationDelay: 3601 }, /0 to 3600/],
    ["a slow start that is too short", { slowStart: 10 }, /30 to 900/],
  ]);
});

describe("AWS: listener", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    const balancer = cloud.make(BALANCER, { name: "web", subnets: around.subnetIds });
    const targets = cloud.make(TARGETS, { name: "web", vpcId: around.vpc.id, protocol: "HTTP", port: 80 });
    const certificate = cloud.make(CERTIFICATE, { domainName: "example.com", validationMethod: "DNS" });
    cloud.make(VALIDATION, { certificateArn: certificate.id });
    const inputs: Properties = {
      loadBalancerArn: balancer.id,
      port: 443,
      protocol: "HTTPS",
      certificateArn: certificate.id,
      defaultActions: [{ type: "forward", targetGroupArn: targets.id }],
    };
    return { cloud, around, balancer, targets, inputs };
  };
  refuses(LISTENER, setting, [
    ["TLS with no certificate", { certificateArn: undefined }, /needs one/],
    ["a certificate with no TLS", { protocol: "HTTP" }, /does not end TLS/],
    [
      "a protocol of the other kind",
      { protocol: "TCP", certificateArn: undefined },
      /HTTP or HTTPS for an application/,
    ],
    ["a policy that is none", { sslPolicy: "TLS13" }, /ELBSecurityPolicy/],
    [
      "a forward to nowhere",
      { defaultActions: [{ type: "forward" }] },
      /defaultActions\[0\]\.targetGroupArn: write it/,
    ],
    [
      "a target group that does not exist",
      { defaultActions: [{ type: "forward", targetGroupArn: "arn:x" }] },
      /nothing has this id/,
    ],
    ["an unknown action", { defaultActions: [{ type: "proxy" }] }, /write one of forward/],
    ["an odd header", { routingHttpResponseXFrameOptionsHeaderValue: "NO" }, /DENY or SAMEORIGIN/],
  ]);

  it("refuses a port twice, and a certificate that is not issued yet", () => {
    const { cloud, inputs } = setting();
    cloud.make(LISTENER, inputs);
    assert.match(cloud.refusals(LISTENER, inputs)[0] ?? "", /DuplicateListener/);
    const pending = cloud.make(CERTIFICATE, { domainName: "example.org", validationMethod: "DNS" });
    const early = { ...inputs, port: 8443, certificateArn: pending.id };
    assert.match(cloud.refusals(LISTENER, early)[0] ?? "", /UnsupportedCertificate: .*not issued yet/);
  });

  it("refuses a target group of another VPC, and one that serves another balancer", () => {
    const { cloud, around, inputs } = setting();
    cloud.make(LISTENER, inputs);
    const second = cloud.make(BALANCER, { name: "api", subnets: around.subnetIds });
    const taken = cloud.refusals(LISTENER, { ...inputs, loadBalancerArn: second.id });
    assert.match(taken[0] ?? "", /TargetGroupAssociationLimit/);
    const far = scenery(cloud, WEST, "10.5");
    const elsewhere = cloud.make(TARGETS, { name: "far", vpcId: far.vpc.id, protocol: "HTTP", port: 80 });
    const defaultActions = [{ type: "forward", targetGroupArn: elsewhere.id }];
    assert.match(
      cloud.refusals(LISTENER, {
        ...inputs,
        port: 80,
        protocol: "HTTP",
        certificateArn: undefined,
        defaultActions,
      })[0] ?? "",
      /the target group is of vpc-/,
    );
  });

  it("has rules of their own priority, with one condition each and at most five values", () => {
    const { cloud, targets, inputs } = setting();
    const listener = cloud.make(LISTENER, inputs);
    const rule: Properties = {
      listenerArn: listener.id,
      priority: 10,
      actions: [{ type: "forward", targetGroupArn: targets.id }],
      conditions: [{ hostHeader: { values: ["example.com"] } }, { pathPattern: { values: ["/api/*"] } }],
    };
    cloud.make(RULE, rule);
    const says = (more: Properties) => cloud.refusals(RULE, { ...rule, priority: 20, ...more })[0] ?? "";
    assert.equal(says({}), "");
    assert.match(says({ priority: 10 }), /PriorityInUse/);
    assert.match(says({ priority: 50_001 }), /1 to 50000/);
    assert.match(
      says({ conditions: [{ pathPattern: { values: ["/a"] }, hostHeader: { values: ["a"] } }] }),
      /exactly one of/,
    );
    assert.match(
      says({ conditions: [{ pathPattern: { values: ["a", "b", "c", "d", "e", "f"] } }] }),
      /at most 5 values in one rule, not 6/,
    );
    assert.equal(cloud.make(RULE, { ...rule, priority: undefined }).properties["priority"], 11);
  });
});

describe("AWS: certificate", () => {
  refuses(
    CERTIFICATE,
    () => ({ cloud: new Cloud(), inputs: { domainName: "*.example.com", validationMethod: "DNS" } }),
    [
      ["something that is no domain", { domainName: "example" }, /such as example\.com/],
      ["a wildcard in the middle", { domainName: "www.*.example.com" }, /such as example\.com/],
      ["no way to prove it", { validationMethod: undefined }, /needs one/],
      ["an unknown key", { keyAlgorithm: "RSA" }, /RSA_2048/],
      ["an odd alternative name", { subjectAlternativeNames: ["-.example.com"] }, /such as example\.com/],
    ],
  );

  it("is proven by the same record in each region, and one for a domain and its wildcard", () => {
    const cloud = new Cloud();
    const inputs = { domainName: "example.com", subjectAlternativeNames: ["*.example.com"], validationMethod: "DNS" };
    const records = [WEST, EAST].map(
      (region) => cloud.make(CERTIFICATE, inputs, { region }).properties["domainValidationOptions"] as Properties[],
    );
    assert.deepEqual(records[0], records[1]);
    assert.equal(records[0]?.length, 2);
    assert.equal(records[0]?.[0]?.["resourceRecordName"], records[0]?.[1]?.["resourceRecordName"]);
    assert.match(String(records[0]?.[0]?.["resourceRecordName"]), /^_[0-9a-f]{32}\.example\.com\.$/);
  });

  it("is validated by the records that prove it", () => {
    const cloud = new Cloud();
    const certificate = cloud.make(CERTIFICATE, { domainName: "example.com", validationMethod: "DNS" });
    const [record] = certificate.properties["domainValidationOptions"] as Properties[];
    const says = (fqdn: unknown) =>
      cloud.refusals(VALIDATION, { certificateArn: certificate.id, validationRecordFqdns: [fqdn] });
    assert.deepEqual(says(String(record?.["resourceRecordName"]).replace(/\.$/, "")), []);
    assert.match(says("_x.example.com")[0] ?? "", /missing DNS validation record: _/);
  });
});
