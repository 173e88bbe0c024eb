import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";

export const vpnConnectionLogged = resourcePolicy({
  name: "vpn-connection-logged",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Both tunnels of a site-to-site VPN connection write their log.",
  why: "Without the log nobody can tell why a tunnel fell, or who tried to bring it up.",
  fix: "Write tunnel1LogOptions and tunnel2LogOptions with cloudwatchLogOptions: { logEnabled: true, logGroupArn }.",
  control: fsbp("EC2 VPN connections should have logging enabled", ["EC2.171"]),
  settings: {},
  types: ["aws:ec2/vpnConnection:VpnConnection"],
  check(resource, _settings, report) {
    const silent = [1, 2].filter((tunnel) => {
      const path = `tunnel${tunnel}LogOptions.cloudwatchLogOptions.logEnabled`;
      if (flagAt(resource.inputs, path) === true) return false;
      return !isUndecided(resource, report, "whether the tunnel writes its log", path);
    });
    if (silent.length === 0) return;
    const paths = silent.map((tunnel) => `tunnel${tunnel}LogOptions.cloudwatchLogOptions.logEnabled`);
    report.violation(`${listed(paths)} ${paths.length === 1 ? "is" : "are"} not true; write true and a logGroupArn.`);
  },
});
