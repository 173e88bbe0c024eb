import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { readExceptions, scan } from "../../../components/secret-drift/checker/exposure/index.ts";
import { InvalidMapping } from "../../../components/secret-drift/checker/reader.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { Random } from "./corpus/random.ts";

const TOKEN = `ghp_${new Random(7).text(36)}`;

describe("what the exposure scan is given", function () {
  this.timeout(60_000);

  it("refuses a file of exceptions that cannot be read, or whose aliases lead nowhere", () => {
    const folder = temporaryFolder({ "aliases.yaml": "ignore: *nothing\n" });
    const refused = (file: string, message: string) =>
      assert.throws(
        () => readExceptions(file),
        (error) => error instanceof InvalidMapping && error.message.startsWith(message),
      );
    const aliases = join(folder, "aliases.yaml");
    refused(aliases, `${aliases} holds no exceptions: write \`ignore:\``);
    refused(folder, `${folder} cannot be read (EISDIR): let this user read it, or take it away`);
  });

  it("reads manifests as text alone where their aliases lead nowhere, or to more than the memory holds", async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const inside = Array.from({ length: 10 }, () => (level === 0 ? "x" : `*a${level - 1}`)).join(", ");
      return `a${level}: &a${level} [${inside}]`;
    });
    const many = Array.from({ length: 200 }, (_, index) => `k${index}: *base`);
    const manifests = temporaryFolder({
      "bomb.yaml": ["kind: ConfigMap", ...levels, `token: ${TOKEN}`].join("\n"),
      "many.yaml": ["kind: ConfigMap", "base: &base [a]", ...many, "dbPassword: hunter2hunter"].join("\n"),
      "nowhere.yaml": ["kind: ConfigMap", "a: *nothing", `token: ${TOKEN}`].join("\n"),
    });
    const { exposures } = await scan({ targets: { manifests: [manifests] } });
    assert.deepEqual(exposures.map(({ path, rule, lines }) => `${basename(path)} ${rule} ${lines.join()}`).sort(), [
      "bomb.yaml github/GITHUB_TOKEN 11",
      "many.yaml groundwork/PlainSecret 203",
      "nowhere.yaml github/GITHUB_TOKEN 3",
    ]);
  });
});
