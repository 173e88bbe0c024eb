/** A part of a document that can be had with fewer rows, and not at all. */
export interface Block {
  readonly head: string;
  /** Each one whole or not at all. */
  readonly rows: readonly string[];
  readonly tail: string;
  /** In place of the rows that are left out. */
  readonly more: (count: number) => string;
  /** Blocks of a lower number get their rows first. */
  readonly rank: number;
  /** Whether it is there without rows too. */
  readonly always?: true;
  /** What stands around neighbours of one group, if any of them is there. */
  readonly group?: Group;
}

export interface Group {
  readonly open: string;
  readonly close: string;
}

/** A rank takes at most this share of what is left, so that nothing of one kind leaves no room for all others. */
const LARGEST_SHARE = 0.6;

/**
 * The blocks one after the other in at most `limit` characters. Within a rank every block gets a row in turn, so that a
 * long table makes no short one go away.
 */
export function fit(blocks: readonly Block[], limit: number): string {
  const page = new Page();
  let left = limit;
  for (const rank of [...new Set(blocks.map((block) => block.rank))].sort((a, b) => a - b)) {
    const isLast = blocks.every((block) => block.rank <= rank);
    const share = isLast ? left : Math.floor(left * LARGEST_SHARE);
    const own = blocks.filter((block) => block.rank === rank);
    left -= share - page.deal(own, share);
  }
  return page.text(blocks);
}

/** How many rows of each block are there. */
class Page {
  readonly #rows = new Map<Block, number>();
  readonly #groups = new Set<Group>();

  /** Gives rows to blocks until nothing fits any more; tells what it did not use. */
  deal(blocks: readonly Block[], budget: number): number {
    let left = budget;
    for (const block of blocks.filter(({ always }) => always === true)) {
      if (this.#overhead(block) <= left) left -= this.#show(block, 0);
    }
    let open = blocks.filter(({ rows }) => rows.length > 0);
    while (open.length > 0) {
      open = open.filter((block) => {
        const count = this.#rows.get(block) ?? 0;
        if ((block.rows[count]?.length ?? 0) + this.#overhead(block) > left) return false;
        left -= this.#show(block, count + 1);
        return count + 1 < block.rows.length;
      });
    }
    return left;
  }

  text(blocks: readonly Block[]): string {
    const there = blocks.filter((block) => this.#rows.has(block));
    return there
      .map((block, index) => {
        const { group, head, tail, rows } = block;
        const count = this.#rows.get(block) ?? 0;
        const rest = rows.length - count;
        const open = group === there[index - 1]?.group ? "" : (group?.open ?? "");
        const close = group === there[index + 1]?.group ? "" : (group?.close ?? "");
        return [open, head, ...rows.slice(0, count), rest > 0 ? block.more(rest) : "", tail, close].join("");
      })
      .join("");
  }

  /** What a block takes besides its next row, at the most. */
  #overhead(block: Block): number {
    if (this.#rows.has(block)) return 0;
    const own = block.head.length + block.tail.length + block.more(block.rows.length).length;
    const { group } = block;
    return own + (group === undefined || this.#groups.has(group) ? 0 : group.open.length + group.close.length);
  }

  /** Tells what it takes. */
  #show(block: Block, count: number): number {
    const cost = this.#overhead(block) + (block.rows[count - 1]?.length ?? 0);
    this.#rows.set(block, count);
    if (block.group !== undefined) this.#groups.add(block.group);
    return cost;
  }
}
