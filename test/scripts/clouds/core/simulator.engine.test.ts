import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { urnTagValue, URN_TAG } from "@groundwork/lib/identity";
import { parseFault } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { type Declared, inRegion, Stack } from "./stack.ts";
import { ADDRESS, PARAMETER, RANDOM_ID, REPOSITORY, SUBNET, VPC } from "./tables.ts";

const URN = (token: string, name: string): string => `urn:pulumi:test::small::${token}::${name}`;
const CANARY = "canary-9c41e7";

function network(cidrBlock = "10.0.1.0/24"): Declared[] {
  return [
    { token: VPC, name: "net", inputs: { cidrBlock: "10.0.0.0/16" } },
    { token: SUBNET, name: "a", inputs: { vpcId: { $ref: "net.id" }, cidrBlock } },
  ];
}

describe("simulated clouds behind the real engine", () => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await Stack.start();
  });

  afterEach(() => stack.stop());

  it("refuse bad inputs in the preview, with the property's path", async () => {
    const value = { $secret: `${CANARY}-too-long-for-it` };
    const cases: readonly (readonly [Declared, RegExp])[] = [
      [
        { token: VPC, name: "net", inputs: { cidrBlock: "10.0.0.0/8" } },
        /"cidrBlock" is "10\.0\.0\.0\/8": write a block/,
      ],
      [{ token: SUBNET, name: "a", inputs: { vpcid: "vpc-404" } }, /"vpcid" is not a property .* mean "vpcId"\?/],
      [
        { token: PARAMETER, name: "p", inputs: { type: "String", name: "/p", value } },
        /"value" is \[secret\]: write at most 20 characters/,
      ],
    ];
    for (const [resource, reason] of cases) {
      stack.declare(inRegion("us-west-2", [resource]));
      const { ok, text } = await stack.preview();
      assert.equal(ok, false);
      assert.match(text, reason);
      assert.ok(!text.includes(CANARY), text);
    }
    stack.declare([{ token: VPC, name: "net" }]);
    assert.match((await stack.preview()).text, /the aws provider has no "region"/);
    assert.deepEqual(stack.simulator.inventory.all(), []);
  });

  it("show what is known before it happens, deploy it, find nothing to change, and tear it down", async () => {
    const resources = inRegion("us-west-2", [
      ...network(),
      { token: RANDOM_ID, name: "id", inputs: { byteLength: 4 } },
      { token: PARAMETER, name: "p", inputs: { name: "/p", type: "SecureString", value: { $secret: CANARY } } },
    ]).map((resource) => (resource.token === RANDOM_ID ? { ...resource, provider: undefined } : resource));
    const outputs = { arn: { $ref: "net.arn" }, tenancy: { $ref: "net.instanceTenancy" } };
    stack.declare(resources, { ...outputs, told: { $ref: "p.description" } });
    const preview = await stack.preview();
    assert.match(preview.text, /arn +: \[unknown\]/);
    assert.match(preview.text, /tenancy: "default"/);
    assert.ok((await stack.up()).ok);
    await stack.restart();
    assert.match((await stack.up()).text, /6 unchanged/);
    assert.match((await stack.pulumi(["refresh", "--yes", "--skip-preview", "--stack", "test"])).text, /6 unchanged/);
    assert.match((await stack.preview()).text, /6 unchanged/);
    assert.deepEqual(stack.simulator.inventory.orphans(await stack.state()), []);
    assert.ok((await stack.destroy()).ok);
    assert.deepEqual(stack.simulator.inventory.all(), []);
    assert.deepEqual(filesHolding(stack.folder, CANARY), ["program.json"]);
  });

  it("replace with the new thing first, or the old one first where the name is fixed", async () => {
    const repository = (encryptionType: string): Declared => ({
      token: REPOSITORY,
      name: "images",
      inputs: { name: "images", forceDelete: true, encryptionConfigurations: [{ encryptionType }] },
    });
    stack.declare(inRegion("us-west-2", [...network(), repository("AES256")]));
    assert.ok((await stack.up()).ok);
    const order: string[] = [];
    await stack.restart({ onOperation: ({ kind, urn }) => order.push(`${kind} ${urn.split("::").at(-1)}`) });
    stack.declare(inRegion("us-west-2", [...network("10.0.2.0/24"), repository("KMS")]));
    const preview = await stack.preview();
    assert.match(preview.text, /2 to replace/);
    const { ok, text } = await stack.up();
    assert.ok(ok, text);
    assert.ok(order.indexOf("create a") < order.indexOf("delete a"), order.join());
    assert.ok(order.indexOf("delete images") < order.indexOf("create images"), order.join());
    assert.deepEqual(stack.simulator.mayReplace, []);
    assert.equal(stack.simulator.operations, 4);
  });

  it("import what exists, after which nothing is to change", async () => {
    stack.declare(inRegion("us-west-2", network()));
    assert.ok((await stack.up()).ok);
    const vpc = stack.simulator.inventory.all().find(({ token }) => token === VPC);
    assert.ok(vpc);
    assert.ok(
      (await stack.pulumi(["state", "delete", URN(VPC, "net"), "--target-dependents", "--yes", "--stack", "test"])).ok,
    );
    assert.equal(stack.simulator.inventory.orphans(await stack.state()).length, 2);
    const [provider, net] = inRegion("us-west-2", network());
    stack.declare([provider as Declared, { ...(net as Declared), options: { import: vpc.id } }]);
    const { ok, text } = await stack.up();
    assert.ok(ok, text);
    assert.match(text, /1 imported/);
    stack.declare([provider as Declared, net as Declared]);
    assert.match((await stack.preview()).text, /3 unchanged/);
  });

  it("fail before or after the effect, and the engine knows of what was made", async () => {
    stack.declare(inRegion("us-west-2", network()));
    stack.simulator.resetOperations([parseFault(`fail@${VPC}`)]);
    const before = await stack.up();
    assert.match(before.text, /InternalFailure: .* operation #1, before it took effect/);
    assert.deepEqual(stack.simulator.inventory.all(), []);
    stack.simulator.resetOperations([parseFault("throttle:after@*::net")]);
    const after = await stack.up();
    assert.match(after.text, /ThrottlingException: Rate exceeded/);
    assert.deepEqual(stack.simulator.inventory.orphans(await stack.state()), []);
    const vpc = (await stack.state()).find(({ type }) => type === VPC);
    assert.equal(vpc?.initErrors?.length, 1);
    const { ok, text } = await stack.up();
    assert.ok(ok, text);
    assert.equal(stack.simulator.inventory.all().filter(({ token }) => token === VPC).length, 1);
  });

  it("hang until the engine is interrupted, and lose nothing", async () => {
    let hung = (): void => undefined;
    const started = new Promise<void>((resolve) => (hung = resolve));
    await stack.restart({ faults: [parseFault(`hang:after@${VPC}`)], onOperation: () => hung() });
    stack.declare(inRegion("us-west-2", network()));
    const { ok } = await stack.pulumi(["up", "--yes", "--skip-preview", "--stack", "test"], () => started);
    assert.equal(ok, false);
    assert.deepEqual(stack.simulator.inventory.orphans(await stack.state()), []);
    assert.equal(stack.simulator.inventory.all().filter(({ token }) => token === VPC).length, 1);
    assert.ok((await stack.up()).ok);
  });

  it("lose power: the thing is there, the engine does not know, and it can be looked up by tag or name", async () => {
    const tags = { [URN_TAG]: urnTagValue(URN(VPC, "net")) };
    stack.declare(
      inRegion("us-west-2", [
        { token: VPC, name: "net", inputs: { tags } },
        { token: PARAMETER, name: "p", inputs: { name: "/p", type: "String", value: "v" }, options: { dependsOn: [] } },
        { token: ADDRESS, name: "ip" },
      ]),
    );
    stack.simulator.resetOperations([parseFault("power:after@#3")]);
    assert.equal((await stack.up()).ok, false);
    const things = stack.simulator.inventory.all().filter(({ broughtBy }) => broughtBy === undefined);
    assert.equal(things.length, 3);
    await stack.restart();
    const vpc = things.find(({ token }) => token === VPC);
    const { simulator } = stack;
    assert.deepEqual(simulator.lookUp(URN(VPC, "net"), VPC, {}), { id: vpc?.id });
    assert.equal(simulator.lookUp(URN(VPC, "net"), VPC, {}, [String(vpc?.id)]), undefined);
    assert.deepEqual(simulator.lookUp(URN(PARAMETER, "p"), PARAMETER, { name: "/p" }), { id: "/p" });
    assert.equal(simulator.lookUp(URN(ADDRESS, "ip"), ADDRESS, {}), undefined);
  });
});

/** Files of the project, its backend and its inventory in which a text stands. */
function filesHolding(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.includes("node_modules") && existsSync(path) && readFileSync(path, "latin1").includes(text))
    .map((path) => path.slice(folder.length + 1));
}
