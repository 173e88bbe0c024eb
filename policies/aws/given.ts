import { resourcePolicy } from "../framework/policy.ts";
import type { Resource, ResourcePolicy } from "../framework/policy.ts";
import { isGiven } from "./presence.ts";
import type { Words } from "./requirement.ts";

/** An input that has to be written, whatever its value. */
interface Need {
  readonly path: string;
  /** What follows where it is missing, as the part of a sentence that follows `so`. */
  readonly harm: string;
  readonly where?: (resource: Resource) => boolean;
}

/** The policy that an input is written. What is not known yet is written. */
export function gives(words: Words, { path, harm, where = () => true }: Need): ResourcePolicy {
  return resourcePolicy({
    ...words,
    settings: {},
    check(resource, _settings, report) {
      if (isGiven(resource, path) || !where(resource)) return;
      report.violation(`${path} is not written, so ${harm}; write ${path}.`);
    },
  });
}
