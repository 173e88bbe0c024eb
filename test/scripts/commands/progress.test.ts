import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Progress } from "../../../scripts/commands/progress.ts";

/** What a terminal shows after all that was written: each line as it is in the end. */
class Screen {
  readonly lines = [""];
  readonly columns: number;
  readonly isTTY: boolean;
  written = "";

  constructor(isTTY: boolean, columns = 40) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written += text;
    for (const part of text.split(/(\r\u001b\[2K|\n)/)) {
      if (part === "\n") this.lines.push("");
      else this.lines[this.lines.length - 1] = part === "\r\u001b[2K" ? "" : `${this.lines.at(-1)}${part}`;
    }
    return true;
  }
}

function progressOn(screen: Screen, quiet = false): Progress {
  return new Progress({ quiet, stream: screen as unknown as NodeJS.WriteStream });
}

describe("progress", () => {
  it("rewrites one line of status below the lines that stay, and leaves none of it", () => {
    const screen = new Screen(true);
    const progress = progressOn(screen);
    progress.status("dev", "up 1");
    progress.status("prod", "preview 7");
    progress.line("prod", "preview done");
    assert.deepEqual(screen.lines, ["prod: preview done", "dev: up 1"]);
    progress.status("prod", "up 1");
    progress.line("dev", "up done");
    progress.status("dev", "destroy 1");
    assert.deepEqual(screen.lines, ["prod: preview done", "dev: up done", "dev: destroy 1  |  prod: up 1"]);
    progress.end();
    assert.deepEqual(screen.lines, ["prod: preview done", "dev: up done", ""]);
  });

  it("cuts the status at the terminal's width: a wrapped line could not be rewritten", () => {
    for (const [columns, shown] of [
      [20, 19],
      [0, 79],
    ] as const) {
      const screen = new Screen(true, columns);
      progressOn(screen).status("dev", "x".repeat(200));
      assert.equal(screen.lines[0]?.length, shown);
    }
  });

  it("writes plain lines where no terminal is, and nothing when it is to be quiet", () => {
    const file = new Screen(false);
    const progress = progressOn(file);
    progress.status("dev", "up 1");
    progress.line("dev", "up done");
    progress.end();
    assert.equal(file.written, "dev: up done\n");

    const silent = new Screen(true);
    const quiet = progressOn(silent, true);
    quiet.status("dev", "up 1");
    quiet.line("dev", "up done");
    quiet.end();
    assert.equal(silent.written, "");
  });
});
