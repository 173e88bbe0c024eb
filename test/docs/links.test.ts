import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "mocha";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

describe("links of the documentation", () => {
  it("lead somewhere", () => {
    const links = PAGES.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
    assert.ok(links.length > 100, `only ${links.length} links were found`);
    const broken = links.filter(({ page, link }) => !leadsSomewhere(page, link));
    assert.deepEqual(broken, []);
  });

  it("lead from the index to every page", () => {
    const linked = linksOf("docs/README.md");
    const pages = globSync("docs/*.{md,json}", { cwd: ROOT }).map((page) => relative("docs", page));
    assert.deepEqual(
      pages.filter((page) => page !== "README.md" && !linked.includes(page)),
      [],
    );
  });
});

/** Relative ones, pictures included; other sites are not ours to promise. */
function linksOf(page: string): string[] {
  return [...prose(page).matchAll(/\]\((?<link>[^)\s]+)\)/g)]
    .map(({ groups }) => groups?.["link"] ?? "")
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#");
  const target = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return false;
  return heading === undefined || headingsOf(target).includes(heading);
}

/** As GitHub makes anchors of them. */
function headingsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (?<text>.+)$/gm)].map(({ groups }) =>
    (groups?.["text"] ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Without the code in it. */
function prose(page: string): string {
  return readFileSync(join(ROOT, page), "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
}
