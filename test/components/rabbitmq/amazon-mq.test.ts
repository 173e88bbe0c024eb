import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AmazonMq } from "../../../components/rabbitmq/amazon-mq.ts";
import type { AmazonMqArgs } from "../../../components/rabbitmq/amazon-mq.ts";
import { rabbitmqConnection } from "../../../components/rabbitmq/spec.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret } from "../../helpers/secret.ts";

const HOST = "b-0a1b2c3d-0000-1111-2222-333344445555.mq.us-west-2.on.aws";
const ARGS: AmazonMqArgs = {
  spec: { vhost: "tracks", size: { cpu: 2, memory: "8Gi" } },
  vpcId: "vpc-0a",
  subnetIds: ["subnet-0a", "subnet-0b", "subnet-0c"],
  clientGroupId: "sg-0a",
  keyArn: "arn:aws:kms:us-west-2:123456789012:key/1",
  instanceType: "mq.m7g.large",
  protect: true,
};

async function deployed(changes: Partial<AmazonMqArgs> = {}) {
  const tiers: AmazonMq[] = [];
  const resources = await registered(
    () => {
      const providers = [new aws.Provider("aws", { region: "us-west-2" })];
      tiers.push(new AmazonMq("us-west-2-tracks-rabbitmq", { ...ARGS, ...changes }, { providers }));
    },
    {
      "random:index/randomPassword:RandomPassword": () => ({ result: "canary" }),
      "aws:ec2/securityGroup:SecurityGroup": () => ({}),
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
      "aws:mq/broker:Broker": () => ({
        instances: [{ consoleUrl: `https://${HOST}`, endpoints: [`amqps://${HOST}:5671`], ipAddress: "" }],
      }),
    },
  );
  const [tier] = tiers;
  assert.ok(tier);
  return { tier, resources };
}

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("RabbitMQ by Amazon MQ", () => {
  it("has the interface of every RabbitMQ, by TLS", async () => {
    const { tier } = await deployed();
    assert.equal(await value(tier.endpoint.host), HOST);
    const { environment, secrets } = rabbitmqConnection(tier);
    assert.equal(environment.RABBITMQ_PORT, "5671");
    assert.equal(environment.RABBITMQ_TLS, "true");
    assert.equal(environment.RABBITMQ_VHOST, "/");
    assert.equal(await pulumi.isSecret(secrets.RABBITMQ_PASSWORD as pulumi.Output<string>), true);
  });

  it("is a private cluster over the zones with our key, its log kept and its users secret", async () => {
    const broker = (await deployed()).resources.find(({ type }) => type === "aws:mq/broker:Broker");
    assert.ok(broker?.provider);
    const { users, ...inputs } = broker.inputs;
    assert.equal(isSecret(users), true);
    assert.equal(inputs.deploymentMode, "CLUSTER_MULTI_AZ");
    assert.equal(inputs.publiclyAccessible, false);
    assert.equal(inputs.autoMinorVersionUpgrade, true);
    assert.deepEqual(inputs.encryptionOptions, { useAwsOwnedKey: false, kmsKeyId: ARGS.keyArn });
    assert.deepEqual(inputs.logs, { general: true });
    assert.deepEqual(inputs.maintenanceWindowStartTime, { dayOfWeek: "SUNDAY", timeOfDay: "04:00", timeZone: "UTC" });
  });

  it("opens AMQPS and the console to the nodes, and nothing to anybody else", async () => {
    const rules = (await deployed()).resources.filter(({ type }) => type.includes("IngressRule"));
    assert.deepEqual(
      rules.map(({ inputs }) => [inputs.fromPort, inputs.referencedSecurityGroupId]),
      [
        [5671, "sg-0a"],
        [443, "sg-0a"],
      ],
    );
  });

  it("refuses what Amazon MQ cannot do", async () => {
    const topology = { queues: [{ name: "tracks.raw" }] };
    await assert.rejects(
      deployed({ spec: { ...ARGS.spec, topology } }),
      /leave it out, or run RabbitMQ by the operator/,
    );
    await assert.rejects(deployed({ subnetIds: ["subnet-0a"] }), /subnetIds has 1; write two or three/);
    await assert.rejects(deployed({ instanceType: "mq.m5.large" }), /write one for RabbitMQ 4/);
  });
});
