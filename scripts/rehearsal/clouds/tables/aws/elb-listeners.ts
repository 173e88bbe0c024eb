import type { Created, Ctx, ResourceType } from "../../table.ts";
import { CERTIFICATE } from "./acm.ts";
import { LISTENER, LOAD_BALANCER, TARGET_GROUP } from "./elb.ts";
import { mutualProblem, TRUST_STORE } from "./trust-stores.ts";
import type { Problem } from "./rules.ts";
import {
  arn,
  awsType,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  others,
  pattern,
  port,
  range,
  refer,
  rule,
  sourced,
  text,
  thing,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/";
const CREATE = `${API}API_CreateListener.html`;
const ACTIONS = oneOf(
  "forward",
  "redirect",
  "fixed-response",
  "authenticate-cognito",
  "authenticate-oidc",
  "jwt-validation",
);

const isSecure = (protocol: string): boolean => protocol === "HTTPS" || protocol === "TLS";
const balancerKind = (loadBalancerArn: string): string => /:loadbalancer\/(\w+)\//.exec(loadBalancerArn)?.[1] ?? "";

const protocolOf = (ctx: Ctx): string =>
  input(ctx, "protocol") || (balancerKind(input(ctx, "loadBalancerArn")) === "app" ? "HTTP" : "");

const listenerProblem = (ctx: Ctx): Problem | undefined => {
  const protocol = protocolOf(ctx);
  if (isSecure(protocol) && ctx.inputs["certificateArn"] === undefined)
    return {
      path: "certificateArn",
      reason: `CertificateNotFound: name a certificate: a listener of ${protocol} needs one`,
    };
  const secure = ["certificateArn", "sslPolicy"].find((property) => input(ctx, property) !== "");
  if (protocol !== "" && !isSecure(protocol) && secure !== undefined)
    return { path: secure, reason: `leave it out: a listener of ${protocol} does not end TLS` };
  if (ctx.inputs["certificateArn"] !== undefined && !isIssued(ctx))
    return {
      path: "certificateArn",
      reason: "UnsupportedCertificate: take the ARN from the certificate's validation: it is not issued yet",
    };
  const mutual = mutualProblem(ctx, protocol === "HTTPS");
  if (mutual !== undefined) return mutual;
  const kind = balancerKind(input(ctx, "loadBalancerArn"));
  const fits = kind === "app" ? /^HTTPS?$/ : kind === "net" ? /^(TCP|TLS|UDP|TCP_UDP|QUIC|TCP_QUIC)$/ : /^/;
  if (protocol !== "" && !fits.test(protocol))
    return {
      path: "protocol",
      reason:
        kind === "app"
          ? "write HTTP or HTTPS for an application load balancer"
          : "write TCP, TLS, UDP or TCP_UDP for a network load balancer",
    };
  return targetProblem(
    ctx,
    list(ctx.inputs["defaultActions"]).map(object),
    "defaultActions",
    input(ctx, "loadBalancerArn"),
  );
};

/** A certificate of ACM can be used once it is validated. */
const isIssued = (ctx: Ctx): boolean => {
  const arn = ctx.inputs["certificateArn"];
  return (
    thing(ctx, CERTIFICATE, arn)?.properties["status"] !== "PENDING_VALIDATION" ||
    ctx.find("aws:acm/certificateValidation:CertificateValidation", "certificateArn", arn) !== undefined
  );
};

type Action = Readonly<Record<string, unknown>>;

/** A forward leads to a target group of the balancer's VPC, and a target group belongs to one balancer. */
const targetProblem = (
  ctx: Ctx,
  actions: readonly Action[],
  path: string,
  balancerArn: string,
): Problem | undefined => {
  const balancer = thing(ctx, LOAD_BALANCER, balancerArn);
  for (const [index, action] of actions.entries()) {
    const problem = actionProblem(action);
    if (problem !== undefined) return { path: `${path}[${index}].${problem.path}`, reason: problem.reason };
    const group = thing(ctx, TARGET_GROUP, action["targetGroupArn"]);
    if (group !== undefined && balancer !== undefined && group.properties["vpcId"] !== balancer.properties["vpcId"])
      return {
        path: `${path}[${index}].targetGroupArn`,
        reason: `InvalidConfigurationRequest: the target group is of ${text(group.properties["vpcId"])}, the load balancer of ${text(balancer.properties["vpcId"])}`,
      };
    const elsewhere = group === undefined ? undefined : servedBy(ctx, group.id, balancerArn);
    if (elsewhere !== undefined)
      return {
        path: `${path}[${index}].targetGroupArn`,
        reason: `TargetGroupAssociationLimit: the target group serves ${elsewhere} already, take one for each load balancer`,
      };
  }
  return undefined;
};

const actionProblem = (action: Action): Problem | undefined => {
  const needs: Readonly<Record<string, readonly string[]>> = {
    forward: ["targetGroupArn", "forward"],
    redirect: ["redirect"],
    "fixed-response": ["fixedResponse"],
  };
  const wanted = needs[text(action["type"])];
  return wanted === undefined || wanted.some((property) => action[property] !== undefined)
    ? undefined
    : { path: wanted[0] ?? "type", reason: `write it: an action of type ${text(action["type"])} needs one` };
};

const servedBy = (ctx: Ctx, groupArn: string, balancerArn: string): string | undefined =>
  ctx
    .all(LISTENER)
    .filter((each) => each.properties["loadBalancerArn"] !== balancerArn)
    .find((each) =>
      list(each.properties["defaultActions"]).some((action) => object(action)["targetGroupArn"] === groupArn),
    )?.properties["loadBalancerArn"] as string | undefined;

const tail = (loadBalancerArn: string): string => loadBalancerArn.replace(":loadbalancer/", ":listener/");

const HEADERS = [
  "routingHttpRequestXAmznMtlsClientcertHeaderName",
  "routingHttpRequestXAmznMtlsClientcertIssuerHeaderName",
  "routingHttpRequestXAmznMtlsClientcertLeafHeaderName",
  "routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName",
  "routingHttpRequestXAmznMtlsClientcertSubjectHeaderName",
  "routingHttpRequestXAmznMtlsClientcertValidityHeaderName",
  "routingHttpRequestXAmznTlsCipherSuiteHeaderName",
  "routingHttpRequestXAmznTlsVersionHeaderName",
  "routingHttpResponseAccessControlAllowCredentialsHeaderValue",
  "routingHttpResponseAccessControlAllowHeadersHeaderValue",
  "routingHttpResponseAccessControlAllowMethodsHeaderValue",
  "routingHttpResponseAccessControlAllowOriginHeaderValue",
  "routingHttpResponseAccessControlExposeHeadersHeaderValue",
  "routingHttpResponseAccessControlMaxAgeHeaderValue",
  "routingHttpResponseContentSecurityPolicyHeaderValue",
  "routingHttpResponseStrictTransportSecurityHeaderValue",
  "routingHttpResponseXContentTypeOptionsHeaderValue",
  "routingHttpResponseXFrameOptionsHeaderValue",
] as const;

const listener = awsType({
  token: LISTENER,
  source: upstream("elbv2/listener.go"),
  id: (ctx) => `${tail(input(ctx, "loadBalancerArn"))}/${ctx.hex(16, "listener")}`,
  key: (ctx) => `${input(ctx, "loadBalancerArn")} ${number(ctx.inputs["port"]) ?? ""}`,
  exists: "DuplicateListener",
  rules: [
    rule("port", port, CREATE),
    rule("protocol", oneOf("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"), CREATE),
    rule(
      "sslPolicy",
      pattern(/^ELBSecurityPolicy-[A-Za-z0-9-]+$/, "write a policy such as ELBSecurityPolicy-TLS13-1-2-2021-06"),
      "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    ),
    rule("certificateArn", arn("(acm|iam)"), CREATE),
    rule("defaultActions[].type", ACTIONS, `${API}API_Action.html`),
    rule("tcpIdleTimeoutSeconds", range(60, 6000), `${API}API_ListenerAttribute.html`),
    rule(
      "routingHttpResponseXFrameOptionsHeaderValue",
      pattern(/^(DENY|SAMEORIGIN|ALLOW-FROM .+)$/, "write DENY or SAMEORIGIN"),
      `${API}API_ListenerAttribute.html`,
    ),
    rule("routingHttpResponseXContentTypeOptionsHeaderValue", oneOf("nosniff"), `${API}API_ListenerAttribute.html`),
  ],
  references: [
    refer("loadBalancerArn", LOAD_BALANCER, { holds: false }),
    refer("certificateArn", CERTIFICATE, { except: /^arn:aws:iam:/ }),
    refer("mutualAuthentication.trustStoreArn", TRUST_STORE, { except: /^$/ }),
    refer("defaultActions[].targetGroupArn", TARGET_GROUP),
    refer("defaultActions[].forward.targetGroups[].arn", TARGET_GROUP),
  ],
  check: (ctx) => sourced(listenerProblem(ctx), CREATE),
  replaces: ["loadBalancerArn"],
  updates: [
    "alpnPolicy",
    "certificateArn",
    "defaultActions",
    "mutualAuthentication",
    "port",
    "protocol",
    "routingHttpResponseServerEnabled",
    ...HEADERS,
    "sslPolicy",
    "tcpIdleTimeoutSeconds",
  ],
  defaults: {
    mutualAuthentication: (ctx: Created) => ({
      mode: isSecure(protocolOf(ctx)) ? "off" : "",
      advertiseTrustStoreCaNames: "",
      ignoreClientCertificateExpiry: false,
      trustStoreArn: "",
    }),
    protocol: (ctx: Created) => protocolOf(ctx),
    routingHttpResponseServerEnabled: true,
    sslPolicy: (ctx: Created) => (isSecure(protocolOf(ctx)) ? "ELBSecurityPolicy-2016-08" : ""),
    tcpIdleTimeoutSeconds: (ctx: Created) => (protocolOf(ctx) === "TCP" ? 350 : 0),
    ...Object.fromEntries(HEADERS.map((header) => [header, ""])),
  },
  outputs: (ctx) => ({ arn: ctx.id }),
});

const RULE = `${API}API_CreateRule.html`;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html: values over all conditions */
const MOST_VALUES = 5;
const KINDS_OF_CONDITION = ["hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp"];

const ruleProblem = (ctx: Ctx): Problem | undefined => {
  const conditions = list(ctx.inputs["conditions"]).map(object);
  const odd = conditions.findIndex(
    (each) => KINDS_OF_CONDITION.filter((kind) => each[kind] !== undefined).length !== 1,
  );
  if (odd >= 0)
    return {
      path: `conditions[${odd}]`,
      reason: `write exactly one of ${KINDS_OF_CONDITION.join(", ")} in each condition`,
    };
  const values = conditions.flatMap((each) =>
    KINDS_OF_CONDITION.flatMap((kind) => [
      ...list(object(each[kind])["values"]),
      ...list(object(each[kind])["regexValues"]),
    ]),
  ).length;
  if (values > MOST_VALUES)
    return {
      path: "conditions",
      reason: `TooManyConditions: write at most ${MOST_VALUES} values in one rule, not ${values}`,
    };
  const balancer = input(ctx, "listenerArn")
    .replace(":listener/", ":loadbalancer/")
    .replace(/\/[0-9a-f]+$/, "");
  return targetProblem(ctx, list(ctx.inputs["actions"]).map(object), "actions", balancer);
};

/** The next priority after the highest of the listener. */
const nextPriority = (ctx: Created): number =>
  Math.max(
    0,
    ...others(ctx, "aws:lb/listenerRule:ListenerRule")
      .filter((each) => each.properties["listenerArn"] === ctx.inputs["listenerArn"] && each.id !== ctx.id)
      .map((each) => Number(each.properties["priority"] ?? 0)),
  ) + 1;

const listenerRule = awsType({
  token: "aws:lb/listenerRule:ListenerRule",
  source: upstream("elbv2/listener_rule.go"),
  id: (ctx) => `${input(ctx, "listenerArn").replace(":listener/", ":listener-rule/")}/${ctx.hex(16, "rule")}`,
  key: (ctx) =>
    ctx.inputs["priority"] === undefined
      ? undefined
      : `${input(ctx, "listenerArn")} ${number(ctx.inputs["priority"]) ?? ""}`,
  exists: "PriorityInUse",
  rules: [
    rule("priority", range(1, 50_000), RULE),
    rule("actions", length(1, 5), RULE),
    rule("actions[].type", ACTIONS, `${API}API_Action.html`),
    rule("conditions[].hostHeader.values[]", length(1, 128), `${API}API_HostHeaderConditionConfig.html`),
    rule("conditions[].pathPattern.values[]", length(1, 128), `${API}API_PathPatternConditionConfig.html`),
  ],
  references: [
    refer("listenerArn", LISTENER, { holds: false }),
    refer("actions[].targetGroupArn", TARGET_GROUP),
    refer("actions[].forward.targetGroups[].arn", TARGET_GROUP),
  ],
  check: (ctx) => sourced(ruleProblem(ctx), RULE),
  replaces: ["listenerArn"],
  updates: ["actions", "conditions", "priority", "transforms"],
  defaults: { priority: (ctx: Created) => ctx.old?.properties["priority"] ?? nextPriority(ctx) },
  outputs: (ctx) => ({ arn: ctx.id }),
});

export const listeners: readonly ResourceType[] = [listener, listenerRule];
