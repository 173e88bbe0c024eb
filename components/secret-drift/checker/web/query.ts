/** A request that cannot be answered as it is; the message is one sentence that says what to ask instead. */
export class WrongRequest extends Error {
  override readonly name = "WrongRequest";
}

/** Rows that a reader takes in at a time. */
export const PAGE_SIZE = 50;
const MOST_A_PAGE = 1_000;

/** One page of something long. */
export interface Paged<T> {
  readonly total: number;
  /** Counted from 1. */
  readonly page: number;
  readonly pages: number;
  readonly size: number;
  readonly items: readonly T[];
}

/** The parameters of a request; whatever is not asked for by the end is a mistake. */
export class Query {
  readonly #parameters: URLSearchParams;
  readonly #known: readonly string[];

  /** @throws WrongRequest at a parameter that there is not */
  constructor(parameters: URLSearchParams, known: readonly string[]) {
    this.#parameters = parameters;
    this.#known = known;
    const stranger = [...parameters.keys()].find((name) => !known.includes(name));
    if (stranger === undefined) return;
    const instead = known.length === 0 ? "leave it out" : `write one of ${known.join(", ")}`;
    throw new WrongRequest(`there is no parameter ${JSON.stringify(stranger)}: ${instead}`);
  }

  /** Without the white space around it; empty where there is none. */
  text(name: string): string {
    return this.#get(name).trim();
  }

  /** @throws WrongRequest where it is none of them */
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const given = this.text(name);
    if (given === "") return undefined;
    const value = values.find((each) => each === given);
    if (value === undefined) throw new WrongRequest(wrong(name, given, `write one of ${values.join(", ")}`));
    return value;
  }

  /** @throws WrongRequest where it is no whole number between both */
  whole(name: string, otherwise: number, least: number, most: number): number {
    const given = this.text(name);
    if (given === "") return otherwise;
    const value = /^\d{1,9}$/.test(given) ? Number(given) : NaN;
    if (value >= least && value <= most) return value;
    throw new WrongRequest(wrong(name, given, `write a whole number from ${least} to ${most}`));
  }

  /** The page that `page` and `size` ask for; the last one, where there are fewer. */
  paged<T>(items: readonly T[]): Paged<T> {
    const size = this.#known.includes("size") ? this.whole("size", PAGE_SIZE, 1, MOST_A_PAGE) : PAGE_SIZE;
    const pages = Math.max(1, Math.ceil(items.length / size));
    const page = Math.min(pages, this.whole("page", 1, 1, 999_999_999));
    return { total: items.length, page, pages, size, items: items.slice((page - 1) * size, page * size) };
  }

  #get(name: string): string {
    if (!this.#known.includes(name)) throw new Error(`nobody has declared the parameter ${name}`);
    return this.#parameters.get(name) ?? "";
  }
}

function wrong(name: string, given: string, instead: string): string {
  return `${name} is ${JSON.stringify(given)}: ${instead}`;
}
