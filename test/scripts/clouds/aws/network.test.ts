import assert from "node:assert/strict";
import fc from "fast-check";
import { overlaps, readCidr } from "@groundwork/lib/cidr";
import { Cloud, EAST, typeOf } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const IGW = "aws:ec2/internetGateway:InternetGateway";
const EIP = "aws:ec2/eip:Eip";
const NAT = "aws:ec2/natGateway:NatGateway";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";

describe("AWS: VPC", () => {
  refuses(VPC, () => ({ cloud: new Cloud(), inputs: { cidrBlock: "10.0.0.0/16", instanceTenancy: "default" } }), [
    ["a block that is too large", { cidrBlock: "10.0.0.0/15" }, /from \/16 to \/28/],
    ["a block that is too small", { cidrBlock: "10.0.0.0/29" }, /from \/16 to \/28/],
    ["host bits", { cidrBlock: "10.0.1.0/16" }, /host bits/],
    ["no CIDR notation", { cidrBlock: "10.0.0.0" }, /write an IPv4 block/],
    ["an unknown tenancy", { instanceTenancy: "host" }, /default, dedicated/],
    ["an unknown region", { region: "us-moon-1" }, /write one of us-east-1/],
    ["a reserved tag", { tags: { "aws:x": "1" } }, /do not start with aws:/],
    ["too many tags", { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, "1"])) }, /at most 50/],
  ]);

  it("has ids as EC2 gives them and brings its default group, table and list", () => {
    const cloud = new Cloud();
    const vpc = cloud.make(VPC, { cidrBlock: "10.0.0.0/16" });
    assert.match(vpc.id, /^vpc-0[0-9a-f]{16}$/);
    assert.equal(vpc.properties["arn"], `arn:aws:ec2:us-west-2:123456789012:vpc/${vpc.id}`);
    const [group] = cloud.all("aws:ec2/securityGroup:SecurityGroup");
    assert.equal(group?.id, vpc.properties["defaultSecurityGroupId"]);
    assert.equal(group?.properties["name"], "default");
    assert.equal(cloud.all(ROUTE_TABLE)[0]?.id, vpc.properties["mainRouteTableId"]);
  });
});

