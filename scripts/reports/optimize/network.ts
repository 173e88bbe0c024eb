import { text } from "@groundwork/lib/pricing/line";
import { type Proposal, type Rule, centsOf, changeOf, regionsOf, share } from "./proposal.ts";
import { RATES } from "./rates.ts";

const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const NAT = "aws:ec2/natGateway:NatGateway";

/** Traffic to S3 through a NAT gateway is paid, through a gateway endpoint it is not. */
export const gatewayEndpoints: Rule = (subject) => {
  const through = subject.cost.items.filter(({ description }) => description === "NAT gateway, data processed");
  return regionsOf(through).flatMap((region): Proposal[] => {
    const has = subject.resources.some(
      ({ type, inputs }) =>
        type === ENDPOINT &&
        text(inputs, "serviceName") === `com.amazonaws.${region}.s3` &&
        text(inputs, "vpcEndpointType") !== "Interface",
    );
    const savingCents = share(centsOf(through.filter((item) => item.region === region)), RATES.endpoints.share);
    if (has || savingCents === 0) return [];
    return [
      {
        rule: "gateway-endpoints",
        area: "network",
        what: `Give the VPC in ${region} a gateway endpoint for S3, which is free.`,
        savingCents,
        risk: "low",
        riskWhy: "Routes to S3 change in a second; connections that are open then are opened again.",
        change: `a new ${ENDPOINT}: serviceName com.amazonaws.${region}.s3, vpcEndpointType Gateway, with the private route tables`,
        source: RATES.endpoints.source,
      },
    ];
  });
};

/** Interface endpoints cost by the hour what their traffic would have to make up for. */
export const interfaceEndpoints: Rule = (subject) => {
  const hours = subject.cost.items.filter(({ description }) => description === "interface endpoint in a zone");
  return regionsOf(hours).flatMap((region): Proposal[] => {
    const nat = subject.prices.find("nat/gb", region);
    const isHere = (item: { readonly region: string }) => item.region === region;
    const data = subject.cost.items.filter(
      (item) => isHere(item) && item.description === "interface endpoint, data processed",
    );
    const hasGateway = subject.cost.items.some((item) => isHere(item) && item.description === "NAT gateway");
    if (nat === undefined || !hasGateway) return [];
    const gigabytes = data.reduce((sum, { quantity }) => sum + quantity, 0);
    const savingCents = centsOf(hours.filter(isHere)) + centsOf(data) - Math.round(gigabytes * nat.usd * 100);
    if (savingCents <= 0) return [];
    return [
      {
        rule: "interface-endpoints",
        area: "network",
        what: `Let the ${hours.filter(isHere).length} interface endpoints of ${region} go: ${gigabytes} GB a month cost less through its NAT gateways.`,
        savingCents,
        risk: "medium",
        riskWhy: "Nodes then come up only while a NAT gateway is there, and calls of AWS leave the VPC.",
        change: changeOf(
          subject,
          "groundwork:vpcEndpoints: { services: [] }",
          `the ${ENDPOINT}s of type Interface in ${region}: none`,
        ),
        source: "https://aws.amazon.com/privatelink/pricing/",
      },
    ];
  });
};

/** One NAT gateway serves all zones of a region, until its own zone is lost. */
export const singleGateway: Rule = (subject) => {
  const hours = subject.cost.items.filter(({ description }) => description === "NAT gateway");
  return regionsOf(hours).flatMap((region): Proposal[] => {
    const here = hours.filter((item) => item.region === region);
    const [first, ...others] = here;
    if (first === undefined || others.length === 0) return [];
    const address = subject.prices.find("ipv4", region);
    const savingCents =
      centsOf(others) + Math.round(others.reduce((sum, { quantity }) => sum + quantity, 0) * (address?.usd ?? 0) * 100);
    return [
      {
        rule: "single-nat-gateway",
        area: "network",
        what: `Have one NAT gateway in ${region} instead of ${here.length}.`,
        savingCents,
        risk: "high",
        riskWhy: "When its zone is lost, no pod of the region reaches the internet; traffic from other zones is paid.",
        change: changeOf(
          subject,
          "groundwork:natGateways: single",
          `the ${NAT}s of ${region}: one, in the routes of all private subnets`,
        ),
        source: "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
      },
    ];
  });
};
