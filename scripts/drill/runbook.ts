import type { PromotionStep } from "@groundwork/lib/promotion";
import { stringify } from "yaml";

export interface Runbook {
  readonly project: string;
  readonly stack: string;
  /** The region that takes over. */
  readonly region: string;
  readonly steps: readonly PromotionStep[];
}

/** The promotion of a region as Markdown, for people who do it at night. */
export function renderRunbook({ project, stack, region, steps }: Runbook): string {
  const lines = [
    `# ${region} takes over in ${stack}`,
    "",
    "Cloudflare sends requests to healthy regions by itself; what follows moves the data and the configuration. Steps with",
    "the same number can be taken at the same time. Nothing here is undone by waiting: the lost region may come back at any",
    "moment, and then follows.",
    "",
  ];
  steps.forEach((step, index) => {
    lines.push(...stepLines(project, stack, step));
    // the update comes once, after all changes of the same number
    const isLast = steps[index + 1]?.order !== step.order;
    const changes = steps.some((other) => other.order === step.order && "config" in other.how);
    if (isLast && changes) lines.push(`Then update: \`npm run groundwork -- up -s ${stack}\``, "");
  });
  return `${lines.join("\n").trimEnd()}\n`;
}

function stepLines(project: string, stack: string, { order, what, how, waitsFor, loses }: PromotionStep): string[] {
  const block = "command" in how ? ["sh", how.command] : ["yaml", configuration(project, stack, how.config)];
  return [
    // a list would number them anew, and lose which can be taken at the same time
    `## ${order}. ${what.replace(/\.$/, "")}`,
    "",
    `\`\`\`${block[0]}`,
    ...(block[1] ?? "").trimEnd().split("\n"),
    "```",
    "",
    ...(waitsFor === undefined ? [] : [`Go on when ${waitsFor}.`, ""]),
    `Lost by it: ${loses}.`,
    "",
  ];
}

/** As it is written in the stack file; an element of a list is told by its name. */
function configuration(project: string, stack: string, config: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(config).map(([path, value]) => {
    const element = /^(\w+)\[(\w+)=([^\]]+)\]\.(\w+)$/.exec(path);
    if (element !== null) {
      const [, key, name, wanted, member] = element;
      return `# under ${project}:${key}, where ${name} is ${wanted}\n${stringify({ [member ?? ""]: value })}`;
    }
    const [key = "", ...rest] = path.split(".");
    const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    return stringify({ [`${project}:${key}`]: nested });
  });
  return [`# Pulumi.${stack}.yaml`, ...lines.map((line) => line.trimEnd())].join("\n");
}
