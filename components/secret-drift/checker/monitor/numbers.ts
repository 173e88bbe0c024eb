import { InvalidMapping } from "../reader.ts";
import { EVERY, isEvery } from "./settings.ts";

/** A whole number that somebody has written as a text. @throws InvalidMapping with the name of what it is for */
export function wholeFrom(text: string | undefined, name: string, least: number, most = Infinity): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new InvalidMapping(`${name} is ${JSON.stringify(text)}: write a whole number ${range}`);
}

/** Minutes between two rounds. @throws InvalidMapping with the name of what they are for */
export function minutesFrom(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && isEvery(value)) return value;
  throw new InvalidMapping(`${name} is ${JSON.stringify(text)}: ${EVERY}`);
}
