import { at, unknownAt } from "../framework/known.ts";
import { type Resource, stackPolicy } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";

interface Attachable {
  readonly type: string;
  /** What it is called in a message, and what it is there for. */
  readonly what: string;
  readonly instead: string;
  /** Inputs of its own that say what it is attached to. */
  readonly own: readonly string[];
  /** Types of what takes it. */
  readonly takers: readonly string[];
}

const BALANCERS = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"];

const ATTACHABLE: readonly Attachable[] = [
  {
    type: "aws:ec2/eip:Eip",
    what: "address",
    instead: "give it to a NAT gateway, a balancer or a machine",
    own: ["instance", "networkInterface"],
    takers: [
      "aws:ec2/natGateway:NatGateway",
      "aws:ec2/eipAssociation:EipAssociation",
      ...BALANCERS,
      "aws:globalaccelerator/accelerator:Accelerator",
    ],
  },
  {
    type: "aws:ebs/volume:Volume",
    what: "volume",
    instead: "attach it with an aws.ec2.VolumeAttachment, or make a PersistentVolume of it",
    own: [],
    takers: [
      "aws:ec2/volumeAttachment:VolumeAttachment",
      "kubernetes:core/v1:PersistentVolume",
      "aws:ebs/snapshot:Snapshot",
    ],
  },
  {
    type: "aws:lb/targetGroup:TargetGroup",
    what: "target group",
    instead: "let a listener or one of its rules forward to it",
    own: [],
    takers: [
      "aws:lb/listener:Listener",
      "aws:lb/listenerRule:ListenerRule",
      "aws:alb/listener:Listener",
      "aws:alb/listenerRule:ListenerRule",
    ],
  },
  {
    type: "aws:ec2/natGateway:NatGateway",
    what: "NAT gateway",
    instead: "let a route of a private subnet lead to it",
    own: [],
    takers: ["aws:ec2/route:Route", "aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable"],
  },
];

export const nothingUnattached = stackPolicy({
  name: "nothing-unattached",
  family: "cost",
  severity: "low",
  level: "advisory",
  description: "Addresses, volumes, target groups and NAT gateways are attached to what they are for.",
  why: "What nothing uses is paid like what everybody needs, and nobody misses it for years.",
  fix: "Attach it, or take it away.",
  control: {
    ids: ["FSBP EC2.12"],
    name: "Unused Amazon EC2 EIPs should be removed",
    url: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-12",
  },
  settings: {},
  types: [...new Set(ATTACHABLE.flatMap(({ type, takers }) => [type, ...takers]))],
  checkStack(stack, _settings, report) {
    for (const attachable of ATTACHABLE) {
      const taken = takenIn(stack, attachable);
      for (const resource of stack.ofType(attachable.type)) {
        const { urn, name, unknown } = resource;
        if (taken.has(urn) || attachable.own.some((path) => at(resource.inputs, path) !== undefined)) continue;
        const path = attachable.own.length === 0 ? undefined : unknownAt(unknown, ...attachable.own);
        if (path !== undefined) report.undecided(path, "whether it is attached to anything", urn);
        else
          report.violation(
            `Nothing uses the ${attachable.what} ${name}, which is paid by the hour or the GB; ${attachable.instead}, or take it away.`,
            urn,
          );
      }
    }
  },
});

/** All of a type that something else depends on, directly: what is behind that belongs to that. */
function takenIn(stack: Stack, { type, takers }: Attachable): ReadonlySet<string> {
  return new Set(stack.ofType(...takers).flatMap(({ urn }: Resource) => stack.nearest(urn, type)));
}
