import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided, mend } from "../values.ts";

const PATH = "autoAcceptSharedAttachments";

export const transitGatewayAsksFirst = resourcePolicy({
  name: "transit-gateway-asks-first",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Transit gateways do not take in VPCs of other accounts by themselves.",
  why: "Any account that the gateway is shared with could join its network to yours unseen.",
  fix: 'Write autoAcceptSharedAttachments: "disable" and accept each attachment.',
  control: fsbp("Amazon EC2 Transit Gateways should not automatically accept VPC attachment requests", ["EC2.23"]),
  settings: {},
  types: ["aws:ec2transitgateway/transitGateway:TransitGateway"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether attachments are accepted unseen", PATH)) return;
    if (textAt(resource.inputs, PATH) !== "enable") return;
    report.violation(`${PATH} is enable; write "disable" and accept each attachment.`);
  },
  remediate(resource) {
    return mend(resource, textAt(resource.inputs, PATH) === "enable" ? [PATH] : [], "disable");
  },
});
