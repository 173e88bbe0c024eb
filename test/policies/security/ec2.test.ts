import assert from "node:assert/strict";
import { clientVpnLogged } from "../../../policies/security/ec2/client-vpn-logged.ts";
import { imageIsHardwareVirtualized } from "../../../policies/security/ec2/image-is-hardware-virtualized.ts";
import { imagesAndSnapshotsPrivate } from "../../../policies/security/ec2/images-and-snapshots-private.ts";
import { instanceHasOneInterface } from "../../../policies/security/ec2/instance-has-one-interface.ts";
import { instanceMetadataHopLimit } from "../../../policies/security/ec2/instance-metadata-hop-limit.ts";
import { instanceMetadataRequiresToken } from "../../../policies/security/ec2/instance-metadata-requires-token.ts";
import { instanceRootDiskEncrypted } from "../../../policies/security/ec2/instance-root-disk-encrypted.ts";
import { instanceWithoutPublicAddress } from "../../../policies/security/ec2/instance-without-public-address.ts";
import { sourceDestinationChecked } from "../../../policies/security/ec2/source-destination-checked.ts";
import { userDataHoldsNoSecret } from "../../../policies/security/ec2/user-data-holds-no-secret.ts";
import { volumeEncrypted } from "../../../policies/security/ec2/volume-encrypted.ts";
import { volumeEncryptionByDefault } from "../../../policies/security/ec2/volume-encryption-by-default.ts";
import { vpnConnectionUsesCurrentIke } from "../../../policies/security/ec2/vpn-connection-uses-current-ike.ts";
import { vpnConnectionLogged } from "../../../policies/security/ec2/vpn-connection-logged.ts";
import { describePolicy } from "../cases.ts";
import { changed } from "../fixtures.ts";
import { type Fake, remediated, say, UNKNOWN } from "../harness.ts";

const METADATA = { httpTokens: "required", httpPutResponseHopLimit: 1 };

const INSTANCES: readonly Fake[] = [
  {
    type: "aws:ec2/instance:Instance",
    name: "runner",
    props: {
      subnetId: "subnet-1",
      associatePublicIpAddress: false,
      metadataOptions: METADATA,
      rootBlockDevice: { encrypted: true },
      ebsBlockDevices: [{ deviceName: "/dev/sdb", encrypted: true }],
      sourceDestCheck: true,
    },
  },
  {
    type: "aws:ec2/instance:Instance",
    name: "from-template",
    props: { launchTemplate: { id: "lt-1" }, subnetId: "subnet-1" },
  },
  {
    type: "aws:ec2/launchTemplate:LaunchTemplate",
    name: "template",
    props: {
      metadataOptions: METADATA,
      blockDeviceMappings: [
        { deviceName: "/dev/xvda", ebs: { encrypted: "true" } },
        { deviceName: "/dev/sdc", noDevice: "" },
      ],
      networkInterfaces: [{ associatePublicIpAddress: "false" }],
    },
  },
  {
    type: "aws:ec2/launchConfiguration:LaunchConfiguration",
    name: "configuration",
    props: { metadataOptions: METADATA, rootBlockDevice: { encrypted: true }, associatePublicIpAddress: false },
  },
  {
    type: "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
    name: "class",
    props: {
      spec: {
        metadataOptions: { ...METADATA },
        blockDeviceMappings: [{ ebs: { encrypted: true, volumeSize: "50Gi" } }],
      },
    },
  },
  {
    type: "aws:ec2/spotFleetRequest:SpotFleetRequest",
    name: "fleet",
    props: { launchSpecifications: [{ rootBlockDevices: [{ encrypted: true }], ebsBlockDevices: [] }] },
  },
  { type: "aws:ebs/volume:Volume", name: "disk", props: { encrypted: true } },
  { type: "aws:ebs/snapshotCopy:SnapshotCopy", name: "copy", props: { encrypted: true } },
  { type: "aws:ebs/encryptionByDefault:EncryptionByDefault", name: "default", props: { enabled: true } },
  { type: "aws:ec2/eip:Eip", name: "address", props: { domain: "vpc" } },
  { type: "aws:ec2/networkInterface:NetworkInterface", name: "interface", props: { sourceDestCheck: true } },
  { type: "aws:ec2/ami:Ami", name: "ami", props: { virtualizationType: "hvm" } },
  { type: "aws:ec2/amiLaunchPermission:AmiLaunchPermission", name: "image", props: { accountId: "123456789012" } },
  {
    type: "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission",
    name: "snapshot",
    props: { accountId: "123456789012" },
  },
  {
    type: "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    name: "block",
    props: { state: "block-all-sharing" },
  },
];

