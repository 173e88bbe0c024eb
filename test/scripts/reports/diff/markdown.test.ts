import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parsers } from "prettier/plugins/markdown";
import { markerOf } from "../../../../scripts/reports/diff/markdown.ts";
import { renderMarkdown } from "../../../../scripts/reports/diff/index.ts";
import { prodDiff, resourceChange, unchangedDiff } from "./fixtures.ts";
import { ATTACKS, hostileDiff, withTexts } from "./hostile.ts";

const LIMIT = 60_000;
const both = renderMarkdown([unchangedDiff(), prodDiff()]);

describe("the comment of a pull request", () => {
  it("begins with a hidden marker for each stack, which says project and stack", () => {
    assert.deepEqual(both.split("\n").slice(0, 2), [
      "<!-- groundwork-diff groundwork/dev -->",
      "<!-- groundwork-diff groundwork/prod -->",
    ]);
    assert.equal(markerOf({ project: "a --> b", stack: "x/y--z" }), "<!-- groundwork-diff a -__ b/x/y-_z -->");
  });

  it("is loud about data that would be lost, before the summary", () => {
    const caution = both.indexOf(
      "> [!CAUTION]\n> **2 stateful resources would be replaced or deleted, with all that they hold:**",
    );
    assert.ok(caution > 0, both);
    assert.ok(caution < both.indexOf("| stack |"));
    assert.match(
      both,
      /> - <b>prod<\/b>: web-platform-search-us-west-2 .* is replaced because of engine aurora-mysql → aurora-postgresql\. Nothing protects it\./,
    );
    assert.doesNotMatch(renderMarkdown([unchangedDiff()]), /CAUTION/);
  });

  it("has one row for each stack in the summary", () => {
    const rows = both.split("\n").filter((line) => line.startsWith("| <b>"));
    assert.equal(rows[0], "| <b>dev</b> | no change | | | |");
    assert.match(
      rows[1] ?? "",
      /^\| <b>prod<\/b> \| \+12 &#126;8 ±2 -1 resources \| <b>\+US&#36; 412\.33 \(\+6\.1 %\)<\/b>.* \| 2 new, 1 fixed, 1 remaining, 1 undecided \|$/,
    );
  });

  it("folds everything else", () => {
    const summaries = [...both.matchAll(/<details><summary><b>(.*?)<\/b>/g)].map(([, title]) => title);
    const titles = ["Resources", "Capacity", "What it can carry", "Cost", "Policy", "Quotas", "Projection", "Notes"];
    assert.deepEqual(summaries, titles);
  });

  it("says no change and nothing more", () => {
    assert.match(renderMarkdown([unchangedDiff()]), /^<!-- .* -->\n### groundwork: no change\n.*\n\n<sub>.*<\/sub>\n$/);
  });

  it("warns, less loudly, of what perhaps is replaced", () => {
    const report = prodDiff();
    const disk = resourceChange({ name: "disk", stateful: true, certain: false });
    const text = renderMarkdown([{ ...report, resources: { ...report.resources, changes: [disk] } }]);
    assert.match(text, /> \[!WARNING\]\n> \*\*Data may be at risk:\*\*\n>\n> - <b>prod<\/b>: disk holds data/);
    assert.doesNotMatch(text, /CAUTION/);
  });

  for (const attack of ATTACKS) {
    it(`lets no value break out: ${JSON.stringify(attack)}`, () => {
      const text = renderMarkdown([hostileDiff(attack)]);
      assertWellFormed(text);
      assertSameShape(text);
    });
  }

  it("stays short and whole however much changes, whatever the texts are", () => {
    const lengths = fc.record({
      stacks: fc.integer({ min: 1, max: 60 }),
      changes: fc.integer({ min: 0, max: 200 }),
      stateful: fc.boolean(),
      text: fc.string({ unit: "grapheme", maxLength: 400 }),
    });
    fc.assert(
      fc.property(lengths, ({ stacks, changes, stateful, text }) => {
        const one = hugeDiff(changes, stateful, text);
        const comment = renderMarkdown(
          Array.from({ length: stacks }, (_, index) => ({ ...one, stack: `${index}${text}` })),
        );
        assert.ok(comment.length < LIMIT, `${comment.length} characters`);
        assertWellFormed(comment);
      }),
      { numRuns: 20 },
    );
  });

  it("says how much it has left out, and where that is", () => {
    const text = renderMarkdown([hugeDiff(3_000, false, "")]);
    const rows = text.split("\n").filter((line) => line.startsWith("| + create |")).length;
    assert.ok(rows > 100, `only ${rows} rows`);
    assert.ok(
      text.includes(`\n${(3_000 - rows).toLocaleString("en-US")} more, see the HTML report\n`),
      text.slice(-4_000),
    );
  });

  it("has the short tables whole beside a long one", () => {
    const text = renderMarkdown([hugeDiff(3_000, false, "")]);
    assert.match(text, /<b>Notes<\/b>: 2 notes/);
    assert.match(text, /month 4 → later than 6 months/);
  });
});

function hugeDiff(count: number, stateful: boolean, text: string): ReturnType<typeof prodDiff> {
  const report = withTexts(prodDiff(), (known) => `${known}${text}`);
  const change = stateful ? "replace" : "create";
  const changes = Array.from({ length: count }, (_, index) =>
    resourceChange({
      name: `${index}${text}`,
      change,
      stateful,
      properties: [{ path: text, before: text, after: "", replaces: stateful }],
    }),
  );
  return { ...report, resources: { ...report.resources, changes } };
}

/** Every row of a table has as many cells as its head; every tag that is opened is closed, in order. */
function assertWellFormed(text: string): void {
  let columns = 0;
  for (const line of text.split("\n")) {
    const cells = line.startsWith("|") ? line.split("|").length : 0;
    if (cells > 0 && columns > 0) assert.equal(cells, columns, line);
    if (cells > 0) assert.ok(line.endsWith("|"), line);
    columns = cells;
  }
  const open: string[] = [];
  for (const [, slash = "", name = ""] of text.matchAll(/<(\/?)([a-z]+)>/g)) {
    if (name === "br") continue;
    if (slash === "") open.push(name);
    else assert.equal(open.pop(), name, `</${name}> closes nothing`);
  }
  assert.deepEqual(open, []);
  const tags = text.replaceAll(/<\/?(?:details|summary|b|code|sub)>|<br>|^<!-- groundwork-diff [^<>]* -->$/gm, "");
  assert.doesNotMatch(tags, /</, "a tag of somebody else");
}

interface Node {
  readonly type: string;
  readonly children?: readonly Node[];
}

/** As a Markdown parser sees it: the same blocks as without the attack, no link, no picture. */
function assertSameShape(text: string): void {
  const shapes = typesIn(parse(text));
  assert.deepEqual(shapes, typesIn(parse(renderMarkdown([hostileDiff("harmless")]))));
  for (const type of ["link", "image", "code", "inlineCode", "linkReference", "math", "inlineMath"]) {
    assert.ok(!shapes.includes(type), `${type} in ${text}`);
  }
  assert.doesNotMatch(text.replaceAll(/^<!--.*$/gm, ""), /@\w|#\d(?!\d*;)|www\.|https?:\/\//);
}

function typesIn({ type, children = [] }: Node): string[] {
  // neighbouring text may be one node or two
  const own = type === "text" || type === "sentence" || type === "word" || type === "whitespace" ? [] : [type];
  return [...own, ...children.flatMap(typesIn)];
}

function parse(text: string): Node {
  return parsers.markdown.parse(text, {} as never) as Node;
}
