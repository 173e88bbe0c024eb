import assert from "node:assert/strict";
import fc from "fast-check";
import { type Load, type Memory, NOTHING_SEEN, type ScalingRules, decide } from "../../../scripts/autoscale/decide.ts";

/** systems.md, flowx: 1 to 10, up at CPU 70 % or memory 80 %, down below 50 % of both. */
const FLOWX: ScalingRules = {
  min: 1,
  max: 10,
  cpuPercent: 70,
  memoryPercent: 80,
  scaleDownPercent: 50,
  cooldown: 300,
};

/** Looks at the same load again and again, 30 s apart. */
function watch(load: Load, looks: number, start = 2, memory: Memory = NOTHING_SEEN, from = 0) {
  let state = { replicas: start, memory };
  const history: number[] = [];
  for (let look = 0; look < looks; look++) {
    const { replicas, memory: next } = decide(FLOWX, state.replicas, load, state.memory, from + look * 30);
    state = { replicas, memory: next };
    history.push(replicas);
  }
  return history;
}

describe("the rules of flowx's workers", () => {
  it("add replicas at CPU 70 % or at memory 80 %, in proportion, when seen twice", () => {
    assert.deepEqual(watch({ cpuPercent: 70, memoryPercent: 10 }, 2), [2, 3]);
    assert.deepEqual(watch({ cpuPercent: 10, memoryPercent: 80 }, 2), [2, 3]);
    assert.deepEqual(watch({ cpuPercent: 140, memoryPercent: 10 }, 2, 3), [3, 6]);
    assert.deepEqual(watch({ cpuPercent: 69, memoryPercent: 79 }, 20), Array(20).fill(2));
  });

  it("take one away below 50 % of both, when seen four times", () => {
    assert.deepEqual(watch({ cpuPercent: 49, memoryPercent: 49 }, 4, 3), [3, 3, 3, 2]);
    assert.deepEqual(watch({ cpuPercent: 49, memoryPercent: 50 }, 20, 3), Array(20).fill(3));
    assert.deepEqual(watch({ cpuPercent: 50, memoryPercent: 10 }, 20, 3), Array(20).fill(3));
  });

  it("wait 300 s between two changes", () => {
    const history = watch({ cpuPercent: 75, memoryPercent: 10 }, 14);
    const changes = history.flatMap((count, index) => (count === (history[index - 1] ?? 2) ? [] : [index * 30]));
    assert.deepEqual(changes, [30, 330]);
  });

  it("take nothing away, and add nothing, of what nobody can tell", () => {
    assert.deepEqual(watch({}, 20, 5), Array(20).fill(5));
    assert.deepEqual(watch({ cpuPercent: 5 }, 20, 5), Array(20).fill(5));
  });

  it("bring back what lies outside the range at once", () => {
    assert.deepEqual(watch({ cpuPercent: 60, memoryPercent: 60 }, 1, 12), [10]);
  });

  it("never leave the range, never change twice within the cool-down, whatever the load", () => {
    const percent = fc.option(fc.double({ min: 0, max: 500, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.record({ cpu: percent, memory: percent }), { maxLength: 100 }),
        fc.integer({ min: 1, max: 10 }),
        (loads, start) => {
          let state = { replicas: start, memory: NOTHING_SEEN };
          let last = -Infinity;
          loads.forEach(({ cpu, memory }, index) => {
            const now = index * 30;
            const load = {
              ...(cpu !== undefined && { cpuPercent: cpu }),
              ...(memory !== undefined && { memoryPercent: memory }),
            };
            const next = decide(FLOWX, state.replicas, load, state.memory, now);
            assert.ok(next.replicas >= 1 && next.replicas <= 10);
            if (next.replicas !== state.replicas) {
              assert.ok(now - last >= FLOWX.cooldown);
              last = now;
            }
            state = next;
          });
        },
      ),
    );
  });
});
