import type { Policy } from "../../framework/policy.ts";
import { eksAccessThroughEntries } from "./access-through-entries.ts";
import { eksAdministratorsNamed } from "./administrators-named.ts";
import { eksAuditLogEnabled } from "./audit-log-enabled.ts";
import { eksEndpointNotPublic } from "./endpoint-not-public.ts";
import { eksNodesClosedToSsh } from "./nodes-closed-to-ssh.ts";
import { eksNodesInPrivateSubnets } from "./nodes-in-private-subnets.ts";
import { eksNodesOnSupportedImage } from "./nodes-on-supported-image.ts";
import { eksSecretsEncrypted } from "./secrets-encrypted.ts";
import { eksVersionSupported } from "./version-supported.ts";

export const eks: readonly Policy[] = [
  eksEndpointNotPublic,
  eksVersionSupported,
  eksSecretsEncrypted,
  eksAuditLogEnabled,
  eksNodesInPrivateSubnets,
  eksNodesClosedToSsh,
  eksNodesOnSupportedImage,
  eksAccessThroughEntries,
  eksAdministratorsNamed,
];
