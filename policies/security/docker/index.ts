import type { Policy } from "../../framework/policy.ts";
import { buildHoldsNoSecret } from "./build-holds-no-secret.ts";
import { dockerConfigHoldsNoSecret } from "./docker-config-holds-no-secret.ts";
import { dockerDropsCapabilities } from "./docker-drops-capabilities.ts";
import { dockerEnvironmentHasNoSecret } from "./docker-environment-has-no-secret.ts";
import { dockerExposesNoDevice } from "./docker-exposes-no-device.ts";
import { dockerGainsNoPrivileges } from "./docker-gains-no-privileges.ts";
import { dockerHasNetworkOfItsOwn } from "./docker-has-network-of-its-own.ts";
import { dockerIsNotPrivileged } from "./docker-is-not-privileged.ts";
import { dockerKeepsKernelProfiles } from "./docker-keeps-kernel-profiles.ts";
import { dockerMountStaysInside } from "./docker-mount-stays-inside.ts";
import { dockerMountsNoSocket } from "./docker-mounts-no-socket.ts";
import { dockerNetworkIsInternal } from "./docker-network-is-internal.ts";
import { dockerOverlayIsEncrypted } from "./docker-overlay-is-encrypted.ts";
import { dockerPortHasAddress } from "./docker-port-has-address.ts";
import { dockerRootIsReadOnly } from "./docker-root-is-read-only.ts";
import { dockerRunsAsNonRoot } from "./docker-runs-as-non-root.ts";
import { dockerSharesNoHostNamespace } from "./docker-shares-no-host-namespace.ts";
import { dockerVolumeIsNoSystemDirectory } from "./docker-volume-is-no-system-directory.ts";
import { dockerWritesNoSystemDirectory } from "./docker-writes-no-system-directory.ts";

export const docker: readonly Policy[] = [
  buildHoldsNoSecret,
  dockerConfigHoldsNoSecret,
  dockerDropsCapabilities,
  dockerEnvironmentHasNoSecret,
  dockerExposesNoDevice,
  dockerGainsNoPrivileges,
  dockerHasNetworkOfItsOwn,
  dockerIsNotPrivileged,
  dockerKeepsKernelProfiles,
  dockerMountStaysInside,
  dockerMountsNoSocket,
  dockerNetworkIsInternal,
  dockerOverlayIsEncrypted,
  dockerPortHasAddress,
  dockerRootIsReadOnly,
  dockerRunsAsNonRoot,
  dockerSharesNoHostNamespace,
  dockerVolumeIsNoSystemDirectory,
  dockerWritesNoSystemDirectory,
];
