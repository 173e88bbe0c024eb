import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import { ClientTrust } from "../../components/cluster/client-trust.ts";
import type { GatewayTarget } from "../../components/cluster/ingress-gateway.ts";
import type { Route } from "../../components/cluster/ingress-node-ports.ts";
import { RegionalIngress } from "../../components/cluster/ingress.ts";
import type { IngressBackend, RegionalIngressArgs } from "../../components/cluster/ingress.ts";
import type { RegionalCluster } from "../../components/cluster/regional-cluster.ts";
import { registered } from "../helpers/mocks.ts";
import type { Outputs, Registered } from "../helpers/mocks.ts";

const nothing = () => ({});
const arn = (_inputs: object, name: string) => ({ arn: `arn:${name}` });
const OUTPUTS: Outputs = {
  "aws:autoscaling/attachment:Attachment": nothing,
  "aws:ec2/managedPrefixList:ManagedPrefixList": nothing,
  "aws:ec2/securityGroup:SecurityGroup": nothing,
  "aws:lb/listener:Listener": arn,
  "aws:lb/listenerCertificate:ListenerCertificate": nothing,
  "aws:lb/listenerRule:ListenerRule": nothing,
  "aws:lb/loadBalancer:LoadBalancer": (inputs, name) => ({ ...arn(inputs, name), dnsName: "balancer.example" }),
  "aws:lb/targetGroup:TargetGroup": arn,
  "aws:lb/trustStore:TrustStore": arn,
  "aws:s3/bucket:Bucket": () => ({ bucket: "clients" }),
  "aws:s3/bucketObjectv2:BucketObjectv2": () => ({ versionId: "version-1" }),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:s3/bucketVersioning:BucketVersioning": nothing,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": nothing,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": nothing,
  "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding": nothing,
};

const health = { path: "/health", port: 8000, interval: 15, timeout: 5, retries: 3, startPeriod: 20 };
const routes: Route[] = [
  { name: "shop-api", host: "shop.example.com", path: "/api", nodePort: 30001, health, band: 0 },
  { name: "shop-web", host: "shop.example.com", path: "/", nodePort: 30002, health, band: 0 },
];
const gateway: GatewayTarget = {
  namespace: "envoy-gateway-system",
  service: "edge",
  port: 443,
  targetPort: 10443,
  health: { protocol: "HTTP", port: 19003, path: "/ready" },
  after: [],
};

function made(more: Partial<RegionalIngressArgs> = {}): Promise<readonly Registered[]> {
  return registered(() => {
    const provider = new aws.Provider("us-west-2", { region: "us-west-2" });
    const cluster = {
      region: "us-west-2",
      network: { vpcId: "vpc-0a", subnets: { public: [{ id: "subnet-0a" }] }, routes: [] },
      securityGroupId: "sg-nodes",
      autoscalingGroup: "nodes",
      kubernetes: new kubernetes.Provider("us-west-2", { kubeconfig: "{}" }),
    } as unknown as RegionalCluster;
    new RegionalIngress(
      "ingress",
      { cluster, certificateArn: "arn:rsa", routes, allowedCidrs: ["192.0.2.0/24"], protect: true, ...more },
      { providers: [provider] },
    );
  }, OUTPUTS);
}

const ofType = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));
const listenerOf = (resources: readonly Registered[]) => ofType(resources, "Listener")[0]?.inputs ?? {};
const openTo = (resources: readonly Registered[]) =>
  ofType(resources, "SecurityGroupEgressRule").map(({ inputs }) => [inputs["fromPort"], inputs["toPort"]]);

describe("the way into a region", () => {
  it("answers strangers with 404 and leads paths to the nodes' ports", async () => {
    const resources = await made();
    const [action] = listenerOf(resources)["defaultActions"] as [Record<string, unknown>];
    assert.equal(action["type"], "fixed-response");
    assert.equal(listenerOf(resources)["mutualAuthentication"], undefined);
    assert.deepEqual(openTo(resources), [[30000, 30085]]);
    assert.equal(ofType(resources, "ListenerRule").length, 2);
    assert.equal(ofType(resources, "TargetGroupBinding").length, 0);
  });

  it("asks for client certificates that a trust store vouches for", async () => {
    const resources = await registered(() => {
      const provider = new aws.Provider("us-west-2", { region: "us-west-2" });
      new ClientTrust("clients", { bundle: "certificates" }, { providers: [provider] });
    }, OUTPUTS);
    const [store] = ofType(resources, "TrustStore");
    assert.equal(store?.inputs["caCertificatesBundleS3ObjectVersion"], "version-1");
    const [block] = ofType(resources, "BucketPublicAccessBlock");
    assert.equal(block?.inputs["restrictPublicBuckets"], true);
  });

  it("shares paths between nodes' ports and gateway by per cent, without touching priorities", async () => {
    const backend = (nodePortPercent: number): IngressBackend => ({ targetGroupBinding: gateway, nodePortPercent });
    const [before, during] = [await made(), await made({ backend: backend(30) })];
    const priorities = (resources: readonly Registered[]) =>
      ofType(resources, "ListenerRule").map(({ name, inputs }) => [name, inputs["priority"]]);
    assert.deepEqual(priorities(during), priorities(before));
    const [rule] = ofType(during, "ListenerRule");
    const [action] = rule?.inputs["actions"] as [{ forward: { targetGroups: { arn: string; weight: number }[] } }];
    assert.deepEqual(
      action.forward.targetGroups.map(({ weight }) => weight),
      [30, 70],
    );
    assert.match(action.forward.targetGroups[1]?.arn ?? "", /gateway/);
    assert.deepEqual(openTo(during), [
      [30000, 30085],
      [10443, 10443],
      [19003, 19003],
    ]);
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html
    const described = during.filter(({ type }) => type.startsWith("aws:vpc/"));
    for (const { inputs } of described)
      assert.match(String(inputs["description"]), /^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/);
    await assert.rejects(made({ backend: backend(101) }), /nodePortPercent is 101; write a whole number from 0 to 100/);
  });

  it("ends with the gateway's pods as the only targets", async () => {
    const resources = await made({ backend: { targetGroupBinding: gateway } });
    assert.equal(ofType(resources, "ListenerRule").length, 0);
    const [group, ...others] = ofType(resources, "TargetGroup");
    assert.deepEqual(others, []);
    assert.equal(group?.inputs["targetType"], "ip");
    assert.equal(group?.inputs["protocol"], "HTTPS");
    assert.deepEqual(listenerOf(resources)["defaultActions"], [
      { type: "forward", targetGroupArn: `arn:${group?.name}` },
    ]);
    assert.deepEqual(openTo(resources), [
      [10443, 10443],
      [19003, 19003],
    ]);
    const [binding] = ofType(resources, "TargetGroupBinding");
    assert.deepEqual(binding?.inputs["spec"], {
      targetGroupARN: `arn:${group?.name}`,
      targetType: "ip",
      serviceRef: { name: "edge", port: 443 },
    });
    assert.deepEqual(binding?.inputs["metadata"], { name: "edge", namespace: "envoy-gateway-system" });
  });
});
