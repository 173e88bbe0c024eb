import assert from "node:assert/strict";
import type { Policy } from "../../../../policies/framework/policy.ts";
import { containerCannotGainPrivileges } from "../../../../policies/security/kubernetes/container-cannot-gain-privileges.ts";
import { containerHasReadOnlyRoot } from "../../../../policies/security/kubernetes/container-has-read-only-root.ts";
import { containerNotPrivileged } from "../../../../policies/security/kubernetes/container-not-privileged.ts";
import { containerRunsAsNonRoot } from "../../../../policies/security/kubernetes/container-runs-as-non-root.ts";
import { containerUserIsNotRoot } from "../../../../policies/security/kubernetes/container-user-is-not-root.ts";
import { namespaceEnforcesPodSecurity } from "../../../../policies/security/kubernetes/namespace-enforces-pod-security.ts";
import { podHasSeccompProfile } from "../../../../policies/security/kubernetes/pod-has-seccomp-profile.ts";
import { podVolumeTypesAreAllowed } from "../../../../policies/security/kubernetes/pod-volume-types-are-allowed.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { remediated, say, UNKNOWN } from "../../harness.ts";
import { deployment, hardened, namespace, workloads } from "../../kubernetes-fixtures.ts";

const compliant = [deployment, ...workloads];
const POD = "web/spec/template/spec";
const API = `${POD}/containers/0`;

describePolicy({
  policy: podHasSeccompProfile,
  compliant,
  passes: [
    { path: `${API}/securityContext/seccompProfile`, value: { type: "Localhost", localhostProfile: "api.json" } },
    { path: `${POD}/os`, value: { name: "windows" } },
  ],
  breaks: [
    {
      path: `${POD}/securityContext/seccompProfile`,
      value: undefined,
      says: /^Container api of Deployment web has no seccomp profile; set spec\.template\.spec\.securityContext\.seccompProfile\.type to "RuntimeDefault"\.$/,
    },
    {
      path: `${POD}/securityContext/seccompProfile/type`,
      value: "Unconfined",
      says: /has the seccomp profile "Unconfined"/,
    },
    {
      path: `${API}/securityContext/seccompProfile`,
      value: { type: "Unconfined" },
      says: /set spec\.template\.spec\.containers\[0\]/,
    },
  ],
  undecided: [`${POD}/securityContext/seccompProfile`, `${API}/securityContext/seccompProfile`],
});

describePolicy({
  policy: podVolumeTypesAreAllowed,
  compliant,
  config: { allowed: ["configMap", "emptyDir", "persistent*"] },
  passes: [{ path: `${POD}/volumes/0`, value: { name: "data", persistentVolumeClaim: { claimName: "data" } } }],
  breaks: [
    {
      path: `${POD}/volumes/0`,
      value: { name: "files", nfs: { server: "10.0.0.1", path: "/" } },
      says: /^Deployment web has the volume files of the kind nfs, where configMap, .* are allowed; change spec\.template\.spec\.volumes\[0\]\.$/,
    },
  ],
  undecided: [`${POD}/volumes`],
});

describePolicy({
  policy: containerCannotGainPrivileges,
  compliant,
  passes: [{ path: `${POD}/os`, value: { name: "windows" } }],
  breaks: [
    {
      path: `${API}/securityContext/allowPrivilegeEscalation`,
      value: true,
      says: /may gain privileges; set .*allowPrivilegeEscalation to false/,
    },
    { path: `${API}/securityContext/allowPrivilegeEscalation`, value: undefined, says: /may gain privileges/ },
    { path: `${API}/securityContext`, value: undefined, says: /may gain privileges/ },
  ],
  undecided: [`${API}/securityContext/allowPrivilegeEscalation`, `${POD}/containers`],
});

describe("remediations of pods", () => {
  const cases: readonly (readonly [Policy, string])[] = [
    [containerCannotGainPrivileges, `${API}/securityContext/allowPrivilegeEscalation`],
    [podHasSeccompProfile, `${POD}/securityContext/seccompProfile`],
  ];
  for (const [policy, path] of cases) {
    const [broken] = changed(path, undefined, [deployment]);
    assert.ok(broken);
    const within = (namespace: string) => changed("web/metadata/namespace", namespace, [broken])[0] ?? broken;

    it(`${policy.name} leaves a patch alone, which says only a part`, () => {
      assert.ok(remediated(policy, broken));
      assert.equal(remediated(policy, { ...broken, type: "kubernetes:apps/v1:DeploymentPatch" }), undefined);
    });

    it(`${policy.name} leaves alone what is in an exempt namespace, or may be`, () => {
      assert.equal(remediated(policy, within("kube-system")), undefined);
      assert.equal(remediated(policy, within(UNKNOWN)), undefined);
      assert.ok(remediated(policy, within(UNKNOWN), { exempt: [] }));
      assert.equal(remediated(policy, broken, { exempt: ["shop"] }), undefined);
    });
  }

  it("leave alone a container that the API server would refuse", () => {
    const add = (capability: string) =>
      changed(`${API}/securityContext`, { capabilities: { add: [capability] } }, [deployment]);
    for (const capability of ["CAP_SYS_ADMIN", "SYS_ADMIN", UNKNOWN]) {
      for (const resource of add(capability)) {
        assert.equal(remediated(containerCannotGainPrivileges, resource), undefined, capability);
      }
    }
    for (const resource of add("NET_BIND_SERVICE")) assert.ok(remediated(containerCannotGainPrivileges, resource));
  });
});

