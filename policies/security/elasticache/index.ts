import type { Policy } from "../../framework/policy.ts";
import { cacheHasOwnSubnetGroup } from "./cache-has-own-subnet-group.ts";
import { cacheIsEncryptedAtRest } from "./cache-is-encrypted-at-rest.ts";
import { cacheIsEncryptedInTransit } from "./cache-is-encrypted-in-transit.ts";
import { cacheRequiresAuthentication } from "./cache-requires-authentication.ts";
import { cacheTakesMinorUpgrades } from "./cache-takes-minor-upgrades.ts";
import { cacheUserHasPassword } from "./cache-user-has-password.ts";

/** Caches of ElastiCache. */
export const elasticache: readonly Policy[] = [
  cacheRequiresAuthentication,
  cacheUserHasPassword,
  cacheIsEncryptedInTransit,
  cacheIsEncryptedAtRest,
  cacheHasOwnSubnetGroup,
  cacheTakesMinorUpgrades,
];
