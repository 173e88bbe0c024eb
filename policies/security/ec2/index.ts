import type { Policy } from "../../framework/policy.ts";
import { clientVpnLogged } from "./client-vpn-logged.ts";
import { defaultSecurityGroupClosed } from "./default-security-group-closed.ts";
import { imageIsHardwareVirtualized } from "./image-is-hardware-virtualized.ts";
import { imagesAndSnapshotsPrivate } from "./images-and-snapshots-private.ts";
import { instanceHasOneInterface } from "./instance-has-one-interface.ts";
import { instanceMetadataHopLimit } from "./instance-metadata-hop-limit.ts";
import { instanceMetadataRequiresToken } from "./instance-metadata-requires-token.ts";
import { instanceRootDiskEncrypted } from "./instance-root-disk-encrypted.ts";
import { instanceWithoutPublicAddress } from "./instance-without-public-address.ts";
import { internetGatewayTrafficBlocked } from "./internet-gateway-traffic-blocked.ts";
import { networkAclAdminPortsClosed } from "./network-acl-admin-ports-closed.ts";
import { networkAclUsed } from "./network-acl-used.ts";
import { securityGroupAdminPortsClosed } from "./security-group-admin-ports-closed.ts";
import { securityGroupHighRiskPortsClosed } from "./security-group-high-risk-ports-closed.ts";
import { securityGroupOpenPortsAuthorized } from "./security-group-open-ports-authorized.ts";
import { sourceDestinationChecked } from "./source-destination-checked.ts";
import { subnetWithoutAutomaticAddress } from "./subnet-without-automatic-address.ts";
import { transitGatewayAsksFirst } from "./transit-gateway-asks-first.ts";
import { userDataHoldsNoSecret } from "./user-data-holds-no-secret.ts";
import { volumeEncrypted } from "./volume-encrypted.ts";
import { volumeEncryptionByDefault } from "./volume-encryption-by-default.ts";
import { vpcFlowLogsEnabled } from "./vpc-flow-logs-enabled.ts";
import { vpcHasEndpoints } from "./vpc-has-endpoints.ts";
import { vpnConnectionUsesCurrentIke } from "./vpn-connection-uses-current-ike.ts";
import { vpnConnectionLogged } from "./vpn-connection-logged.ts";

export const ec2: readonly Policy[] = [
  securityGroupAdminPortsClosed,
  securityGroupHighRiskPortsClosed,
  securityGroupOpenPortsAuthorized,
  defaultSecurityGroupClosed,
  networkAclAdminPortsClosed,
  networkAclUsed,
  instanceMetadataRequiresToken,
  instanceMetadataHopLimit,
  instanceWithoutPublicAddress,
  instanceHasOneInterface,
  userDataHoldsNoSecret,
  subnetWithoutAutomaticAddress,
  imagesAndSnapshotsPrivate,
  imageIsHardwareVirtualized,
  volumeEncrypted,
  instanceRootDiskEncrypted,
  volumeEncryptionByDefault,
  vpcFlowLogsEnabled,
  vpcHasEndpoints,
  internetGatewayTrafficBlocked,
  transitGatewayAsksFirst,
  sourceDestinationChecked,
  vpnConnectionLogged,
  vpnConnectionUsesCurrentIke,
  clientVpnLogged,
];
