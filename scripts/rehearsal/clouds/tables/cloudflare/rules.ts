import { CLOUDFLARE_PLANS } from "@groundwork/lib/cloudflare-plans";
import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
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

const SUBSCRIPTION = "cloudflare:index/zoneSubscription:ZoneSubscription";

export interface ZonePlan {
  readonly plan: CloudflarePlan;
  /** With where it is known from. */
  readonly shown: string;
}

/**
 * What a zone has booked: what the program books with a ZoneSubscription, else what the rehearsal is told, else the
 * smallest paid plan, since what passes with it passes with the larger ones.
 */
export function planOf(ctx: Ctx, zoneId: unknown): ZonePlan {
  const subscription = ctx.all(SUBSCRIPTION).find(({ inputs }) => inputs.zoneId === zoneId);
  const booked = text(plain(subscription?.inputs.ratePlan).id);
  const plan = CLOUDFLARE_PLANS.find((each) => booked.toLowerCase().includes(each));
  if (plan !== undefined) return { plan, shown: `the ${plan} plan` };
  const told = ctx.cloudflarePlan;
  return told === undefined
    ? { plan: "pro", shown: "the pro plan (assumed: no ZoneSubscription says otherwise)" }
    : { plan: told, shown: `the ${told} plan (cloudflare.plan in rehearsal.yaml)` };
}

/** Whether any zone of the account is booked as Enterprise: what belongs to the account has its limits then. */
export function hasEnterprise(ctx: Ctx): boolean {
  return (
    ctx.cloudflarePlan === "enterprise" ||
    ctx.all(SUBSCRIPTION).some(({ inputs }) => text(plain(inputs.ratePlan).id).toLowerCase().includes("enterprise"))
  );
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
