import type { Item } from "./item.ts";

const ARTISTS = ["Ada", "Blaise", "Claude", "Dorothy", "Edsger", "Frances", "Grace", "Hedy"];

/** The track at a position of the catalogue: the same on every machine and at every run. */
export function trackAt(position: number): Item {
  const artist = ARTISTS[position % ARTISTS.length] ?? "Ada";
  return {
    id: `track-${String(position).padStart(9, "0")}`,
    title: `Track ${position}`,
    artist,
    durationSeconds: 90 + ((position * 37) % 400),
    producedAt: new Date().toISOString(),
  };
}

/** As a scraper finds it when the page has changed: what the worker must reject. */
export function spoilt(item: Item): object {
  return { ...item, durationSeconds: "unknown" };
}
