import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The columns that a row names; the rest are empty, as most are in AWS's files. */
export type Row = Readonly<Record<string, string>>;

const COLUMNS = [
  ...[
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
  ],
  ...[
    "RelatedTo",
    "LeaseContractLength",
    "PurchaseOption",
    "OfferingClass",
    "Product Family",
    "serviceCode",
    "Location",
    "Location Type",
    "Instance Type",
  ],
  ...[
    "Storage",
    "Operating System",
    "License Model",
    "Tenancy",
    "Pre Installed S/W",
    "CapacityStatus",
    "Volume API Name",
    "Database Engine",
    "Deployment Option",
  ],
  ...["Group", "usageType", "operation", "Region Code"],
];

/** An offer's file as AWS publishes it: five lines about it, the columns, then a line for each price. */
export function offerFile(offer: string, rows: readonly Row[], published = "2026-11-20T10:00:00Z"): string {
  const head = [
    ["FormatVersion", "v1.0"],
    ["Disclaimer", 'This pricing list is for informational purposes only, see "terms"'],
    ["Publication Date", published],
    ["Version", "20261120100000"],
    ["OfferCode", offer],
    COLUMNS,
  ];
  const common = { TermType: "OnDemand", StartingRange: "0", EndingRange: "Inf", Currency: "USD" };
  const body = rows.map((row) => COLUMNS.map((column) => ({ ...common, ...row })[column] ?? ""));
  return (
    [...head, ...body].map((line) => line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\n") + "\n"
  );
}

/** What the list answers for `<offer> <region>`; an offer that is not named is not there. */
export type Answers = Readonly<Record<string, (response: ServerResponse, times: number) => void>>;

/** A server on a port of its own that stands for AWS's public price list. */
export async function priceServer(
  answers: Answers,
): Promise<{ readonly base: string; readonly asked: readonly string[]; readonly close: () => Promise<void> }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const [, offer, region] =
      /^\/offers\/v1\.0\/aws\/(\w+)\/current\/([a-z0-9-]+)\/index\.csv$/.exec(request.url ?? "") ?? [];
    const key = `${offer ?? ""} ${region ?? ""}`;
    asked.push(key);
    const answer = answers[key];
    if (answer === undefined) response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    else answer(response, asked.filter((each) => each === key).length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function sends(text: string): (response: ServerResponse) => void {
  return (response) => response.writeHead(200, { "content-type": "text/csv" }).end(text);
}

/** Begins to answer and goes away in the middle of a line. */
export function cuts(text: string): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { "content-length": String(text.length) });
    response.write(text.slice(0, text.length - 20), () => response.destroy());
  };
}
