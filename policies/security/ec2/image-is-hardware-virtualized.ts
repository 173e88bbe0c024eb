import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const PATH = "virtualizationType";

export const imageIsHardwareVirtualized = resourcePolicy({
  name: "image-is-hardware-virtualized",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Machine images that a program registers are for hardware virtual machines.",
  why: "Paravirtual images start only on instance types of the first generations, which get no new protection.",
  fix: 'Write virtualizationType: "hvm"; the provider\'s default is paravirtual.',
  control: fsbp("Amazon EC2 paravirtual instance types should not be used", ["EC2.24"]),
  settings: {},
  types: ["aws:ec2/ami:Ami"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "how the image is virtualized", PATH)) return;
    const type = textAt(resource.inputs, PATH);
    if (type === "hvm") return;
    report.violation(`${PATH} is ${type ?? "not set, which means paravirtual"}; write "hvm".`);
  },
});
