import assert from "node:assert/strict";
import { Fingerprints } from "../../../components/secret-drift/checker/fingerprint.ts";
import { heal } from "../../../components/secret-drift/checker/healing/healer.ts";
import { propose } from "../../../components/secret-drift/checker/healing/proposal.ts";
import { History } from "../../../components/secret-drift/checker/history.ts";
import { parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { checkRound } from "../../../components/secret-drift/checker/round.ts";
import type { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import {
  type Asked,
  type Listed,
  type Missing,
  type Store,
  answered,
} from "../../../components/secret-drift/checker/store.ts";
import { AwsSecretsManagerStore } from "../../../components/secret-drift/checker/stores/aws-secrets-manager.ts";
import { AwsSsmStore } from "../../../components/secret-drift/checker/stores/aws-ssm.ts";
import { MemoryStore } from "./memory-store.ts";
import { fakeAws } from "./servers/aws-server.ts";

const DAY = 86_400_000;
const YEARS = 5 * 365 * DAY;

/** A store whose clock is wrong. */
class SkewedStore extends MemoryStore {
  /** In milliseconds: above 0 it is ahead. */
  skew = 0;

  override async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const listed = await super.list(scope);
    return listed.ok ? answered(listed.value.map((each) => this.#skewed(each))) : listed;
  }

  override async write(
    scope: string,
    name: string,
    value: SecretValue,
    ifFound?: Listed | Missing,
  ): Promise<Asked<Listed>> {
    const written = await super.write(scope, name, value, ifFound);
    return written.ok ? answered(this.#skewed(written.value)) : written;
  }

  #skewed(listed: Listed): Listed {
    return { ...listed, updatedAt: (listed.updatedAt ?? 0) + this.skew };
  }
}

const MAPPING = parseMapping(
  `
source: { store: source, scope: all }
stores: { source: { kind: memory }, readable: { kind: memory }, closed: { kind: memory } }
secrets:
  key:
    property: key
    risk: low
    rotateAfterDays: 30
    minimumLength: 1
    places: [{ store: readable, scope: a, name: KEY }, { store: closed, scope: b, name: KEY }]
`,
  "secrets.yaml",
);

describe("clocks that are wrong", () => {
  /** A secret that was healed everywhere, by stores whose clocks are as wrong as that. */
  async function world(skew: number) {
    const source = new SkewedStore("source");
    const readable = new SkewedStore("readable");
    const closed = new SkewedStore("closed", false);
    const all = [source, readable, closed];
    for (const store of all) store.skew = skew;
    const stores = new Map<string, Store>(all.map((store) => [store.name, store]));
    const options = { mapping: MAPPING, stores, history: new History(":memory:") };
    const fingerprints = new Fingerprints(Buffer.alloc(32, 1));
    const clock = { now: Date.UTC(2026, 0, 2) };
    const round = () => checkRound({ ...options, fingerprints, now: clock.now });
    const kinds = async () => (await round()).drifts.map(({ kind, place }) => `${kind} ${place.store}`);
    source.set("all", "key", "value");
    const { seen, drifts } = await round();
    options.history.journal.propose(propose(MAPPING, seen, drifts), "monitor", clock.now);
    const healed = await heal({ ...options, fingerprints, now: () => clock.now, holder: "test" });
    assert.deepEqual(
      healed.map(({ result }) => result),
      ["done"],
    );
    assert.deepEqual(await kinds(), []);
    return { source, readable, closed, clock, kinds };
  }

  for (const [title, skew] of [
    ["ahead", YEARS],
    ["behind", -DAY],
  ] as const) {
    it(`of stores that are ${title} make no drift and hide none`, async () => {
      const { closed, readable, kinds } = await world(skew);
      closed.set("b", "KEY", "by a person");
      assert.deepEqual(await kinds(), ["changed-there closed"]);
      readable.set("a", "KEY", "by a person");
      assert.deepEqual(await kinds(), ["changed-there readable", "changed-there closed"]);
    });

    it(`of stores that are ${title} let no value be new for ever`, async () => {
      const { clock, kinds } = await world(skew);
      clock.now += 28 * DAY;
      assert.deepEqual(await kinds(), []);
      clock.now += 3 * DAY;
      assert.deepEqual(await kinds(), ["stale source"]);
    });
  }

  it("that a store sets back hide no write", async () => {
    const { closed, kinds } = await world(0);
    closed.skew = -2 * DAY;
    closed.set("b", "KEY", "by a person");
    assert.deepEqual(await kinds(), ["changed-there closed"]);
  });

  it("that go back between two rounds lose no finding", async () => {
    const { readable, clock, kinds } = await world(0);
    readable.set("a", "KEY", "by a person");
    assert.deepEqual(await kinds(), ["changed-there readable"]);
    clock.now -= DAY;
    assert.deepEqual(await kinds(), ["changed-there readable"]);
  });

  for (const [title, make] of [
    ["AWS Secrets Manager", (endpoint: string) => new AwsSecretsManagerStore({ name: "aws", endpoint })],
    ["AWS Systems Manager Parameter Store", (endpoint: string) => new AwsSsmStore({ name: "aws", endpoint })],
  ] as const) {
    for (const off of [DAY, -DAY]) {
      it(`of ours and ${title} are told apart: requests are signed by AWS's (${off / DAY} day)`, async () => {
        const before = { ...process.env };
        Object.assign(process.env, { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "canary" });
        const aws = await fakeAws();
        const theirs = Date.now() + off;
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
        aws.trouble = {
          times: 1,
          status: 400,
          headers: { "content-type": "application/x-amz-json-1.1", date: new Date(theirs).toUTCString() },
          body: JSON.stringify({ __type: "InvalidSignatureException", message: "Signature expired: canary" }),
        };
        const listed = await make(aws.url).list("us-west-2");
        for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
          if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = before[name];
        assert.ok(listed.ok, listed.ok ? "" : listed.problem.message);
        const signed = aws.asked.map(({ headers }) => String(headers["x-amz-date"]));
        const [first = 0, second = 0] = signed.map((date) =>
          Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")),
        );
        assert.equal(signed.length, 2);
        assert.ok(Math.abs(second - theirs) < 300_000 && Math.abs(first - theirs) > DAY / 2, signed.join(" "));
      });
    }
  }
});