describePolicy({
  policy: containerRunsAsNonRoot,
  compliant,
  passes: [
    { path: `${API}/securityContext/runAsNonRoot`, value: undefined },
    { path: `${POD}/securityContext/runAsNonRoot`, value: undefined },
  ],
  breaks: [
    {
      path: `${API}/securityContext/runAsNonRoot`,
      value: false,
      says: /may run as root; set spec\.template\.spec\.containers\[0\]\.securityContext\.runAsNonRoot to true/,
    },
  ],
  undecided: [`${API}/securityContext/runAsNonRoot`],
});

describePolicy({
  policy: containerUserIsNotRoot,
  compliant,
  passes: [{ path: `${API}/securityContext/runAsUser`, value: 1000 }],
  breaks: [
    {
      path: `${API}/securityContext/runAsUser`,
      value: 0,
      says: /runs as user 0, root; set .*containers\[0\]\.securityContext\.runAsUser to another/,
    },
    {
      path: `${POD}/securityContext/runAsUser`,
      value: 0,
      says: /set spec\.template\.spec\.securityContext\.runAsUser/,
    },
  ],
  undecided: [`${API}/securityContext/runAsUser`, `${POD}/securityContext/runAsUser`],
});

describePolicy({
  policy: containerHasReadOnlyRoot,
  compliant,
  passes: [{ path: `${POD}/os`, value: { name: "windows" } }],
  breaks: [
    {
      path: `${API}/securityContext/readOnlyRootFilesystem`,
      value: false,
      says: /can write to its root file system; set .*readOnlyRootFilesystem to true/,
    },
    { path: `${API}/securityContext/readOnlyRootFilesystem`, value: undefined, says: /can write to its root/ },
  ],
  undecided: [`${API}/securityContext/readOnlyRootFilesystem`],
});

describePolicy({
  policy: namespaceEnforcesPodSecurity,
  compliant: [namespace],
  passes: [
    { path: "shop/metadata/labels", value: { "pod-security.kubernetes.io/enforce": "baseline" } },
    { path: "shop/metadata/name", value: "kube-system" },
  ],
  breaks: [
    {
      path: "shop/metadata/labels",
      value: {},
      says: /^Namespace shop enforces no profile of the Pod Security Standards; set the label pod-security\.kubernetes\.io\/enforce to "baseline" or stricter\.$/,
    },
    {
      path: "shop/metadata/labels",
      value: { "pod-security.kubernetes.io/enforce": "privileged" },
      says: /enforces "privileged", which is less than baseline/,
    },
  ],
  undecided: ["shop/metadata/labels"],
});

describe("pod policies", () => {
  const privileged = changed(`${API}/securityContext/privileged`, true, [deployment]);

  it("say one line for each container", () => {
    const two = ["a", "b"].map((name) => ({ ...hardened, name, securityContext: { privileged: true } }));
    assert.deepEqual(
      say(containerNotPrivileged, changed(`${POD}/containers`, two, [deployment])).map((line) => line.split(" of ")[0]),
      ["mandatory: Container a", "mandatory: Container b"],
    );
  });

  it("leave exempt namespaces out", () => {
    const inSystem = changed("web/metadata/namespace", "kube-system", privileged);
    assert.deepEqual(say(containerNotPrivileged, inSystem), []);
    assert.equal(say(containerNotPrivileged, inSystem, { exempt: [] }).length, 1);
    assert.deepEqual(say(containerNotPrivileged, privileged, { exempt: ["sh*"] }), []);
  });

  it("say nothing is wrong while the namespace may be an exempt one", () => {
    const open = changed("web/metadata/namespace", UNKNOWN, privileged);
    assert.deepEqual(say(containerNotPrivileged, open), [
      "advisory: Undecided until up: metadata.namespace is not known in preview, so whether Deployment web, which does not follow container-not-privileged, is in an exempt namespace cannot be checked yet.",
    ]);
    assert.match(say(containerNotPrivileged, open, { exempt: [] })[0] ?? "", /^mandatory: /);
  });

  it("take the provider's namespace for an object that names none", () => {
    const provider = { type: "pulumi:providers:kubernetes", name: "k8s", props: { namespace: "kube-system" } };
    const inProviders = changed("web/metadata/namespace", undefined, privileged).map((fake) => ({
      ...fake,
      provider: "k8s",
    }));
    assert.deepEqual(say(containerNotPrivileged, [provider, ...inProviders]), []);
  });

  it("pass a Rollout that takes over a Deployment", () => {
    const taken = changed("release/spec", { workloadRef: { kind: "Deployment", name: "web" } }, workloads);
    assert.deepEqual(say(containerRunsAsNonRoot, taken), []);
  });

  it("take what a patch leaves out for what is there", () => {
    const patch = changed("patch/spec/template/spec", { containers: [{ name: "api", image: "x" }] }, workloads);
    for (const policy of [
      containerRunsAsNonRoot,
      containerCannotGainPrivileges,
      podHasSeccompProfile,
      containerHasReadOnlyRoot,
    ]) {
      assert.deepEqual(say(policy, patch), [], policy.name);
    }
  });
});
