import type { CloudflarePlan } from "@groundwork/lib/cloudflare-plans";

/** A host name as the edge sees it: what of it is pages and files, what is data, and how much of it one client may ask for. */
export interface EdgeSite {
  /** Of the system, e.g. `finai-nexus`; prefix of its rules. */
  readonly name: string;
  /** The public host name, in the zone. */
  readonly host: string;
  /** Path prefixes that answer browsers with pages and files, e.g. `/`; only what lies below them is ever cached. */
  readonly pages: readonly string[];
  /** Path prefixes that answer programs with data, e.g. `/api`: never cached, and no challenge that only a browser solves. */
  readonly apis: readonly string[];
  /** What one client, told by its address, may ask of the host in ten seconds. */
  readonly requestsPerTenSeconds: number;
}

/** Where requests go while all regions are healthy. https://developers.cloudflare.com/load-balancing/understand-basics/traffic-steering/steering-policies/ */
export type Steering = "off" | "geo" | "dynamic" | "leastOutstanding";

export type Affinity = "none" | "cookie" | "ipCookie";

/** Whether Cloudflare shows the balancers a certificate of ours, and whether they ask for it. */
export type OriginAuthenticationMode = "off" | "presented" | "required";

/** What a stack chooses of the edge. */
export interface EdgeSettings {
  /** What the zone has booked; it decides which of the settings below exist. */
  readonly plan: CloudflarePlan;
  /** Whether the zone signs its DNS records; the registrar must then be given the DS record. */
  readonly dnssec: boolean;
  /** Seconds for which browsers remember to use HTTPS only; 0 turns it off. */
  readonly hstsSeconds: number;
  /** Whether Cloudflare picks the fastest way to the origin (Argo Smart Routing), a paid add-on by traffic. */
  readonly argo: boolean;
  readonly bots: "off" | "challenge" | "block";
  /** How soon Cloudflare takes a rise in requests for an attack. */
  readonly ddosSensitivity: "default" | "medium" | "low";
  /** IPv4 blocks that are never limited or challenged, e.g. a load generator's. */
  readonly exemptCidrs: readonly string[];
  readonly steering: Steering;
  readonly affinity: Affinity;
  /**
   * Parts of the world from which Cloudflare checks a region's health: as many as Load Balancing was booked with, 1 by
   * default and up to 8, on Enterprise 13. https://developers.cloudflare.com/load-balancing/monitors/#health-monitor-regions
   */
  readonly checkRegions: number;
  /** Who is told when a region becomes unhealthy or healthy; empty: nobody. */
  readonly notificationEmail: string;
  readonly originAuthentication: OriginAuthenticationMode;
  /** Names of the client certificates that Cloudflare has and the balancers trust; the last one added is the one in use. */
  readonly originCertificates: readonly string[];
}
