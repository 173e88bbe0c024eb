import { textAt } from "../../framework/known.ts";
import type { Resource } from "../../framework/policy.ts";

/** Application, network and gateway load balancers; the SDK has them under two names. */
export const BALANCERS = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"] as const;
export const LISTENERS = ["aws:lb/listener:Listener", "aws:alb/listener:Listener"] as const;
export const TARGET_GROUPS = ["aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"] as const;
export const CLASSIC = "aws:elb/loadBalancer:LoadBalancer";

/** Where it does not say its type, a load balancer is an application load balancer. */
export function isApplication({ inputs }: Resource): boolean {
  return (textAt(inputs, "loadBalancerType") ?? "application") === "application";
}
