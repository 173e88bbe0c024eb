import { plainTable } from "./text.ts";

/** What came of a test message to one receiver. */
export interface TestedLine {
  readonly receiver: string;
  readonly kind: string;
  readonly delivered: boolean;
  /** Why not, or what was not as it should be. */
  readonly reason?: string;
}

export function renderAlertTest(tested: readonly TestedLine[]): string {
  const table = plainTable(["receiver", "kind", "test message"], ["left", "left", "left"]);
  for (const { receiver, kind, delivered, reason } of tested) {
    const result = delivered ? "delivered" : "not delivered";
    table.push([receiver, kind, reason === undefined ? result : `${result}: ${reason}`]);
  }
  return table.toString();
}