const LOG = {
  cloudwatchLogOptions: { logEnabled: true, logGroupArn: "arn:aws:logs:eu-west-1:123456789012:log-group:v" },
};

const VPN: readonly Fake[] = [
  {
    type: "aws:ec2/vpnConnection:VpnConnection",
    name: "vpn",
    props: {
      tunnel1LogOptions: LOG,
      tunnel2LogOptions: LOG,
      tunnel1IkeVersions: ["ikev2"],
      tunnel2IkeVersions: ["ikev2"],
    },
  },
  {
    type: "aws:ec2clientvpn/endpoint:Endpoint",
    name: "clients",
    props: { connectionLogOptions: { enabled: true, cloudwatchLogGroup: "vpn" } },
  },
];

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("policies on EC2 instances and disks", () => {
  describePolicy({
    policy: instanceMetadataRequiresToken,
    compliant: INSTANCES,
    breaks: [
      { path: "runner/metadataOptions", value: undefined, says: /metadataOptions\.httpTokens is not set/ },
      {
        path: "runner/metadataOptions/httpTokens",
        value: "optional",
        says: /httpTokens is optional; write "required"/,
      },
      { path: "template/metadataOptions", value: undefined, says: /not set, which lets version 1 answer/ },
      { path: "configuration/metadataOptions", value: {}, says: /not set/ },
      { path: "from-template/metadataOptions", value: { httpTokens: "optional" }, says: /is optional/ },
      {
        path: "class/spec/metadataOptions/httpTokens",
        value: "optional",
        says: /spec\.metadataOptions\.httpTokens is optional/,
      },
    ],
    passes: [
      { path: "class/spec/metadataOptions", value: undefined },
      { path: "template/metadataOptions", value: { httpEndpoint: "disabled" } },
    ],
    undecided: ["runner/metadataOptions", "template/metadataOptions/httpTokens"],
  });

  it("instance-metadata-requires-token keeps the other metadata options when it mends one", () => {
    const [broken] = changed("runner/metadataOptions/httpTokens", "optional", INSTANCES);
    assert.ok(broken);
    assert.deepEqual(remediated(instanceMetadataRequiresToken, broken)?.metadataOptions, METADATA);
  });

  describePolicy({
    policy: instanceMetadataHopLimit,
    compliant: INSTANCES,
    breaks: [
      {
        path: "template/metadataOptions/httpPutResponseHopLimit",
        value: 2,
        says: /metadataOptions\.httpPutResponseHopLimit is 2, above the 1 of instance-metadata-hop-limit\.maxHops/,
      },
      { path: "class/spec/metadataOptions/httpPutResponseHopLimit", value: 3, says: /spec\.metadataOptions.* is 3/ },
    ],
    passes: [{ path: "runner/metadataOptions/httpPutResponseHopLimit", value: undefined }],
    undecided: ["template/metadataOptions/httpPutResponseHopLimit"],
  });

  describePolicy({
    policy: volumeEncrypted,
    compliant: INSTANCES,
    breaks: [
      { path: "disk/encrypted", value: undefined, says: /^encrypted is not set; write true/ },
      { path: "disk/encrypted", value: false, says: /^encrypted is false; write true/ },
      { path: "copy/encrypted", value: false, says: /^encrypted is false/ },
      { path: "runner/rootBlockDevice", value: {}, says: /rootBlockDevice\.encrypted is not set/ },
      { path: "runner/ebsBlockDevices/0/encrypted", value: false, says: /ebsBlockDevices\[0\]\.encrypted is false/ },
      {
        path: "template/blockDeviceMappings/0/ebs/encrypted",
        value: "false",
        says: /blockDeviceMappings\[0\]\.ebs\.encrypted is false/,
      },
      {
        path: "configuration/rootBlockDevice/encrypted",
        value: undefined,
        says: /rootBlockDevice\.encrypted is not set/,
      },
      {
        path: "class/spec/blockDeviceMappings/0/ebs/encrypted",
        value: undefined,
        says: /spec\.blockDeviceMappings\[0\]\.ebs\.encrypted is not set/,
      },
      {
        path: "fleet/launchSpecifications/0/ebsBlockDevices",
        value: [{ encrypted: false }],
        says: /launchSpecifications\[0\]\.ebsBlockDevices\[0\]\.encrypted is false/,
      },
    ],
    passes: [
      { path: "runner/rootBlockDevice", value: undefined },
      { path: "template/blockDeviceMappings", value: undefined },
      { path: "configuration/rootBlockDevice", value: undefined },
    ],
    undecided: [
      "disk/encrypted",
      "runner/rootBlockDevice",
      "template/blockDeviceMappings/0/ebs/encrypted",
      "template/blockDeviceMappings",
      "fleet/launchSpecifications",
    ],
  });

  describePolicy({
    policy: instanceRootDiskEncrypted,
    compliant: INSTANCES.filter(({ name }) => name !== "default"),
    breaks: [
      {
        path: "runner/rootBlockDevice",
        value: undefined,
        says: /^rootBlockDevice is not written and the stack makes no aws\.ebs\.EncryptionByDefault/,
      },
    ],
    passes: [
      { path: "runner/rootBlockDevice", value: UNKNOWN },
      { path: "from-template/launchTemplate", value: UNKNOWN },
    ],
  });
  describePolicy({
    policy: instanceRootDiskEncrypted,
    compliant: changed("runner/rootBlockDevice", undefined, INSTANCES),
    breaks: [{ path: "default/enabled", value: false, says: /^rootBlockDevice is not written/ }],
    passes: [
      { path: "default/enabled", value: undefined },
      { path: "default/enabled", value: UNKNOWN },
    ],
  });

  it("remediations leave alone what is not known yet", () => {
    for (const [policy, path] of [
      [instanceMetadataRequiresToken, "runner/metadataOptions"],
      [instanceMetadataRequiresToken, "template/metadataOptions/httpTokens"],
      [volumeEncrypted, "disk/encrypted"],
      [volumeEncrypted, "template/blockDeviceMappings"],
      [volumeEncryptionByDefault, "default/enabled"],
    ] as const) {
      for (const resource of changed(path, UNKNOWN, INSTANCES)) {
        assert.equal(remediated(policy, resource), undefined, `${policy.name} ${path}`);
      }
    }
  });

  it("volume-encrypted mends a launch template in text, as its schema wants it", () => {
    const broken = changed("template/blockDeviceMappings/0/ebs/encrypted", undefined, INSTANCES);
    const template = broken.find(({ name }) => name === "template");
    assert.ok(template);
    const mended = remediated(volumeEncrypted, template)?.blockDeviceMappings;
    assert.deepEqual(mended, [
      { deviceName: "/dev/xvda", ebs: { encrypted: "true" } },
      { deviceName: "/dev/sdc", noDevice: "" },
    ]);
  });

  describePolicy({
    policy: volumeEncryptionByDefault,
    compliant: INSTANCES,
    breaks: [{ path: "default/enabled", value: false, says: /enabled is false/ }],
    passes: [{ path: "default/enabled", value: undefined }],
    undecided: ["default/enabled"],
  });

  describePolicy({
    policy: instanceWithoutPublicAddress,
    compliant: INSTANCES,
    breaks: [
      { path: "runner/associatePublicIpAddress", value: true, says: /associatePublicIpAddress is true; write false/ },
      { path: "configuration/associatePublicIpAddress", value: true, says: /associatePublicIpAddress is true/ },
      {
        path: "template/networkInterfaces/0/associatePublicIpAddress",
        value: "true",
        says: /networkInterfaces\[0\]\.associatePublicIpAddress is true/,
      },
      { path: "address/instance", value: "i-1", says: /instance gives an instance a public address/ },
      { path: "address/instance", value: UNKNOWN, says: /instance gives an instance a public address/ },
    ],
    passes: [
      { path: "runner/associatePublicIpAddress", value: undefined },
      { path: "template/networkInterfaces", value: undefined },
    ],
    undecided: ["runner/associatePublicIpAddress", "template/networkInterfaces"],
  });

  it("instance-without-public-address finds an instance that starts in the default VPC", () => {
    const props = { ami: "ami-1" };
    const lost: Fake = { type: "aws:ec2/instance:Instance", name: "lost", props };
    assert.match(say(instanceWithoutPublicAddress, [lost]).join(), /^mandatory: No subnetId is set/);
    assert.deepEqual(say(instanceWithoutPublicAddress, [{ ...lost, props: { ...props, subnetId: UNKNOWN } }]), []);
  });

  describePolicy({
    policy: userDataHoldsNoSecret,
    compliant: INSTANCES,
    breaks: [
      {
        path: "runner/userData",
        value: "export DB_PASSWORD=canary-0123\n",
        says: /userData gives DB_PASSWORD a value/,
      },
      { path: "template/userData", value: base64("curl postgres://me:canary@db/shop"), says: /holds a key or a login/ },
      {
        path: "runner/userDataBase64",
        value: base64("API_KEY='canary'"),
        says: /userDataBase64 gives API_KEY a value/,
      },
    ],
    passes: [
      { path: "runner/userData", value: "export DB_PASSWORD=$(aws secretsmanager get-secret-value)\nREGION=eu-west-1" },
      { path: "template/userData", value: base64("#!/bin/bash\nsystemctl enable amazon-ssm-agent\n") },
    ],
    undecided: ["runner/userData", "template/userData"],
  });

  it("user-data-holds-no-secret never says the secret", () => {
    const found = say(userDataHoldsNoSecret, changed("runner/userData", "DB_PASSWORD=canary-0123", INSTANCES));
    assert.ok(!found.join().includes("canary"));
  });

  describePolicy({
    policy: instanceHasOneInterface,
    compliant: INSTANCES,
    breaks: [
      { path: "template/networkInterfaces", value: [{}, {}], says: /networkInterfaces lists 2 interfaces; write one/ },
      { path: "runner/networkInterfaces", value: [UNKNOWN, UNKNOWN, UNKNOWN], says: /lists 3 interfaces/ },
    ],
    undecided: ["template/networkInterfaces"],
  });

  describePolicy({
    policy: imageIsHardwareVirtualized,
    compliant: INSTANCES,
    breaks: [
      { path: "ami/virtualizationType", value: undefined, says: /not set, which means paravirtual; write "hvm"/ },
      { path: "ami/virtualizationType", value: "paravirtual", says: /is paravirtual/ },
    ],
    undecided: ["ami/virtualizationType"],
  });

  describePolicy({
    policy: sourceDestinationChecked,
    compliant: INSTANCES,
    breaks: [
      { path: "interface/sourceDestCheck", value: false, says: /sourceDestCheck is false; write true/ },
      { path: "runner/sourceDestCheck", value: false, says: /take a NAT gateway/ },
    ],
    undecided: ["interface/sourceDestCheck"],
  });

  describePolicy({
    policy: imagesAndSnapshotsPrivate,
    compliant: INSTANCES,
    breaks: [
      { path: "image/group", value: "all", says: /group is all, which lets every AWS account in; name the accountId/ },
      { path: "snapshot/accountId", value: "all", says: /accountId is all/ },
      { path: "block/state", value: "unblocked", says: /state is unblocked.*write "block-all-sharing"/ },
    ],
    undecided: ["image/group", "block/state"],
  });
});

