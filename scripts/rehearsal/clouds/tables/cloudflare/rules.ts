import type { Created, Ctx, Rule } from "../../table.ts";
import { list, plain, text } from "../values.ts";

export const DOCS = "https://developers.cloudflare.com";
const PROVIDER = "https://github.com/cloudflare/terraform-provider-cloudflare/blob/main/internal/services";
export const schema = (service: string) => `${PROVIDER}/${service}/schema.go`;
export const API = `${DOCS}/api/resources`;

/** Accounts, zones and most objects. https://developers.cloudflare.com/fundamentals/account/find-account-and-zone-ids/ */
const ID = /^[0-9a-f]{32}$/;
const HOST_NAME =
  /^(?=.{1,253}$)(\*\.)?([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

export function identifier(path: string): Rule {
  return {
    path,
    source: `${DOCS}/fundamentals/account/find-account-and-zone-ids/`,
    check: (value) => (ID.test(text(value)) ? undefined : "write the 32 hexadecimal digits from the dashboard"),
  };
}

export function isHostName(value: unknown): boolean {
  return HOST_NAME.test(text(value));
}

export function hostName(path: string, source: string): Rule {
  const check = (value: unknown) => (isHostName(value) ? undefined : "write a full host name, e.g. app.example.com");
  return { path, check, source };
}

export type Plan = "free" | "pro" | "business" | "enterprise";

const PLANS: readonly Plan[] = ["free", "pro", "business", "enterprise"];
const SUBSCRIPTION = "cloudflare:index/zoneSubscription:ZoneSubscription";

/**
 * What a zone has booked. Nobody tells a rehearsal, unless the program books it with a ZoneSubscription: so the smallest
 * paid plan is assumed, and what passes with it passes with the larger ones.
 */
export function planOf(ctx: Ctx, zoneId: unknown): { plan: Plan; shown: string } {
  const subscription = ctx.all(SUBSCRIPTION).find(({ inputs }) => inputs.zoneId === zoneId);
  const booked = text(plain(subscription?.inputs.ratePlan).id);
  const plan = PLANS.find((each) => booked.toLowerCase().includes(each));
  return plan
    ? { plan, shown: `the ${plan} plan` }
    : { plan: "pro", shown: "the pro plan (assumed: no ZoneSubscription says otherwise)" };
}

/** Whether any zone of the account is booked as Enterprise: what belongs to the account has its limits then. */
export function hasEnterprise(ctx: Ctx): boolean {
  return ctx
    .all(SUBSCRIPTION)
    .some(({ inputs }) => text(plain(inputs.ratePlan).id).toLowerCase().includes("enterprise"));
}

export function now(): string {
  return new Date().toISOString();
}

/** Creation and last change, which every object shows. */
export function times(ctx: Created): { createdOn: string; modifiedOn: string } {
  const modifiedOn = now();
  return { createdOn: text(ctx.old?.properties.createdOn) || modifiedOn, modifiedOn };
}

export function texts(value: unknown): string[] {
  return list(value).map(text);
}
