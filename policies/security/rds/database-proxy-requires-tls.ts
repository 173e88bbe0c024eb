import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const databaseProxyRequiresTls = requires(
  {
    name: "database-proxy-requires-tls",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Database proxies take connections with TLS alone.",
    why: "A proxy without it lets passwords and data through the network in the clear, whatever the database behind it asks.",
    fix: "Write requireTls: true.",
    control: fsbp("RDS DB proxies should require TLS encryption for connections", ["RDS.43"]),
    types: ["aws:rds/proxy:Proxy"],
  },
  { path: "requireTls", value: true, otherwise: false, harm: "the proxy takes connections without TLS" },
);
