import { describe } from "mocha";
import { breakOwnStack } from "../../helpers/own-stack.ts";

describe("prod, broken at ten points of its first up", () =>
  breakOwnStack("prod", {
    // every kind of cloud and every dependency between them are in one system, in a fifth of the time
    systems: ["finai-nexus"],
    recovery: { enabled: false },
    account: { owner: false },
  }));
