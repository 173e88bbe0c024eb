import { resourcePolicy } from "../../framework/policy.ts";
import type { Plain } from "../../framework/known.ts";
import { isUndecided, securityHub, textsAt, mend } from "../values.ts";

const PATHS = ["tunnel1IkeVersions", "tunnel2IkeVersions"] as const;

export const vpnConnectionUsesCurrentIke = resourcePolicy({
  name: "vpn-connection-uses-current-ike",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Both tunnels of a site-to-site VPN connection speak IKEv2 only.",
  why: "IKEv1 can be slowed down and broken into by flaws that version 2 does not have; without a list both are offered.",
  fix: 'Write tunnel1IkeVersions: ["ikev2"] and tunnel2IkeVersions: ["ikev2"].',
  control: securityHub("EC2 VPN connections should use IKEv2 protocol", ["EC2.183"]),
  settings: {},
  types: ["aws:ec2/vpnConnection:VpnConnection"],
  check(resource, _settings, report) {
    for (const path of PATHS) {
      if (isUndecided(resource, report, "which IKE versions the tunnel speaks", path)) continue;
      if (isVersion2(resource.inputs, path)) continue;
      const versions = textsAt(resource.inputs, path);
      report.violation(`${path} is ${versions.length === 0 ? "not set" : versions.join(", ")}; write ["ikev2"].`);
    }
  },
  remediate(resource) {
    const wrong = PATHS.filter((path) => !isVersion2(resource.inputs, path));
    return mend(resource, wrong, ["ikev2"]);
  },
});

function isVersion2(inputs: Plain, path: string): boolean {
  const versions = textsAt(inputs, path);
  return versions.length > 0 && versions.every((version) => version.toLowerCase() === "ikev2");
}
