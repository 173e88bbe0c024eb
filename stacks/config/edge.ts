import { CHECK_REGIONS } from "../../components/cdn/steering.ts";
import type { EdgeSettings } from "../../components/cdn/spec.ts";
import type { Reader } from "./values.ts";
import { boolean, integer, list, object, oneOf, text } from "./values.ts";

/** What a stack chooses of the edge beside its plan. */
export type EdgeChoices = Omit<EdgeSettings, "plan">;

/** A year: what browsers' preload list asks for. https://hstspreload.org/ */
const HSTS_SECONDS = 31_536_000;

/** Every setting has the default that suits most; a stack writes what it wants otherwise. */
export const edgeChoices = (cidr: Reader<string>): Reader<EdgeChoices> =>
  object<EdgeChoices>({
    dnssec: { read: boolean, fallback: false },
    hstsSeconds: { read: integer(0, 2 * HSTS_SECONDS), fallback: HSTS_SECONDS },
    argo: { read: boolean, fallback: false },
    bots: { read: oneOf("off", "challenge", "block"), fallback: "challenge" },
    ddosSensitivity: { read: oneOf("default", "medium", "low"), fallback: "default" },
    exemptCidrs: { read: list(cidr, 'a list of IPv4 blocks, e.g. ["203.0.113.0/24"]'), fallback: [] },
    steering: { read: oneOf("off", "geo", "dynamic", "leastOutstanding"), fallback: "off" },
    affinity: { read: oneOf("none", "cookie", "ipCookie"), fallback: "none" },
    checkRegions: { read: integer(1, CHECK_REGIONS), fallback: 1 },
    notificationEmail: { read: text(/^(\S+@\S+)?$/, "an address"), fallback: "" },
    originAuthentication: { read: oneOf("off", "presented", "required"), fallback: "required" },
    originCertificates: {
      read: list(text(/./, 'a name such as "2027"'), 'a list of names, e.g. ["first"]'),
      fallback: ["first"],
    },
  });
