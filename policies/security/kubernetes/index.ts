import type { Policy } from "../../framework/policy.ts";
import { bindingGivesNoClusterAdmin } from "./binding-gives-no-cluster-admin.ts";
import { bindingNamesWho } from "./binding-names-who.ts";
import { configMapHoldsNoSecret } from "./config-map-holds-no-secret.ts";
import { containerCannotGainPrivileges } from "./container-cannot-gain-privileges.ts";
import { containerDropsCapabilities } from "./container-drops-capabilities.ts";
import { containerHasApparmor } from "./container-has-apparmor.ts";
import { containerHasNoHostPort } from "./container-has-no-host-port.ts";
import { containerHasReadOnlyRoot } from "./container-has-read-only-root.ts";
import { containerIsNoHostProcess } from "./container-is-no-host-process.ts";
import { containerMasksProc } from "./container-masks-proc.ts";
import { containerNotPrivileged } from "./container-not-privileged.ts";
import { containerProbesNoOtherHost } from "./container-probes-no-other-host.ts";
import { containerRunsAsNonRoot } from "./container-runs-as-non-root.ts";
import { containerUserIsNotRoot } from "./container-user-is-not-root.ts";
import { environmentHasNoSecret } from "./environment-has-no-secret.ts";
import { gatewayTakesTlsOnly } from "./gateway-takes-tls-only.ts";
import { imageComesFromAllowedRegistry } from "./image-comes-from-allowed-registry.ts";
import { namespaceDeniesTrafficByDefault } from "./namespace-denies-traffic-by-default.ts";
import { namespaceEnforcesPodSecurity } from "./namespace-enforces-pod-security.ts";
import { podHasOwnServiceAccount } from "./pod-has-own-service-account.ts";
import { podHasSeccompProfile } from "./pod-has-seccomp-profile.ts";
import { podKeepsSelinuxType } from "./pod-keeps-selinux-type.ts";
import { podMountsNoHostPath } from "./pod-mounts-no-host-path.ts";
import { podMountsNoNeedlessToken } from "./pod-mounts-no-needless-token.ts";
import { podSharesNoHostNamespace } from "./pod-shares-no-host-namespace.ts";
import { podSysctlsAreSafe } from "./pod-sysctls-are-safe.ts";
import { podVolumeTypesAreAllowed } from "./pod-volume-types-are-allowed.ts";
import { roleCannotRaiseItself } from "./role-cannot-raise-itself.ts";
import { roleHasNoWildcard } from "./role-has-no-wildcard.ts";
import { roleReadsNamedSecretsOnly } from "./role-reads-named-secrets-only.ts";
import { secretIsMountedAsFile } from "./secret-is-mounted-as-file.ts";
import { serviceStaysInside } from "./service-stays-inside.ts";
import { workloadIsOutsideDefaultNamespace } from "./workload-is-outside-default-namespace.ts";

export const kubernetes: readonly Policy[] = [
  bindingGivesNoClusterAdmin,
  bindingNamesWho,
  configMapHoldsNoSecret,
  containerCannotGainPrivileges,
  containerDropsCapabilities,
  containerHasApparmor,
  containerHasNoHostPort,
  containerHasReadOnlyRoot,
  containerIsNoHostProcess,
  containerMasksProc,
  containerNotPrivileged,
  containerProbesNoOtherHost,
  containerRunsAsNonRoot,
  containerUserIsNotRoot,
  environmentHasNoSecret,
  gatewayTakesTlsOnly,
  imageComesFromAllowedRegistry,
  namespaceDeniesTrafficByDefault,
  namespaceEnforcesPodSecurity,
  podHasOwnServiceAccount,
  podHasSeccompProfile,
  podKeepsSelinuxType,
  podMountsNoHostPath,
  podMountsNoNeedlessToken,
  podSharesNoHostNamespace,
  podSysctlsAreSafe,
  podVolumeTypesAreAllowed,
  roleCannotRaiseItself,
  roleHasNoWildcard,
  roleReadsNamedSecretsOnly,
  secretIsMountedAsFile,
  serviceStaysInside,
  workloadIsOutsideDefaultNamespace,
];
