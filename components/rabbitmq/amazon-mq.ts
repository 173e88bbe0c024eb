import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed } from "@groundwork/lib/names";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import type { Rabbitmq, RabbitmqSpec } from "./spec.ts";

export interface AmazonMqArgs {
  readonly spec: RabbitmqSpec;
  readonly vpcId: pulumi.Input<string>;
  /** Where its endpoints are: in two zones at least, with no way to the internet. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: pulumi.Input<string>;
  /** ARN of the key for data at rest; cannot change. */
  readonly keyArn: pulumi.Input<string>;
  /** Of each of the three nodes, e.g. `mq.m7g.large` (about US$ 210 a month each); RabbitMQ 4 runs on m7g only. */
  readonly instanceType: string;
  /** Whether the broker refuses deletion by Pulumi; Amazon MQ itself has no such switch. */
  readonly protect: boolean;
  /** When AWS may restart nodes one by one, UTC; default Sundays 04:00, within the maintenance window of the systems. */
  readonly maintenance?: { readonly day: Day; readonly time: `${number}:${number}` };
}

export type Day = "MONDAY" | "TUESDAY" | "WEDNESDAY" | "THURSDAY" | "FRIDAY" | "SATURDAY" | "SUNDAY";

/** https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html */
const ENGINE_VERSION = "4.2";
const AMQPS = 5671;
const CONSOLE = 443;
/** https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers.html */
const NAME_LIMIT = 50;
/** The one virtual host that is there from the start; more need the broker's own API, from within the VPC. */
const VHOST = "/";

/**
 * RabbitMQ by Amazon MQ: three nodes over the zones, which AWS replaces and upgrades, reached by TLS only. Queues are
 * quorum queues unless their clients say otherwise, as is RabbitMQ 4's default there. It is one region's own, as the one
 * in the cluster is: see {@link rabbitmqPromotion}.
 *
 * Amazon MQ takes users at creation only: the password of an existing broker is changed in its console. Clients declare
 * their queues, in the virtual host `/`.
 */
export class AmazonMq extends pulumi.ComponentResource implements Rabbitmq {
  readonly endpoint: Endpoint;
  readonly management: Endpoint;
  readonly tls = true;
  readonly vhost = VHOST;
  readonly user: string;
  readonly secret: pulumi.Output<string>;

  constructor(name: string, args: AmazonMqArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:rabbitmq:AmazonMq", name, {}, opts);
    check(name, args);
    this.user = args.spec.vhost;
    this.secret = password(`${name}-password`, { parent: this });
    const group = createSecurityGroup(name, args, this);
    const broker = createBroker(name, args, { group, user: this.user, password: this.secret }, this);
    const host = broker.instances.apply(([node]) => new URL(node?.endpoints[0] ?? "").hostname);
    this.endpoint = { host, port: AMQPS };
    this.management = { host, port: CONSOLE };
    this.registerOutputs({ endpoint: host });
  }
}

function check(name: string, { spec, subnetIds, instanceType }: AmazonMqArgs): void {
  if (spec.topology !== undefined)
    throw new BadInput(
      `${name}: topology is given, but Amazon MQ has no queues before clients declare them; leave it out, or run RabbitMQ by the operator.`,
    );
  if (subnetIds.length < 2)
    throw new BadInput(`${name}: subnetIds has ${subnetIds.length}; write two or three, each in a zone of its own.`);
  if (!instanceType.startsWith("mq.m7g."))
    throw new BadInput(`${name}: the instance type is ${instanceType}; write one for RabbitMQ 4, e.g. "mq.m7g.large".`);
}

function createSecurityGroup(name: string, args: AmazonMqArgs, parent: pulumi.Resource): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-broker`,
    { description: `RabbitMQ of ${name}`, vpcId: args.vpcId, tags: { Name: name } },
    { parent },
  );
  for (const [what, port] of Object.entries({ amqps: AMQPS, console: CONSOLE })) {
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${what}-from-nodes`,
      {
        securityGroupId: group.id,
        description: `RabbitMQ (${what}) from the nodes`,
        referencedSecurityGroupId: args.clientGroupId,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
      },
      { parent },
    );
  }
  return group;
}

interface Surroundings {
  readonly group: aws.ec2.SecurityGroup;
  readonly user: string;
  readonly password: pulumi.Output<string>;
}

function createBroker(
  name: string,
  { subnetIds, keyArn, instanceType, protect, maintenance = { day: "SUNDAY", time: "04:00" } }: AmazonMqArgs,
  around: Surroundings,
  parent: pulumi.Resource,
): aws.mq.Broker {
  return new aws.mq.Broker(
    autoNamed(name, NAME_LIMIT),
    {
      engineType: "RabbitMQ",
      engineVersion: ENGINE_VERSION,
      // patches only: of RabbitMQ 4 Amazon MQ refuses a broker that does not take them by itself
      autoMinorVersionUpgrade: true,
      deploymentMode: "CLUSTER_MULTI_AZ",
      hostInstanceType: instanceType,
      storageType: "ebs",
      publiclyAccessible: false,
      subnetIds: [...subnetIds],
      securityGroups: [around.group.id],
      encryptionOptions: { useAwsOwnedKey: false, kmsKeyId: keyArn },
      users: [{ username: around.user, password: around.password }],
      logs: { general: true },
      maintenanceWindowStartTime: { dayOfWeek: maintenance.day, timeOfDay: maintenance.time, timeZone: "UTC" },
    },
    { parent, protect },
  );
}
