/** What an environment costs a month: `groundwork cost --json`. Amounts are whole US cents, so that they add up. */
export interface CostReport {
  readonly stack: string;
  readonly currency: "USD";
  /** Day of the price table, and where it comes from. */
  readonly prices: { readonly date: string; readonly source: string };
  readonly totalCents: number;
  /** By system, region, service, then description. */
  readonly items: readonly CostItem[];
  /** What has no price here: listed, never counted as nothing. */
  readonly notPriced: readonly NotPriced[];
  /** What was taken for granted of traffic, requests and growth: one sentence each, with the key that changes it. */
  readonly assumptions: readonly string[];
}

export interface CostItem {
  /** Empty for what belongs to no single resource. */
  readonly urn: string;
  readonly system: string;
  readonly region: string;
  /** As AWS's bill calls it: `Amazon RDS`, `Amazon EC2`. */
  readonly service: string;
  /** What is paid for: `db.r8g.large, Aurora PostgreSQL`. */
  readonly description: string;
  readonly quantity: number;
  /** Such as `hours`, `GB-months`, `million requests`. */
  readonly unit: string;
  /** US dollars for one unit. */
  readonly unitPrice: number;
  /** `quantity` times `unitPrice`, rounded half up to a cent. */
  readonly cents: number;
  /** Page or price list that the price was read from. */
  readonly source: string;
  /** The assumption that gives the quantity; absent where the resource itself does. */
  readonly assumed?: string;
}

export interface NotPriced {
  readonly type: string;
  readonly count: number;
  /** Why there is no price: free, billed by use that nobody stated, not in the table. */
  readonly why: string;
}
