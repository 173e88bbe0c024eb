import assert from "node:assert/strict";
import { UNKNOWN, Secret } from "../../../../scripts/rehearsal/clouds/values.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { Clouds } from "./cloud.ts";
import { ADDRESS, CLUSTER, NAMESPACE, PARAMETER, RANDOM_ID, REPOSITORY, SUBNET, VPC } from "./tables.ts";

function clouds(...limits: ConstructorParameters<typeof Clouds>[2][]): Clouds {
  return new Clouds(temporaryFolder(), undefined, limits[0]);
}

function reasons(failures: readonly { readonly reason: string }[]): string {
  return failures.map(({ reason }) => reason).join("\n");
}

const KUBECONFIG = (server: string): string =>
  JSON.stringify({
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "c" } }],
    clusters: [{ name: "c", cluster: { server } }],
  });

describe("checks", () => {
  it("refuse a type that no table knows, and say how to add it", () => {
    const cloud = clouds();
    const [failure] = cloud.check(cloud.aws("us-west-2"), "aws:ec2/vpcDhcpOptions:VpcDhcpOptions", "x", {});
    assert.match(
      failure?.reason ?? "",
      /does not know aws:ec2\/vpcDhcpOptions:VpcDhcpOptions: add an entry to scripts\/rehearsal\/clouds\/tables\/aws\//,
    );
    assert.match(failure?.reason ?? "", /outputs: \(ctx\) => \(\{ arn: \.\.\./);
  });

  it("apply a type's rules with path, value, advice and source, and pass what is not yet known", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const [failure] = cloud.check(west, VPC, "net", { cidrBlock: "10.0.0.0/8" });
    assert.equal(failure?.path, "cidrBlock");
    assert.match(failure?.reason ?? "", /^"cidrBlock" is "10\.0\.0\.0\/8": write a block from \/16 to \/28 \(https:/);
    assert.deepEqual(cloud.check(west, VPC, "net", { cidrBlock: UNKNOWN }), []);
    const secret = reasons(
      cloud.check(west, PARAMETER, "p", { type: "String", value: new Secret("canary-".repeat(3)) }),
    );
    assert.match(secret, /^"value" is \[secret\]: write at most 20/);
  });

  it("refuse a reference to nothing, and tell in which other region it is", () => {
    const cloud = clouds();
    const east = cloud.create(cloud.aws("us-east-1"), VPC, "east", {});
    const west = cloud.aws("us-west-2");
    assert.match(
      reasons(cloud.check(west, SUBNET, "a", { vpcId: "vpc-404" })),
      /"vpcId" is "vpc-404", but no aws:ec2\/vpc:Vpc in us-west-2 has this id: point to one that exists/,
    );
    assert.match(
      reasons(cloud.check(west, SUBNET, "a", { vpcId: east.id })),
      /it is in us-east-1: point to one in us-west-2/,
    );
    assert.deepEqual(cloud.check(cloud.aws("us-east-1"), SUBNET, "a", { vpcId: east.id }), []);
  });

  it("count what the same preview has planned as there, but not the thing itself", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    cloud.plan(west, SUBNET, "a", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" });
    assert.match(reasons(cloud.check(west, SUBNET, "b", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" })), /overlaps/);
    assert.deepEqual(cloud.check(west, SUBNET, "a", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" }), []);
    const later = cloud.aws("us-west-2");
    assert.deepEqual(cloud.check(later, SUBNET, "b", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" }), []);
  });

  it("refuse in the preview what two new things would take from each other, though both were checked before", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    for (const name of ["a", "b"])
      assert.deepEqual(cloud.check(west, SUBNET, name, { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" }), []);
    cloud.plan(west, SUBNET, "a", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" });
    assert.throws(() => cloud.plan(west, SUBNET, "b", { vpcId: UNKNOWN, cidrBlock: "10.0.1.0/24" }), /overlaps/);
  });

  it("refuse a name that is taken, also by what the same preview plans", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    cloud.create(west, REPOSITORY, "first", { name: "images" });
    assert.match(
      reasons(cloud.check(west, REPOSITORY, "second", { name: "images" })),
      /^RepositoryAlreadyExistsException: "images" already exists in us-west-2/,
    );
    assert.deepEqual(cloud.check(cloud.aws("us-east-1"), REPOSITORY, "second", { name: "images" }), []);
    assert.deepEqual(cloud.check(west, REPOSITORY, "first", { name: "images" }, { name: "images" }), []);
    assert.throws(
      () => cloud.create(west, REPOSITORY, "first", { name: "images" }),
      /RepositoryAlreadyExistsException/,
    );
    cloud.plan(west, REPOSITORY, "one", { name: "new" });
    assert.throws(() => cloud.plan(west, REPOSITORY, "two", { name: "new" }), /"new" is planned twice/);
  });

  it("know a thing by its inputs when the program renamed it", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    const inputs = { vpcId: vpc.id, cidrBlock: "10.0.1.0/24" };
    cloud.create(west, SUBNET, "before", inputs);
    assert.deepEqual(cloud.check(west, SUBNET, "after", inputs, inputs), []);
    assert.match(reasons(cloud.check(west, SUBNET, "other", inputs)), /overlaps/);
  });

  it("turn a policy document into JSON, which the provider takes as an object too", () => {
    const role = "aws:iam/role:Role";
    const cloud = new Clouds(temporaryFolder(), [{ package: "aws", types: [{ token: role, source: "x" }] }]);
    const west = cloud.aws("us-west-2");
    const document = { Version: "2012-10-17", Statement: [] };
    const { inputs, failures } = cloud.checked(west, role, "r", { assumeRolePolicy: document });
    assert.deepEqual(failures, []);
    assert.equal(inputs["assumeRolePolicy"], JSON.stringify(document));
    const planned = cloud.checked(west, role, "r", { assumeRolePolicy: { ...document, Id: UNKNOWN } });
    assert.equal(planned.inputs["assumeRolePolicy"], UNKNOWN);
  });

  it("refuse a cluster that cannot be reached", () => {
    const cloud = clouds();
    const server = (endpoint: unknown): ReturnType<Clouds["instance"]> =>
      cloud.instance("kubernetes", { kubeconfig: KUBECONFIG(String(endpoint)) });
    assert.match(
      reasons(cloud.check(server("https://nowhere"), NAMESPACE, "n", {})),
      /unreachable: no cluster has the endpoint https:\/\/nowhere/,
    );
    assert.match(
      reasons(cloud.check(cloud.instance("kubernetes"), NAMESPACE, "n", {})),
      /unreachable: .* names no server/,
    );
    const cluster = cloud.create(cloud.aws("us-west-2"), CLUSTER, "c", {
      name: "c",
      roleArn: "r",
      vpcConfig: { subnetIds: [] },
    });
    const here = server(cluster.properties["endpoint"]);
    assert.deepEqual(cloud.check(here, NAMESPACE, "n", {}), []);
    const { inputs } = cloud.checked(here, NAMESPACE, "n", {});
    const metadata = inputs["metadata"] as { name: string; annotations: unknown };
    assert.match(metadata.name, /^n-[0-9a-f]{8}$/);
    assert.deepEqual(metadata.annotations, { "pulumi.com/autonamed": "true" });
    const kept = cloud.checked(here, NAMESPACE, "n", { metadata: { labels: {} } }, inputs).inputs["metadata"];
    assert.deepEqual(kept, { ...metadata, labels: {} });
    cloud.create(here, NAMESPACE, "n", { metadata: { name: "n" } });
    cloud.remove(cloud.aws("us-west-2"), CLUSTER, "c", cluster);
    assert.deepEqual(cloud.cloud.inventory.all(), []);
  });
});

describe("outputs", () => {
  it("are all filled: from the table, defaults, the provider and the inputs", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2", { defaultTags: { tags: { team: "x", a: "1" } } });
    const { properties, id } = cloud.create(west, VPC, "net", { cidrBlock: "10.1.0.0/16", tags: { a: "2" } });
    assert.equal(properties["arn"], `arn:aws:ec2:us-west-2:123456789012:vpc/${id}`);
    assert.deepEqual(properties["tagsAll"], { team: "x", a: "2" });
    assert.equal(properties["ownerId"], "123456789012");
    assert.equal(properties["region"], "us-west-2");
    assert.equal(properties["enableDnsSupport"], true);
    assert.equal(properties["enableDnsHostnames"], false);
  });

  it("that nothing fills are an error which says where to add them", () => {
    const without = new Clouds(temporaryFolder(), [{ package: "aws", types: [{ token: VPC, source: "x" }] }]);
    assert.throws(
      () => without.create(without.aws("us-west-2"), VPC, "net", {}),
      /no value for arn, defaultNetworkAclId, .* of aws:ec2\/vpc:Vpc: add it to "outputs" of its entry in scripts\/rehearsal\/clouds\/tables\/aws\//,
    );
  });

  it("are unknown in the preview of a create where the provider computes them", () => {
    const cloud = clouds();
    const planned = cloud.plan(cloud.aws("us-west-2"), VPC, "net", { cidrBlock: "10.1.0.0/16" });
    assert.equal(planned["arn"], UNKNOWN);
    assert.equal(planned["enableDnsHostnames"], UNKNOWN);
    assert.equal(planned["cidrBlock"], "10.1.0.0/16");
    assert.equal(planned["enableDnsSupport"], true);
    assert.equal(planned["region"], "us-west-2");
  });

  it("stay in an update, in its preview too", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    assert.deepEqual(cloud.planUpdate(west, VPC, "net", { tags: { a: "b" } }, vpc), {
      ...vpc.properties,
      tags: { a: "b" },
      tagsAll: { a: "b" },
    });
    const updated = cloud.update(west, VPC, "net", { tags: { a: "b" } }, vpc);
    assert.deepEqual(updated.properties, { ...vpc.properties, tags: { a: "b" }, tagsAll: { a: "b" } });
  });

  it("keep secrets secret, and what repeats them", () => {
    const cloud = clouds();
    const inputs = { name: "/p", type: "SecureString", value: new Secret("canary-value") };
    const { properties } = cloud.create(cloud.aws("us-west-2"), PARAMETER, "p", inputs);
    assert.deepEqual(properties["value"], new Secret("canary-value"));
    assert.deepEqual(properties["description"], new Secret("holds canary-value"));
    const thing = cloud.cloud.inventory.all()[0];
    assert.equal(thing?.properties["value"], "canary-value");
  });

  it("of what exists only in the state are made anew and never an orphan", () => {
    const cloud = clouds();
    const random = cloud.instance("random");
    const first = cloud.create(random, RANDOM_ID, "id", { byteLength: 4 });
    const second = cloud.create(random, RANDOM_ID, "id", { byteLength: 4 });
    assert.notEqual(first.properties["hex"], second.properties["hex"]);
    assert.deepEqual(cloud.cloud.inventory.all(), []);
    const updated = cloud.update(random, RANDOM_ID, "id", { byteLength: 4, keepers: { a: "b" } }, first);
    assert.equal(updated.properties["hex"], first.properties["hex"]);
  });
});

describe("changes", () => {
  it("of the region replace, wherever they come from", () => {
    const cloud = clouds();
    const vpc = cloud.create(cloud.aws("us-west-2"), VPC, "net", {});
    const { changes } = cloud.diff(cloud.aws("us-east-1"), VPC, "net", vpc, {});
    assert.deepEqual(changes, [{ path: ["region"], kind: "update", replaces: true, output: true }]);
    assert.deepEqual(cloud.diff(cloud.aws("us-east-1"), VPC, "net", vpc, { region: "us-west-2" }).changes, []);
  });

  it("of the provider's own tags update what has tags", () => {
    const cloud = clouds();
    const vpc = cloud.create(cloud.aws("us-west-2"), VPC, "net", {});
    const { changes } = cloud.diff(cloud.aws("us-west-2", { defaultTags: { tags: { a: "b" } } }), VPC, "net", vpc, {});
    assert.deepEqual(changes, [{ path: ["tagsAll"], kind: "update", replaces: false, output: true }]);
  });

  it("to a value that the service has chosen already are none", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    assert.deepEqual(cloud.diff(west, VPC, "net", vpc, { enableDnsSupport: true }).changes, []);
  });

  it("of a thing that is gone are refused", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    cloud.remove(west, VPC, "net", vpc);
    assert.throws(
      () => cloud.update(west, VPC, "net", {}, vpc),
      /NotFound: aws:ec2\/vpc:Vpc vpc-\w+ does not exist any more/,
    );
    cloud.remove(west, VPC, "net", vpc);
  });
});

describe("deletes", () => {
  it("are refused while something still points to the thing", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    const subnet = cloud.create(west, SUBNET, "a", { vpcId: vpc.id });
    assert.throws(
      () => cloud.remove(west, VPC, "net", vpc),
      new RegExp(
        `DependencyViolation: aws:ec2/vpc:Vpc ${vpc.id} cannot be deleted while aws:ec2/subnet:Subnet ${subnet.id} uses it in vpcId`,
      ),
    );
    cloud.remove(west, SUBNET, "a", subnet);
    cloud.remove(west, VPC, "net", vpc);
    assert.deepEqual(cloud.cloud.inventory.all(), []);
  });

  it("are refused in the service's own words", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const repository = cloud.create(west, REPOSITORY, "r", { name: "r" });
    assert.throws(() => cloud.remove(west, REPOSITORY, "r", repository), /RepositoryNotEmptyException: it has images/);
  });

  it("leave behind what stays by design", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const inputs = { name: "/p", type: "String", value: "v", tier: "Advanced" };
    const parameter = cloud.create(west, PARAMETER, "p", inputs);
    cloud.remove(west, PARAMETER, "p", parameter);
    const { inventory } = cloud.cloud;
    assert.deepEqual(
      inventory.retained().map(({ retained }) => retained),
      ["kept for 30 days"],
    );
    assert.deepEqual(inventory.orphans([]), []);
    assert.equal(cloud.read(west, PARAMETER, "p", parameter.id), undefined);
    cloud.create(west, PARAMETER, "p", inputs);
  });

  it("never give an id back", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const first = cloud.create(west, VPC, "net", {});
    cloud.remove(west, VPC, "net", first);
    assert.notEqual(cloud.create(west, VPC, "net", {}).id, first.id);
  });
});

describe("reads", () => {
  it("by id bring back inputs after which nothing is to change", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const inputs = { cidrBlock: "10.1.0.0/16", tags: { a: "b" } };
    const vpc = cloud.create(west, VPC, "net", inputs);
    const imported = cloud.read(west, VPC, "imported", vpc.id);
    assert.ok(imported);
    assert.deepEqual(cloud.diff(west, VPC, "imported", imported, inputs).changes, []);
    assert.equal(cloud.read(cloud.aws("us-east-1"), VPC, "imported", vpc.id), undefined);
    assert.equal(cloud.read(cloud.aws("us-east-1"), VPC, "imported", `${vpc.id}@us-west-2`)?.id, vpc.id);
  });

  it("find what a service made along with something else", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const vpc = cloud.create(west, VPC, "net", {});
    const group = "aws:ec2/securityGroup:SecurityGroup";
    const tables = cloud.cloud.inventory.byId(group, vpc.properties["defaultSecurityGroupId"] as string);
    assert.equal(tables[0]?.broughtBy, vpc.id);
  });
});

