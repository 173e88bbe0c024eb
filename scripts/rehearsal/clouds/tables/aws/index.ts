import type { Table } from "../../table.ts";
import { compute } from "./compute.ts";
import { eksAccess } from "./eks-access.ts";
import { eks } from "./eks.ts";
import { endpoints } from "./endpoints.ts";
import { iam } from "./iam.ts";
import { network } from "./network.ts";
import { nodeGroups } from "./node-groups.ts";
import { routes } from "./routes.ts";
import { securityGroups } from "./security-groups.ts";

export const table: Table = {
  package: "aws",
  types: [
    ...network,
    ...routes,
    ...endpoints,
    ...securityGroups,
    ...compute,
    ...iam,
    ...eks,
    ...eksAccess,
    ...nodeGroups,
  ],
};