describe("policies on VPNs", () => {
  describePolicy({
    policy: vpnConnectionLogged,
    compliant: VPN,
    breaks: [
      {
        path: "vpn/tunnel2LogOptions",
        value: undefined,
        says: /^tunnel2LogOptions\.cloudwatchLogOptions\.logEnabled is not true/,
      },
      { path: "vpn/tunnel1LogOptions/cloudwatchLogOptions/logEnabled", value: false, says: /^tunnel1LogOptions/ },
    ],
    undecided: ["vpn/tunnel1LogOptions"],
  });

  describePolicy({
    policy: vpnConnectionUsesCurrentIke,
    compliant: VPN,
    breaks: [
      { path: "vpn/tunnel1IkeVersions", value: undefined, says: /tunnel1IkeVersions is not set; write \["ikev2"\]/ },
      { path: "vpn/tunnel2IkeVersions", value: ["ikev1", "ikev2"], says: /tunnel2IkeVersions is ikev1, ikev2/ },
    ],
    undecided: ["vpn/tunnel1IkeVersions"],
  });

  describePolicy({
    policy: clientVpnLogged,
    compliant: VPN,
    breaks: [
      { path: "clients/connectionLogOptions", value: undefined, says: /connectionLogOptions\.enabled is not true/ },
      { path: "clients/connectionLogOptions/enabled", value: false, says: /write true and a cloudwatchLogGroup/ },
    ],
    undecided: ["clients/connectionLogOptions"],
  });
});
