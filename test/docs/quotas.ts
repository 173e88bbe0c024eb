import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { LOAD_BALANCING, RULES_BY_PHASE } from "@groundwork/lib/cloudflare-plans";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Item } from "../../scripts/rehearsal/clouds/inventory.ts";
import { CLUSTER, clusterPlace } from "../../scripts/rehearsal/clouds/places.ts";
import { chargesOf, QuotaCounter } from "../../scripts/rehearsal/clouds/quotas.ts";
import type { QuotaReport } from "../../scripts/rehearsal/clouds/quotas.ts";
import type { Ctx, Properties, Thing } from "../../scripts/rehearsal/clouds/table.ts";
import { table as aws } from "../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { fromPlainObject } from "../../scripts/rehearsal/clouds/values.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS } from "../stacks/cloud-fixture.ts";
import { prodConfig } from "../stacks/prod-config.ts";

const PAGE = join(groundworkRoot, "docs/production.md");
const [BEGIN, END] = ["<!-- quotas -->\n", "\n<!-- /quotas -->"];

/** What docs/production.md says of quotas. */
export function writtenTable(): string {
  const text = readFileSync(PAGE, "utf8");
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim();
}

/** What it must say: what prod takes of each quota, as a rehearsal counts it. */
export async function quotaTable(): Promise<string> {
  const config = prodConfig();
  const resources = await registered(() => cloudEnvironment(config), CLOUD_OUTPUTS);
  const rows = [...awsRows(config, resources), ...cloudflareRows(config, resources)];
  const lines = [
    "| in each region, or the account of Cloudflare | code | new account | `prod` at first | may grow to |",
    "| --- | --- | ---: | ---: | ---: |",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ];
  const options = await resolveConfig(PAGE);
  return (await format(lines.join("\n"), { ...options, parser: "markdown" })).trim();
}

function awsRows(config: CloudConfig, resources: readonly Registered[]): string[][] {
  const counter = new QuotaCounter({});
  const items = config.regions.flatMap(({ name }) =>
    itemsOf(
      name,
      resources.filter(({ provider }) => provider?.includes(name) === true),
    ),
  );
  for (const item of items) counter.added(item);
  const fullest = new Map<string, QuotaReport>();
  for (const report of counter.report()) {
    // of each group, and the same in every account
    if (report.quota === "securityGroupRules") continue;
    const known = fullest.get(report.quota);
    if (known === undefined || mostOf(known) < mostOf(report)) fullest.set(report.quota, report);
  }
  return [...fullest.values()]
    .sort((a, b) => mostOf(b) / Math.max(b.limit, 1) - mostOf(a) / Math.max(a.limit, 1) || a.code.localeCompare(b.code))
    .map((report) => {
      const { name, code, limit, used } = report;
      const most = mostOf(report);
      return [name, code, String(limit), beyond(used, limit), most > used ? beyond(most, limit) : ""];
    });
}

const mostOf = ({ used, ceiling = used }: QuotaReport): number => ceiling;

/** Bold where the account must have been granted it. */
const beyond = (count: number, limit: number): string => (count > limit ? `**${count}**` : String(count));

/** What a region has, as the rehearsal's inventory would hold it. */
function itemsOf(region: string, resources: readonly Registered[]): Item[] {
  const place = `aws/123456789012/${region}`;
  const endpoint = `https://${region}.example`;
  const things = resources.map(({ type, name, inputs }): Thing => ({
    ...{ token: type, id: `${name}-id`, urn: name, inputs },
    place: type.startsWith("aws:") ? place : clusterPlace(endpoint),
    properties: { ...inputs, ...(type === CLUSTER && { endpoint }) },
  }));
  const own = (token: string) => things.filter((thing) => thing.token === token);
  return things.map((thing) => {
    const type = aws.types.find(({ token }) => token === thing.token);
    const ctx: Ctx = {
      ...{ place, account: "123456789012", region, provider: {}, inputs: thing.inputs, name: thing.urn },
      hex: (digits) => "0".repeat(digits),
      all: own,
      find: (token, property, value) =>
        own(token).find(({ id, properties }) => (property === "id" ? id : properties[property]) === value),
    };
    const { token, id, urn, inputs, properties } = thing;
    const quotas = type === undefined ? [] : chargesOf(type, ctx);
    const known = { inputs: knownPart(inputs), properties: knownPart(properties) };
    return new Item({ ...{ token, id, urn, seed: "", quotas, place: thing.place }, ...known });
  });
}

const knownPart = (properties: Properties) =>
  fromPlainObject(JSON.parse(JSON.stringify(properties)) as Record<string, unknown>);

/** Rules of a phase count by plan. */
const PHASES: Readonly<Record<string, string>> = {
  http_ratelimit: "rate limits",
  http_request_firewall_custom: "rules of our own",
  http_request_cache_settings: "cache rules",
};

function cloudflareRows({ edge }: CloudConfig, resources: readonly Registered[]): string[][] {
  const ofKind = (kind: string) => resources.filter(({ type }) => type === kind);
  const count = (name: string) =>
    ofKind(`cloudflare:index/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`).length;
  const row = (what: string, most: number, used: number) => [
    `Cloudflare: ${what}`,
    "",
    String(most),
    beyond(used, most),
    "",
  ];
  const pools = count("loadBalancerPool");
  return [
    row("load balancers", LOAD_BALANCING.balancers, count("loadBalancer")),
    row("pools, each with an endpoint", LOAD_BALANCING.pools, pools),
    row("monitors", LOAD_BALANCING.monitors, count("loadBalancerMonitor")),
    row("check regions (`edge.checkRegions`)", 1, edge.checkRegions),
    ...Object.entries(PHASES).map(([phase, what]) => {
      const ruleset = ofKind("cloudflare:index/ruleset:Ruleset").find(({ inputs }) => inputs["phase"] === phase);
      const rules = ruleset?.inputs["rules"] as readonly unknown[];
      return row(`${what}, plan ${edge.plan}`, RULES_BY_PHASE[phase]?.[edge.plan] ?? 0, rules.length);
    }),
  ];
}

if (import.meta.main) process.stdout.write(`${await quotaTable()}\n`);
