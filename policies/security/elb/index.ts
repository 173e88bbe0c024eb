import type { Policy } from "../../framework/policy.ts";
import { classicBalancerDrainsAndSpreads } from "./classic-balancer-drains-and-spreads.ts";
import { classicBalancerListenersEncrypted } from "./classic-balancer-listeners-encrypted.ts";
import { listenerEncryptsInTransit } from "./listener-encrypts-in-transit.ts";
import { listenerRefusesOldTls } from "./listener-refuses-old-tls.ts";
import { loadBalancerDefendsAgainstDesync } from "./load-balancer-defends-against-desync.ts";
import { loadBalancerDeletionProtected } from "./load-balancer-deletion-protected.ts";
import { loadBalancerDropsInvalidHeaders } from "./load-balancer-drops-invalid-headers.ts";
import { loadBalancerHasFirewall } from "./load-balancer-has-firewall.ts";
import { loadBalancerLogsAccess } from "./load-balancer-logs-access.ts";
import { loadBalancerSpansZones } from "./load-balancer-spans-zones.ts";
import { targetGroupEncrypted } from "./target-group-encrypted.ts";

export const elb: readonly Policy[] = [
  listenerEncryptsInTransit,
  listenerRefusesOldTls,
  targetGroupEncrypted,
  loadBalancerHasFirewall,
  loadBalancerDropsInvalidHeaders,
  loadBalancerDefendsAgainstDesync,
  loadBalancerLogsAccess,
  loadBalancerDeletionProtected,
  loadBalancerSpansZones,
  classicBalancerListenersEncrypted,
  classicBalancerDrainsAndSpreads,
];
