import type { Throughput } from "../capacity-report.ts";
import { REQUESTS_PER_USER_MINUTE } from "./assumptions.ts";
import type { Assumptions } from "./assumptions.ts";
import type { Part } from "./parts.ts";

/** What each system carries in each region with all replicas that it may have: its smallest part decides. */
export function throughputOf(parts: readonly Part[], assumptions: Assumptions): readonly Throughput[] {
  const places = new Map<string, Part[]>();
  for (const part of parts) {
    const key = `${part.system} ${part.region}`;
    places.set(key, [...(places.get(key) ?? []), part]);
  }
  return [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, own]) => {
      const [first] = own;
      return first === undefined ? [] : [ofPlace(first, own, assumptions)];
    });
}

function ofPlace({ system, region }: Part, parts: readonly Part[], { demand }: Assumptions): Throughput {
  const requests = ordered(parts, "requests");
  const tracks = ordered(parts, "tracks");
  const [least] = requests;
  const [leastTracks] = tracks;
  const first = least ?? leastTracks;
  const perSecond = whole(least?.perSecond ?? 0);
  const eachUser = Object.hasOwn(demand, system) ? demand[system]?.requestsPerUserPerMinute : undefined;
  return {
    system,
    region,
    requestsPerSecond: perSecond,
    concurrentUsers: whole((perSecond * 60) / (eachUser ?? REQUESTS_PER_USER_MINUTE)),
    ...(leastTracks !== undefined && { tracksPerHour: whole(leastTracks.perSecond * 3600) }),
    saturatesFirst: { part: first?.part ?? "", why: first?.why ?? "" },
    parts: requests.map((one) => ({
      part: one.part,
      requestsPerSecond: whole(one.perSecond),
      why: one.why,
      figures: figuresOf(one),
    })),
    ...(tracks.length > 0 && {
      trackParts: tracks.map((one) => ({
        part: one.part,
        tracksPerHour: whole(one.perSecond * 3600),
        why: one.why,
        figures: figuresOf(one),
      })),
    }),
  };
}

function ordered(parts: readonly Part[], flow: Part["flow"]): readonly Part[] {
  return parts
    .filter((part) => part.flow === flow)
    .toSorted((a, b) => a.perSecond - b.perSecond || (a.part < b.part ? -1 : 1));
}

function figuresOf({
  figures,
}: Part): readonly { readonly name: string; readonly value: number; readonly source: string }[] {
  return Object.entries(figures).map(([name, { value, source }]) => ({ name, value, source }));
}

/** A hair below a whole number is what sums of tenths make of it. */
function whole(value: number): number {
  return Math.floor(value + 1e-6);
}
