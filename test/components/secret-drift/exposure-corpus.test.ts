import assert from "node:assert/strict";
import { relative } from "node:path";
import {
  type Exposure,
  MANAGED,
  type ManagedValues,
  type ScanReport,
  readManaged,
  scan,
} from "../../../components/secret-drift/checker/exposure/index.ts";
import { parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { FINGERPRINT_KEY } from "../../../components/secret-drift/checker/own-names.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";
import { type Corpus, type Plant, makeCorpus } from "./corpus/corpus.ts";
import { MemoryStore } from "./memory-store.ts";

const SEED = 20_260_101;
const SCOPE = "acme/prod";

describe("the exposure scan, on a corpus of planted secrets", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let corpus: Corpus;
  let report: ScanReport;
  let found: readonly Exposure[];

  before(async () => {
    corpus = makeCorpus(folder, SEED);
    const { repository, manifests, state, containers, logs } = corpus;
    report = await scan({
      targets: { repository, manifests: [manifests], states: [state], containers: [containers], logs },
      managed: await managed(corpus),
    });
    found = report.exposures.map((exposure) => ({ ...exposure, path: relativeTo(exposure.path) }));
  });

  const relativeTo = (path: string) => (path.startsWith("/") ? relative(folder, path) : path);

  it("finds every managed value, in every encoding and place, and nothing else", () => {
    const plants = corpus.plants.filter(({ secret }) => secret !== undefined);
    const missed = plants.filter((plant) => !found.some((each) => isAt(each, plant)));
    const managedOnes = found.filter(({ rule }) => rule === MANAGED);
    const wrong = managedOnes.filter((each) => !plants.some((plant) => isAt(each, plant)));
    const recall = 1 - missed.length / plants.length;
    const precision = 1 - wrong.length / managedOnes.length;
    tell(
      `managed values: ${plants.length} planted among ${corpus.decoys} decoys, recall ${recall}, precision ${precision}`,
    );
    assert.deepEqual(missed, []);
    assert.deepEqual(wrong, []);
    assert.ok(plants.length > 800, `only ${plants.length}`);
  });

  it("finds other secrets by rules, as far as rules go", () => {
    const plants = corpus.plants.filter(({ secret }) => secret === undefined);
    const ruled = found.filter(({ rule }) => rule !== MANAGED);
    const missed = plants.filter((plant) => !ruled.some((each) => isAt(each, plant)));
    // a managed value may also look like a token, or stand in a Secret: that is true, and no second exposure
    const wrong = ruled.filter((each) => !corpus.plants.some((plant) => isAt(each, plant)));
    const recall = 1 - missed.length / plants.length;
    const precision = 1 - wrong.length / ruled.length;
    tell(`rules: ${plants.length} planted, recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}`);
    tell(`not found by rules: ${missed.map(({ kind }) => kind).join("; ")}`);
    assert.deepEqual(
      wrong.map(
        ({ rule, path, lines, property, resource }) => `${rule} ${path}:${lines.join()} ${resource} ${property}`,
      ),
      [],
    );
    assert.ok(recall >= LEAST_RECALL, `recall ${recall}`);
  });

  it("tells since which commit", () => {
    const past = found.filter(({ where }) => where === "history");
    assert.ok(past.length >= 6);
    for (const { date, commit, versions } of past) {
      assert.match(date ?? "", /^2026-01-02T/);
      assert.match(commit ?? "", /^[0-9a-f]{40}$/);
      assert.equal(versions, 1);
    }
    assert.ok(found.some(({ path, commit }) => path === "untracked.env" && commit === undefined));
  });

  it("shows no value and no token", () => {
    const hidden = [
      ...corpus.secrets.map(({ id, value }) => ({ name: id, value })),
      ...corpus.tokens.map((value, index) => ({ name: `token ${index}`, value })),
    ];
    assert.deepEqual(leaksOf(hidden, { folders: [], texts: { report: JSON.stringify(report) } }), []);
  });
});

/** What rules found when this was written: less of it is a regression. */
const LEAST_RECALL = 0.94;

function isAt(exposure: Exposure, { secret, where, path, lines, property }: Plant): boolean {
  if (exposure.path !== path || exposure.where !== where) return false;
  if (secret !== undefined && exposure.rule === MANAGED && exposure.secret !== secret) return false;
  // a value of JSON has properties of its own
  if (property !== undefined && exposure.property !== property && !exposure.property?.startsWith(`${property}.`))
    return false;
  return lines === undefined || exposure.lines.some((line) => line >= lines[0] && line <= lines[1]);
}

async function managed({ secrets }: Corpus): Promise<ManagedValues> {
  const source = new MemoryStore("source");
  source.set(SCOPE, FINGERPRINT_KEY, Buffer.alloc(32, 7).toString("base64"));
  for (const { id, value } of secrets) source.set(SCOPE, id, value);
  const entries = secrets.map(
    ({ id }) => `  ${id}: { property: ${id}, places: [{ store: copy, scope: c, name: ${id} }] }`,
  );
  const stores = "stores: { source: { kind: file }, copy: { kind: file } }";
  const text = `source: { store: source, scope: ${SCOPE} }\n${stores}\nsecrets:\n${entries.join("\n")}\n`;
  const values = await readManaged(parseMapping(text, "secrets.yaml"), source);
  assert.deepEqual(values.notSearched, []);
  return values;
}

function tell(text: string): void {
  process.stdout.write(`      ${text}\n`);
}
