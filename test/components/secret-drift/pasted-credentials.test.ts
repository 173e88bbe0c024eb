import assert from "node:assert/strict";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";

/** None of them was ever one. */
const RANDOM = "0123456789abcdefABCDEF0123456789abcdef01";
const SHAPED: readonly string[] = [
  ...["ghp_", "gho_", "ghs_", "github_pat_", "pul-", "xoxb-", "AGE-SECRET-KEY-1"].map((prefix) => prefix + RANDOM),
  `AKIA${RANDOM.toUpperCase().slice(0, 16)}`,
  `-----BEGIN PRIVATE KEY-----\n${RANDOM}`,
  `https://me:${RANDOM}@example.com`,
];
/** Where people paste: the text is put instead of `HERE`. */
const PLACES: readonly string[] = [
  "stores: { s: { kind: github, tokenVariable: HERE } }",
  "stores: { s: { kind: github, appId: 1, installationId: 1, privateKeyVariable: HERE } }",
  "stores: { s: { kind: pulumi-esc, tokenVariable: HERE } }",
  "stores: { s: { kind: pulumi-esc, url: HERE } }",
  "stores: { s: { kind: pulumi-esc, token: HERE } }",
  "stores: { s: { kind: file, identityFile: HERE } }",
  "stores: { s: { kind: aws-ssm, endpoint: HERE } }",
  "stores: { HERE: { kind: aws-ssm } }",
  "stores: { s: { kind: HERE } }",
  "secrets: { a: { property: b, places: [{ store: s, scope: HERE, name: c }] } }",
  "secrets: { a: { property: HERE, places: [] } }",
  "HERE: true",
];

async function refusal(place: string, text: string): Promise<string> {
  const [key = ""] = place.split(":");
  const rest = Object.entries({
    source: "source: { store: s, scope: x }",
    stores: "stores: { s: { kind: aws-ssm } }",
    secrets: "secrets: {}",
  });
  const lines = [...rest.filter(([name]) => name !== key).map(([, line]) => line), place];
  const document = lines.join("\n").replaceAll("HERE", JSON.stringify(text));
  try {
    await openStores(parseMapping(document, "secrets.yaml"), "secrets.yaml");
  } catch (error) {
    assert.ok(error instanceof InvalidMapping, String(error));
    return error.message;
  }
  return assert.fail(`taken: ${place}`);
}

describe("a credential that somebody has pasted into the mapping", () => {
  it("is refused wherever it is, and never shown", async () => {
    for (const place of PLACES)
      for (const text of SHAPED) {
        const message = await refusal(place, text);
        assert.match(message, /"\[hidden\]", which looks like a credential: take it out and change it/, place);
        assert.ok(!message.includes("0123456789") && !message.includes("\n"), message);
      }
  });

  it("is not shown either where it has no shape of its own and should be the name of a variable", async () => {
    for (const place of PLACES.filter((each) => each.includes("Variable")))
      for (const text of [RANDOM, `a${RANDOM}`, "a token with spaces", "x".repeat(200)]) {
        const message = await refusal(place, text);
        assert.match(message, /Variable as "\[hidden\]": write the name of the environment variable that holds the /);
        assert.ok(!message.includes(text), message);
      }
  });

  it("is not seen in names that people give", async () => {
    const names = ["pul-team-token", "GITHUB_PAT_DEPLOY", "ghs_x", "AKIA", "prod/xoxb"];
    const places = names.map((name) => `{ store: s, scope: us-west-2, name: "${name}" }`).join(", ");
    const document = `source: { store: e, scope: a/b/c }
stores: { e: { kind: pulumi-esc, tokenVariable: PULUMI_TOKEN_2 }, s: { kind: aws-secrets-manager } }
secrets: { one: { property: a.b, places: [${places}] } }`;
    assert.equal((await openStores(parseMapping(document, "secrets.yaml"), "secrets.yaml")).size, 2);
  });
});
