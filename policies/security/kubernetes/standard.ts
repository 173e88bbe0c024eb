import type { Control } from "../../framework/policy.ts";

/**
 * A control of the Pod Security Standards, and the recommendations of the CIS Kubernetes Benchmark 1.10 that ask for the
 * same. https://github.com/aquasecurity/kube-bench/blob/main/cfg/cis-1.10/policies.yaml
 */
export function podSecurity(profile: "baseline" | "restricted", control: string, ...cis: readonly string[]): Control {
  const ids = [`PSS ${profile}: ${control}`, ...cis.map((id) => `CIS Kubernetes ${id}`)];
  const name = `Kubernetes: Pod Security Standards, profile ${profile}`;
  return { ids, name, url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/" };
}

/** A part of the hardening guide of NSA and CISA, with the same of the CIS benchmark. */
export function hardening(chapter: string, url: string, ...cis: readonly string[]): Control {
  const ids = cis.map((id) => `CIS Kubernetes ${id}`);
  return { ...(ids.length > 0 && { ids }), name: `NSA Kubernetes Hardening: ${chapter}`, url };
}
