import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";

export const clientVpnLogged = resourcePolicy({
  name: "client-vpn-logged",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Client VPN endpoints log who connects.",
  why: "The log is the only record of which person was inside the network at which time.",
  fix: "Write connectionLogOptions: { enabled: true, cloudwatchLogGroup }.",
  control: fsbp("EC2 Client VPN endpoints should have client connection logging enabled", ["EC2.51"]),
  settings: {},
  types: ["aws:ec2clientvpn/endpoint:Endpoint"],
  check(resource, _settings, report) {
    if (flagAt(resource.inputs, "connectionLogOptions.enabled") === true) return;
    if (isUndecided(resource, report, "whether connections are logged", "connectionLogOptions.enabled")) return;
    report.violation("connectionLogOptions.enabled is not true; write true and a cloudwatchLogGroup.");
  },
});
