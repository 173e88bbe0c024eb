import type { ReportViolation } from "@pulumi/policy";
import { UNDECIDED } from "@groundwork/lib/policy-findings";
import { masked } from "./masking.ts";
import type { Report } from "./policy.ts";

/** One line that a policy has to say. */
export interface Finding {
  readonly message: string;
  /** Of what it is about; default: the resource that is looked at, or the stack. */
  readonly urn?: string;
  /** Default: the policy's configured one. */
  readonly level?: "advisory" | "mandatory";
}

/**
 * The SDK passes an object on as it is, which its declarations do not say: only so a message comes without the policy's
 * description before it, and a single finding can have a level of its own.
 * https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/server.ts
 */
type ReportObject = (violation: { message: string; urn?: string; enforcementLevel?: "advisory" | "mandatory" }) => void;

export function collector(findings: Finding[], level: Finding["level"]): Report {
  const add = (message: string, urn: string | undefined, own: Finding["level"]) =>
    findings.push({ message, ...(urn !== undefined && { urn }), ...(own !== undefined && { level: own }) });
  return {
    violation: (message, urn) => add(message, urn, level),
    advice: (message, urn) => add(message, urn, "advisory"),
    undecided: (path, what, urn) =>
      add(`${UNDECIDED}${path} is not known in preview, so ${what} cannot be checked yet.`, urn, "advisory"),
  };
}

/** A policy may find one thing on two ways; who reads the result wants to see it once, in the same place each time. */
export function send(report: ReportViolation, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const once = new Map(findings.map((finding) => [`${finding.urn ?? ""}\n${finding.message}`, finding]));
  for (const [, { message, urn, level }] of [...once].sort(([a], [b]) => (a < b ? -1 : 1))) {
    (report as unknown as ReportObject)({
      message: masked(message),
      ...(urn !== undefined && { urn }),
      ...(level !== undefined && { enforcementLevel: level }),
    });
  }
}
