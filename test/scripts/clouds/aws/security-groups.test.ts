import assert from "node:assert/strict";
import { Cloud, typeOf } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

describe("AWS: security group", () => {
  refuses(GROUP, () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    const ingress = [{ protocol: "tcp", fromPort: 80, toPort: 443, cidrBlocks: ["10.0.0.0/8"] }];
    return { cloud, inputs: { name: "web", description: "Web", vpcId: vpc.id, ingress } };
  }, [
    ["a name that looks like an id", { name: "sg-web" }, /does not start with sg-/],
    ["odd characters", { description: "Bob's" }, /letters, digits, spaces/],
    ["ports the wrong way round", { ingress: [{ protocol: "tcp", fromPort: 443, toPort: 80 }] }, /not above the last/],
    ["ports with all protocols", { egress: [{ protocol: "-1", fromPort: 1, toPort: 2 }] }, /all ports/],
    ["a name that is taken in the VPC", { name: "nodes" }, /InvalidGroup\.Duplicate/],
    ["an unknown protocol", { ingress: [{ protocol: "http", fromPort: 80, toPort: 80 }] }, /write tcp, udp/],
  ]);

  it("counts each source of an inline rule toward the quota", () => {
    const cloud = new Cloud();
    const rule = { protocol: "tcp", fromPort: 1, toPort: 2, cidrBlocks: ["10.0.0.0/8", "172.16.0.0/12"], self: true };
    const counts = typeOf(GROUP).quotas?.map(({ count }) => count?.(cloud.ctx(GROUP, { ingress: [rule] })));
    assert.deepEqual(counts, [3, 0]);
  });
});

describe("AWS: security group rule", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    const inputs = {
      securityGroupId: around.group.id,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrIpv4: "10.0.0.0/16",
    };
    return { cloud, ...around, inputs };
  };
  refuses(INGRESS, setting, [
    ["two sources", { prefixListId: "pl-12345678" }, /one source/],
    ["ports the wrong way round", { fromPort: 444 }, /not above the last/],
    ["ports beyond the last", { toPort: 65_536 }, /0 to 65535/],
    ["ports with all protocols", { ipProtocol: "-1" }, /all ports/],
    ["a group that does not exist", { securityGroupId: "sg-0a" }, /nothing has this id/],
    ["host bits", { cidrIpv4: "10.0.0.1/16" }, /host bits/],
  ]);

  it("refuses a group of another VPC and a rule that is there already", () => {
    const { cloud, inputs } = setting();
    cloud.make(INGRESS, inputs);
    assert.match(cloud.refusals(INGRESS, inputs)[0] ?? "", /InvalidPermission\.Duplicate/);
    const stranger = cloud.make(GROUP, {
      name: "far",
      vpcId: cloud.make("aws:ec2/vpc:Vpc", { cidrBlock: "10.9.0.0/16" }).id,
    });
    const from = { ...inputs, cidrIpv4: undefined, referencedSecurityGroupId: stranger.id };
    assert.match(cloud.refusals(INGRESS, from)[0] ?? "", /InvalidGroup\.NotFound/);
  });

  it("weighs a prefix list by the entries that it may have", () => {
    const { cloud, inputs } = setting();
    const prefixList = cloud.make("aws:ec2/managedPrefixList:ManagedPrefixList", {
      name: "cdn",
      addressFamily: "IPv4",
      maxEntries: 15,
    });
    const quota = typeOf(INGRESS).quotas?.[0];
    assert.equal(quota?.count?.(cloud.ctx(INGRESS, inputs)), 1);
    assert.equal(quota?.count?.(cloud.ctx(INGRESS, { ...inputs, prefixListId: prefixList.id })), 15);
  });
});
