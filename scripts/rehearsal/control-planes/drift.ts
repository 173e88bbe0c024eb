import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";

type Plain = Readonly<Record<string, unknown>>;

/**
 * The inputs with what the cluster has instead, where somebody else has changed it. What the server only writes in its
 * own way (`1000m` as `1`), fills in or leaves out because it is empty is no drift.
 */
export function withDrift(inputs: Plain, live: Plain): Plain {
  const found = compare(inputs, live) as Record<string, unknown>;
  const written = inputs["stringData"];
  if (written === undefined) return found;
  return {
    ...found,
    stringData: texts(written as Record<string, string>, (live["data"] ?? {}) as Record<string, string>),
  };
}

function compare(given: unknown, live: unknown): unknown {
  if (isSame(given, live)) return given;
  if (Array.isArray(given)) return Array.isArray(live) ? compareLists(given, live) : live;
  if (!isPlain(given)) return live;
  if (!isPlain(live)) return isEmpty(given) ? given : live;
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => {
      const found = compare(value, live[key]);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

/** Members that have names may stand in another order; a member that was added is drift. */
function compareLists(given: readonly unknown[], live: readonly unknown[]): unknown[] {
  const nameOf = (value: unknown): unknown => (isPlain(value) ? (value["name"] ?? value["containerPort"]) : undefined);
  const found = given.flatMap((value, index) => {
    const name = nameOf(value);
    const partner = name === undefined ? live[index] : live.find((other) => nameOf(other) === name);
    return partner === undefined && !isEmpty(value) ? [] : [compare(value, partner)];
  });
  const known = new Set(given.map(nameOf));
  const added = live.slice(0).filter((value, index) => {
    const name = nameOf(value);
    return name === undefined ? index >= given.length : !known.has(name);
  });
  return [...found, ...added];
}

function isSame(given: unknown, live: unknown): boolean {
  if (given === live || String(given) === String(live)) return !isPlain(given) && !Array.isArray(given);
  if (live === undefined) return isEmpty(given);
  const [left, right] = [kubernetesQuantity(given), kubernetesQuantity(live)];
  if (left !== undefined && right !== undefined) return left === right;
  return typeof given === "string" && typeof live === "string" && isSameTime(given, live);
}

function isSameTime(given: string, live: string): boolean {
  const times = [given, live].map((text) => (/^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN));
  return times[0] === times[1];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  return isPlain(value) && Object.values(value).every(isEmpty);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A Secret's texts come back encoded, under another name. */
function texts(written: Readonly<Record<string, string>>, live: Readonly<Record<string, string>>): Plain {
  return Object.fromEntries(
    Object.keys(written).flatMap((key) => {
      const encoded = live[key];
      return encoded === undefined ? [] : [[key, Buffer.from(encoded, "base64").toString("utf8")]];
    }),
  );
}
