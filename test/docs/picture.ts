/**
 * Draws what a command has printed as a terminal, shortened to what fits a screen:
 * npm run -s rehearse -- --stack prod | node test/docs/picture.ts 'npm run rehearse -- --stack prod' > docs/rehearsal.svg
 */
import { text } from "node:stream/consumers";

const CHARACTER = 8.452;
const LINE = 22;
const [LEFT, TOP] = [18, 58];
const ROWS_KEPT = 5;
const [PLAIN, DIM, GREEN, GROUND] = ["#c9d1d9", "#8b949e", "#7ee787", "#0d1117"];
/** The heads of tables. */
const HEAD = /^(operation |\d+ resources |quota )/;

interface Line {
  readonly text: string;
  readonly colour: string;
}

/** A table of many rows says what it is by its first ones, a list by its title; operations are told in full. */
function shortened(block: string): Line[] {
  const lines = block.split("\n");
  const [first = "", second = ""] = lines;
  const rows = first.startsWith("operation ") ? lines.length : ROWS_KEPT;
  const kept = second.startsWith(" ")
    ? [`${first} …`]
    : [...lines.slice(0, rows), ...(lines.length > rows ? ["…"] : [])];
  return kept.map((line) => ({
    text: line.trimEnd(),
    colour: HEAD.test(line) ? DIM : line.startsWith("Fine:") ? GREEN : PLAIN,
  }));
}

function picture(command: string, printed: string): string {
  const blocks = printed.trim().split(/\n\s*\n/);
  const lines = [
    { text: `$ ${command}`, colour: GREEN },
    ...blocks.flatMap((block, index) => [...(index === 0 ? [] : [{ text: "", colour: PLAIN }]), ...shortened(block)]),
  ];
  const longest = Math.max(...lines.map((line) => line.text.length));
  const [width, height] = [Math.round(2 * LEFT + longest * CHARACTER), TOP + lines.length * LINE];
  const lights = ["#ff5f56", "#ffbd2e", "#27c93f"].map(
    (colour, index) => `<circle cx="${22 + 20 * index}" cy="20" r="6" fill="${colour}"/>`,
  );
  const rows = lines.flatMap((line, index) =>
    line.text === ""
      ? []
      : [
          `<text x="${LEFT}" y="${TOP + index * LINE}" fill="${line.colour}" textLength="${Math.round(line.text.length * CHARACTER)}" lengthAdjust="spacingAndGlyphs">${escaped(line.text)}</text>`,
        ],
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="What ${escaped(command)} prints">`,
    `<rect width="${width}" height="${height}" rx="10" fill="${GROUND}"/>${lights.join("")}`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    ...rows,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function escaped(line: string): string {
  // not every browser keeps plain spaces, whatever xml:space says
  return line.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll(" ", "\u00A0");
}

process.stdout.write(picture(process.argv[2] ?? "", await text(process.stdin)));
