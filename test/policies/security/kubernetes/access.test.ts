import assert from "node:assert/strict";
import { bindingGivesNoClusterAdmin } from "../../../../policies/security/kubernetes/binding-gives-no-cluster-admin.ts";
import { bindingNamesWho } from "../../../../policies/security/kubernetes/binding-names-who.ts";
import { podHasOwnServiceAccount } from "../../../../policies/security/kubernetes/pod-has-own-service-account.ts";
import { podMountsNoNeedlessToken } from "../../../../policies/security/kubernetes/pod-mounts-no-needless-token.ts";
import { roleCannotRaiseItself } from "../../../../policies/security/kubernetes/role-cannot-raise-itself.ts";
import { roleHasNoWildcard } from "../../../../policies/security/kubernetes/role-has-no-wildcard.ts";
import { roleReadsNamedSecretsOnly } from "../../../../policies/security/kubernetes/role-reads-named-secrets-only.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { say, UNKNOWN } from "../../harness.ts";
import { deployment, inShop, namespace, workloads } from "../../kubernetes-fixtures.ts";

const RBAC = "rbac.authorization.k8s.io/v1";
const role = inShop(`${RBAC}:Role`, "reader", {
  rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }],
});
const clusterRole = { ...role, type: `kubernetes:${RBAC}:ClusterRole`, name: "all-readers" };
const binding = inShop(`${RBAC}:RoleBinding`, "readers", {
  roleRef: { kind: "Role", name: "reader" },
  subjects: [{ kind: "ServiceAccount", name: "web" }],
});
const account = inShop("core/v1:ServiceAccount", "web-account", { automountServiceAccountToken: false });
account.props["metadata"] = { name: "web", namespace: "shop" };

