import { describe } from "mocha";
import { breakOwnStack } from "../../helpers/own-stack.ts";

describe("dev, broken at ten points of its first up", () => breakOwnStack("dev"));