describe("quotas", () => {
  it("of a new account apply, name themselves, and count what is freed", () => {
    const cloud = clouds();
    const west = cloud.aws("us-west-2");
    const made = [1, 2, 3, 4, 5].map((n) => cloud.create(west, VPC, `net${n}`, {}));
    assert.throws(
      () => cloud.create(west, VPC, "net6", {}),
      /VpcLimitExceeded: 1 more would exceed the quota "VPCs per Region" \(L-F678F1CE\) of us-west-2, where 5 of 5 are used: .* quotas: \{ us-west-2: \{ vpcs: 6 \} \}/,
    );
    cloud.create(cloud.aws("us-east-1"), VPC, "net6", {});
    const [first] = made;
    assert.ok(first);
    cloud.update(west, VPC, "net1", { tags: {} }, first);
    cloud.remove(west, VPC, "net1", first);
    cloud.create(west, VPC, "net6", {});
    const use = cloud.cloud.quotas.report().find(({ scope }) => scope === "us-west-2");
    assert.deepEqual([use?.quota, use?.code, use?.used, use?.limit, use?.headroom], ["vpcs", "L-F678F1CE", 5, 5, 0]);
  });

  it("are raised for a region or for all", () => {
    const cloud = clouds({ default: { elasticIps: 6 }, "us-east-1": { elasticIps: 1 } });
    for (let n = 0; n < 6; n++) cloud.create(cloud.aws("us-west-2"), ADDRESS, `ip${n}`, {});
    cloud.create(cloud.aws("us-east-1"), ADDRESS, "ip", {});
    assert.throws(() => cloud.create(cloud.aws("us-east-1"), ADDRESS, "more", {}), /AddressLimitExceeded/);
  });
});
