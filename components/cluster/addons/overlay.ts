type Values = Readonly<Record<string, unknown>>;

/** Chart values laid over others, as Helm does it: maps are merged, lists and everything else replace. */
export function laidOver(under: object, over: object): Values {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isPlain(below) && isPlain(value) ? laidOver(below, value) : value;
  }
  return merged;
}

/** A map as written, not an output or another class's instance. */
function isPlain(value: unknown): value is Values {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
