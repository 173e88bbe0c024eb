import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

const PATH = "keyAlgorithm";
const WEAK = "RSA_1024";

export const certificateKeyIsStrong = resourcePolicy({
  name: "certificate-key-is-strong",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Keys of certificates have at least 2,048 bits, or are on an elliptic curve.",
  why: "Shorter keys of RSA can be broken, and browsers refuse them.",
  fix: "Write keyAlgorithm: EC_prime256v1 or RSA_2048.",
  control: fsbp("RSA certificates managed by ACM should use a key length of at least 2,048 bits", ["ACM.2"]),
  settings: {},
  types: ["aws:acm/certificate:Certificate"],
  check({ inputs, unknown }, _settings, report) {
    const path = unknownAt(unknown, PATH);
    if (path !== undefined) report.undecided(path, "whether the key is strong");
    else if (textAt(inputs, PATH) === WEAK)
      report.violation(`${PATH} is ${WEAK}, which can be broken; write EC_prime256v1 or RSA_2048.`);
  },
});