const rule = (fields: object) => [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"], ...fields }];

describePolicy({
  policy: roleHasNoWildcard,
  compliant: [role, clusterRole],
  breaks: [
    {
      path: "reader/rules",
      value: rule({ verbs: ["*"] }),
      says: /^Role reader allows \* as verbs; write out what rules\[0\] is to allow\.$/,
    },
    {
      path: "all-readers/rules",
      value: rule({ resources: ["*"], apiGroups: ["*"] }),
      says: /^ClusterRole reader allows \* as apiGroups and resources/,
    },
    { path: "reader/rules", value: [{ nonResourceURLs: ["*"], verbs: ["get"] }], says: /as nonResourceURLs/ },
  ],
  undecided: ["reader/rules", "reader/rules/0/verbs"],
});

describePolicy({
  policy: roleReadsNamedSecretsOnly,
  compliant: [role, clusterRole],
  passes: [
    { path: "reader/rules", value: rule({ resources: ["secrets"], resourceNames: ["tls"] }) },
    { path: "reader/rules", value: rule({ resources: ["secrets"], verbs: ["create"] }) },
  ],
  breaks: [
    {
      path: "reader/rules",
      value: rule({ resources: ["secrets"] }),
      says: /^Role reader reads every Secret that rules\[0\] reaches \(get\); name the Secrets/,
    },
    {
      path: "reader/rules",
      value: rule({ resources: ["secrets"], resourceNames: ["tls"], verbs: ["list"] }),
      says: /\(list\)/,
    },
  ],
  undecided: ["reader/rules"],
});

describePolicy({
  policy: roleReadsNamedSecretsOnly,
  compliant: [role, clusterRole],
  config: { allowed: ["shop/reader", "*/all-readers"] },
  passes: [{ path: "reader/rules", value: rule({ resources: ["secrets"], verbs: ["list"] }) }],
  breaks: [
    {
      path: "all-readers/rules",
      value: rule({ resources: ["secrets"], verbs: ["list"] }),
      says: /^ClusterRole reader reads every Secret/,
    },
  ],
});

describePolicy({
  policy: roleCannotRaiseItself,
  compliant: [role],
  passes: [{ path: "reader/rules", value: rule({ resources: ["serviceaccounts/token"], verbs: ["get"] }) }],
  breaks: [
    {
      path: "reader/rules",
      value: rule({ verbs: ["impersonate"] }),
      says: /^Role reader may bind, escalate or impersonate; take that out of rules\[0\]\.$/,
    },
    {
      path: "reader/rules",
      value: rule({ resources: ["serviceaccounts/token"], verbs: ["create"] }),
      says: /may make tokens of service accounts/,
    },
    { path: "reader/rules", value: rule({ resources: ["nodes/proxy"] }), says: /reach the kubelet/ },
    {
      path: "reader/rules",
      value: rule({ resources: ["certificatesigningrequests/approval"], verbs: ["update"] }),
      says: /approve certificates/,
    },
    {
      path: "reader/rules",
      value: rule({ resources: ["mutatingwebhookconfigurations"], verbs: ["patch"] }),
      says: /change admission webhooks/,
    },
  ],
  undecided: ["reader/rules/0/resources"],
});

describePolicy({
  policy: bindingGivesNoClusterAdmin,
  compliant: [binding],
  config: { allowed: ["emergency"] },
  breaks: [
    {
      path: "readers/roleRef/name",
      value: "cluster-admin",
      says: /^RoleBinding readers gives cluster-admin; set roleRef to a role/,
    },
  ],
  undecided: ["readers/roleRef/name"],
});

describePolicy({
  policy: bindingNamesWho,
  compliant: [binding],
  breaks: [
    {
      path: "readers/subjects/0/name",
      value: "system:masters",
      says: /binds system:masters, whose members no role can hold back; name who needs it in subjects\[0\]/,
    },
    { path: "readers/subjects/0/name", value: "system:unauthenticated", says: /anybody without a login/ },
  ],
  undecided: ["readers/subjects/0/name"],
});

describePolicy({
  policy: podHasOwnServiceAccount,
  compliant: [deployment, ...workloads],
  passes: [{ path: "web/spec/template/spec/serviceAccountName", value: undefined }],
  breaks: [],
});

describePolicy({
  policy: podHasOwnServiceAccount,
  compliant: changed("web/spec/template/spec/automountServiceAccountToken", true, [deployment]),
  breaks: [
    {
      path: "web/spec/template/spec/serviceAccountName",
      value: "default",
      says: /^Deployment web uses the namespace's default service account; set spec\.template\.spec\.serviceAccountName to one of its own\.$/,
    },
    { path: "web/spec/template/spec/serviceAccountName", value: undefined, says: /default service account/ },
  ],
  undecided: ["web/spec/template/spec/serviceAccountName"],
});

const TOKEN = "web/spec/template/spec/automountServiceAccountToken";

describePolicy({
  policy: podMountsNoNeedlessToken,
  compliant: [deployment, ...workloads, account, namespace],
  passes: [{ path: TOKEN, value: undefined }],
  breaks: [
    {
      path: TOKEN,
      value: true,
      says: /^Deployment web mounts a token of ServiceAccount web, which no role is bound to; set spec\.template\.spec\.automountServiceAccountToken to false\.$/,
    },
    { path: "once/spec", value: { containers: [] }, says: /^Pod once mounts a token of ServiceAccount default/ },
  ],
  undecided: [TOKEN],
});

describe("pod-mounts-no-needless-token", () => {
  const mounting = changed(TOKEN, true, [deployment, account]);

  it("passes a pod whose account is bound to a role", () => {
    assert.deepEqual(say(podMountsNoNeedlessToken, [...mounting, binding]), []);
    const elsewhere = changed("readers/subjects/0/namespace", "other", [binding]);
    assert.equal(say(podMountsNoNeedlessToken, [...mounting, ...elsewhere]).length, 1);
  });

  it("passes a pod whose account is in a group that is bound", () => {
    const bind = (name: string) => changed("readers/subjects/0", { kind: "Group", name }, [binding]);
    for (const name of ["system:serviceaccounts", "system:serviceaccounts:shop"])
      assert.deepEqual(say(podMountsNoNeedlessToken, [...mounting, ...bind(name)]), [], name);
    assert.equal(say(podMountsNoNeedlessToken, [...mounting, ...bind("system:serviceaccounts:other")]).length, 1);
  });

  it("only advises on an account of another stack, which may be bound there", () => {
    const [line = ""] = say(podMountsNoNeedlessToken, changed(TOKEN, true, [deployment]));
    assert.match(line, /^advisory: Deployment web mounts a token of ServiceAccount web, which no role of this stack/);
  });

  it("is undecided while the subjects of a binding are not known", () => {
    const [line = ""] = say(podMountsNoNeedlessToken, [
      ...mounting,
      ...changed("readers/subjects", UNKNOWN, [binding]),
    ]);
    assert.match(line, /^advisory: Undecided until up: subjects/);
  });

  it("takes the account's word where the pod says nothing", () => {
    const silent = changed(TOKEN, undefined, [deployment]);
    assert.equal(say(podMountsNoNeedlessToken, silent).length, 1);
    const unknown = changed("web-account/automountServiceAccountToken", UNKNOWN, [account]);
    assert.match(say(podMountsNoNeedlessToken, [...silent, ...unknown])[0] ?? "", /Undecided/);
  });
});