describe("AWS: subnet", () => {
  refuses(SUBNET, () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    return { cloud, inputs: { vpcId: vpc.id, cidrBlock: "10.0.9.0/24", availabilityZone: "us-west-2d" } };
  }, [
    ["a zone of another region", { availabilityZone: "us-east-1a" }, /write a zone of us-west-2/],
    ["a zone that is not there", { availabilityZone: "us-west-2z" }, /write a zone of us-west-2/],
    ["a block outside of the VPC", { cidrBlock: "10.1.0.0/24" }, /InvalidSubnet\.Range: .*10\.0\.0\.0\/16/],
    [
      "a block that overlaps another subnet",
      { cidrBlock: "10.0.0.128/25" },
      /InvalidSubnet\.Conflict: .*10\.0\.0\.0\/24/,
    ],
    ["a block around other subnets", { cidrBlock: "10.0.0.0/20" }, /InvalidSubnet\.Conflict/],
    ["a VPC that does not exist", { vpcId: "vpc-0123456789abcdef0" }, /vpcId: nothing/],
  ]);

  it("may have the same block in another VPC, also of another region", () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    const other = cloud.make(VPC, { cidrBlock: "10.0.0.0/16" }, { region: EAST });
    assert.deepEqual(cloud.refusals(SUBNET, { vpcId: other.id, cidrBlock: "10.0.0.0/24" }, { region: EAST }), []);
    assert.equal(cloud.refusals(SUBNET, { vpcId: vpc.id, cidrBlock: "10.0.3.0/24" }, { region: EAST }).length, 1);
  });

  it("is not in its own way when it changes", () => {
    const cloud = new Cloud();
    const { subnets } = scenery(cloud);
    const [subnet] = subnets;
    assert.ok(subnet);
    const changed = cloud.change(subnet, { ...subnet.inputs, mapPublicIpOnLaunch: true });
    assert.equal(changed.properties["mapPublicIpOnLaunch"], true);
  });

  it("is taken exactly when it overlaps none, whatever blocks come in whatever order", () => {
    const within = fc
      .tuple(fc.nat(255), fc.integer({ min: 24, max: 28 }))
      .map(([third, prefix]) => `10.0.${third % 8}.0/${prefix}`);
    fc.assert(
      fc.property(fc.array(within, { maxLength: 12 }), (blocks) => {
        const cloud = new Cloud();
        const vpc = cloud.make(VPC, { cidrBlock: "10.0.0.0/16" });
        const taken: string[] = [];
        for (const cidrBlock of blocks) {
          const clash = taken.some((each) => {
            const [one, other] = [readCidr(each), readCidr(cidrBlock)];
            return one !== undefined && other !== undefined && overlaps(one, other);
          });
          assert.equal(cloud.refusals(SUBNET, { vpcId: vpc.id, cidrBlock }).length > 0, clash);
          if (clash) continue;
          cloud.make(SUBNET, { vpcId: vpc.id, cidrBlock });
          taken.push(cidrBlock);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("AWS: gateways and routes", () => {
  const ways = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    const gateway = cloud.make(IGW, { vpcId: around.vpc.id });
    const table = cloud.make(ROUTE_TABLE, { vpcId: around.vpc.id });
    const address = cloud.make(EIP, { domain: "vpc" });
    return { cloud, ...around, gateway, table, address };
  };

  it("one internet gateway a VPC", () => {
    const { cloud, vpc } = ways();
    assert.match(cloud.refusals(IGW, { vpcId: vpc.id })[0] ?? "", /already has an internet gateway/);
  });

  it("an internet gateway stays while public addresses are mapped", () => {
    const { cloud, gateway, subnetIds, address } = ways();
    assert.equal(cloud.refuseDelete(gateway), undefined);
    const nat = cloud.make(NAT, { subnetId: subnetIds[0], allocationId: address.id });
    assert.match(cloud.refuseDelete(gateway) ?? "", /DependencyViolation: .*mapped public address/);
    cloud.remove(nat);
    cloud.make(NAT, { subnetId: subnetIds[0], connectivityType: "private" });
    assert.equal(cloud.refuseDelete(gateway), undefined);
  });

  it("a NAT gateway has the address that it was given, and one inside its subnet", () => {
    const { cloud, subnetIds, address } = ways();
    const nat = cloud.make(NAT, { subnetId: subnetIds[1], allocationId: address.id });
    assert.equal(nat.properties["publicIp"], address.properties["publicIp"]);
    assert.match(String(nat.properties["privateIp"]), /^10\.0\.1\.\d+$/);
    const quota = typeOf(NAT).quotas?.[0];
    assert.equal(quota?.per?.(cloud.created(nat)), "us-west-2b");
  });

  refuses(NAT, () => {
    const { cloud, subnetIds, address } = ways();
    return { cloud, inputs: { subnetId: subnetIds[0], allocationId: address.id } };
  }, [
    ["a public address for a private gateway", { connectivityType: "private" }, /has no public address/],
    ["an address outside of the subnet", { privateIp: "10.0.9.9" }, /inside the subnet/],
    ["an address that does not exist", { allocationId: "eipalloc-0123" }, /nothing has this id/],
  ]);

  it("an address serves one NAT gateway", () => {
    const { cloud, subnetIds, address } = ways();
    cloud.make(NAT, { subnetId: subnetIds[0], allocationId: address.id });
    assert.match(
      cloud.refusals(NAT, { subnetId: subnetIds[1], allocationId: address.id })[0] ?? "",
      /Resource\.AlreadyAssociated/,
    );
  });

  const ROUTE = "aws:ec2/route:Route";
  refuses(ROUTE, () => {
    const { cloud, table, gateway } = ways();
    return { cloud, inputs: { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id } };
  }, [
    ["two targets", { networkInterfaceId: "eni-0" }, /one target/],
    ["a gateway that does not exist", { gatewayId: "igw-0" }, /nothing has this id/],
    ["a malformed destination", { destinationCidrBlock: "internet" }, /write an IPv4 block/],
  ]);

  it("a route to a gateway of another VPC is refused, and so is a second one to the same place", () => {
    const { cloud, table, gateway } = ways();
    const stranger = cloud.make(VPC, { cidrBlock: "10.7.0.0/16" });
    const other = cloud.make(IGW, { vpcId: stranger.id });
    const inputs = { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0" };
    assert.match(cloud.refusals(ROUTE, { ...inputs, gatewayId: other.id })[0] ?? "", /belongs to/);
    const route = cloud.make(ROUTE, { ...inputs, gatewayId: gateway.id });
    assert.equal(route.id, `r-${table.id}1080289494`);
    assert.match(cloud.refusals(ROUTE, { ...inputs, gatewayId: gateway.id })[0] ?? "", /RouteAlreadyExists/);
  });

  it("a subnet has one route table, of its own VPC", () => {
    const { cloud, table, subnetIds } = ways();
    const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
    cloud.make(ASSOCIATION, { routeTableId: table.id, subnetId: subnetIds[0] });
    assert.match(
      cloud.refusals(ASSOCIATION, { routeTableId: table.id, subnetId: subnetIds[0] })[0] ?? "",
      /AlreadyAssociated/,
    );
    const stranger = cloud.make(VPC, { cidrBlock: "10.7.0.0/16" });
    const other = cloud.make(ROUTE_TABLE, { vpcId: stranger.id });
    assert.match(
      cloud.refusals(ASSOCIATION, { routeTableId: other.id, subnetId: subnetIds[1] })[0] ?? "",
      /belongs to/,
    );
  });
});

describe("AWS: managed prefix list", () => {
  const entries = [{ cidr: "173.245.48.0/20" }, { cidr: "103.21.244.0/22" }];
  refuses(
    "aws:ec2/managedPrefixList:ManagedPrefixList",
    () => ({ cloud: new Cloud(), inputs: { name: "cdn", addressFamily: "IPv4", maxEntries: 2, entries } }),
    [
      ["more entries than it may have", { maxEntries: 1 }, /PrefixListMaxEntriesExceeded/],
      ["an entry twice", { maxEntries: 3, entries: [...entries, entries[0]] }, /each block once/],
      ["host bits", { entries: [{ cidr: "10.0.0.1/8" }] }, /network's own address/],
      ["a name that AWS keeps", { name: "com.amazonaws.mine" }, /does not begin with com\.amazonaws/],
      ["an unknown family", { addressFamily: "ipv4" }, /IPv4, IPv6/],
    ],
  );
});

describe("AWS: VPC endpoint and flow log", () => {
  const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
  refuses(ENDPOINT, () => {
    const cloud = new Cloud();
    return { cloud, inputs: { vpcId: scenery(cloud).vpc.id, serviceName: "com.amazonaws.us-west-2.s3" } };
  }, [
    ["a service of another region", { serviceName: "com.amazonaws.us-east-1.s3" }, /com\.amazonaws\.us-west-2/],
    ["subnets of a gateway endpoint", { subnetIds: ["subnet-0a"] }, /reached by route tables/],
    ["a gateway for a service that has none", { serviceName: "com.amazonaws.us-west-2.ecr.api" }, /write Interface/],
    ["an unknown kind", { vpcEndpointType: "Tunnel" }, /write one of Gateway/],
  ]);

  it("one private DNS name for a service in a VPC", () => {
    const cloud = new Cloud();
    const { vpc, subnetIds } = scenery(cloud);
    const inputs = {
      vpcId: vpc.id,
      serviceName: "com.amazonaws.us-west-2.ecr.api",
      vpcEndpointType: "Interface",
      subnetIds,
      privateDnsEnabled: true,
    };
    const endpoint = cloud.make(ENDPOINT, inputs);
    assert.equal((endpoint.properties["networkInterfaceIds"] as string[]).length, 3);
    assert.match(cloud.refusals(ENDPOINT, inputs)[0] ?? "", /conflicting DNS domain/);
  });

  refuses(
    "aws:ec2/flowLog:FlowLog",
    () => {
      const cloud = new Cloud();
      return {
        cloud,
        inputs: {
          vpcId: scenery(cloud).vpc.id,
          trafficType: "ALL",
          logDestinationType: "s3",
          logDestination: "arn:aws:s3:::logs",
        },
      };
    },
    [
      ["an unknown kind of traffic", { trafficType: "all" }, /ACCEPT, REJECT, ALL/],
      ["an odd interval", { maxAggregationInterval: 120 }, /60 or 600/],
      ["two things to watch", { eniId: "eni-0a" }, /watches one thing/],
    ],
  );
});
