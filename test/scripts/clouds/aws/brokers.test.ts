import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const BROKER = "aws:mq/broker:Broker";

const setting = () => {
  const cloud = new Cloud();
  const { subnetIds, group } = scenery(cloud);
  const inputs: Properties = {
    brokerName: "tracks",
    engineType: "RabbitMQ",
    engineVersion: "4.2",
    autoMinorVersionUpgrade: true,
    deploymentMode: "CLUSTER_MULTI_AZ",
    hostInstanceType: "mq.m7g.large",
    subnetIds,
    securityGroups: [group.id],
    users: [{ username: "tracks", password: "a-long-password" }],
  };
  return { cloud, inputs };
};

describe("AWS: Amazon MQ broker", () => {
  refuses(BROKER, setting, [
    ["a name with a dot", { brokerName: "tracks.prod" }, /letters, digits, - and _/],
    ["a name that is too long", { brokerName: "n".repeat(51) }, /1 to 50 characters/],
    ["a version that is none", { engineVersion: "4.3" }, /write 4\.2 or 3\.13/],
    ["an instance that RabbitMQ 4 does not run on", { hostInstanceType: "mq.m5.large" }, /write an mq\.m7g/],
    ["an instance type that is none", { hostInstanceType: "m7g.large" }, /such as mq\.m7g\.large/],
    ["patches switched off", { autoMinorVersionUpgrade: false }, /needs automatic patches/],
    ["ActiveMQ's way of standing by", { deploymentMode: "ACTIVE_STANDBY_MULTI_AZ" }, /CLUSTER_MULTI_AZ for RabbitMQ/],
    ["several subnets for one instance", { deploymentMode: "SINGLE_INSTANCE" }, /write one subnet/],
    ["a short password", { users: [{ username: "tracks", password: "short" }] }, /12 to 250 characters/],
    [
      "a password with a comma",
      { users: [{ username: "tracks", password: "a,long,password" }] },
      /leave out , : and =/,
    ],
    ["a password of few characters", { users: [{ username: "tracks", password: "ababababababab" }] }, /4 different/],
    ["an audit log", { logs: { audit: "true" } }, /RabbitMQ has no audit log/],
    [
      "a key beside AWS's own",
      { encryptionOptions: { kmsKeyId: "arn:aws:kms:us-west-2:123456789012:key/1" } },
      /write false: a kmsKeyId is given/,
    ],
    [
      "a time that is none",
      { maintenanceWindowStartTime: { dayOfWeek: "SUNDAY", timeOfDay: "4am", timeZone: "UTC" } },
      /such as 04:00/,
    ],
  ]);

  it("refuses a cluster in one zone", () => {
    const { cloud, inputs } = setting();
    const [subnet] = inputs["subnetIds"] as string[];
    assert.match(cloud.refusals(BROKER, { ...inputs, subnetIds: [subnet] }).join(), /zones/);
  });

  it("answers by TLS at a name of its own, and keeps the users secret", () => {
    const { cloud, inputs } = setting();
    const broker = cloud.make(BROKER, inputs);
    assert.match(broker.id, /^b-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(broker.properties["instances"], [
      {
        consoleUrl: `https://${broker.id}.mq.us-west-2.on.aws`,
        endpoints: [`amqps://${broker.id}.mq.us-west-2.on.aws:5671`],
        ipAddress: "",
      },
    ]);
    assert.equal(broker.properties["arn"], `arn:aws:mq:us-west-2:123456789012:broker:tracks:${broker.id}`);
  });
});
