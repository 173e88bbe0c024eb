import { URN_LABEL, urnTagValue } from "@groundwork/lib/identity";
import { execa } from "execa";
import type { StateResource } from "../deployment.ts";
import type { LookUpResult } from "../recover.ts";
import { onlyNew } from "./only-new.ts";

const LIST: Readonly<Record<string, readonly string[]>> = {
  "docker:index/container:Container": ["container", "ls", "--all"],
  "docker:index/network:Network": ["network", "ls"],
  "docker:index/service:Service": ["service", "ls"],
};

/** Whether the Docker Engine can be asked for things of this type by their labels. */
export function isListed(type: string): boolean {
  return LIST[type] !== undefined;
}

/** Asks the Docker Engine, through the `docker` command and its context, for what carries this URN as a label. */
export async function dockerLookUp({ type, urn }: StateResource, known: readonly string[]): Promise<LookUpResult> {
  const label = `label=${URN_LABEL}=${urnTagValue(urn)}`;
  const list = [...(LIST[type] ?? []), "--quiet", "--no-trunc", "--filter", label];
  const answer = await execa("docker", list, { reject: false });
  if (answer.exitCode !== 0) return { unknown: "the Docker Engine could not be asked: start it and run recover again" };
  const ids = answer.stdout.split("\n").filter((id) => id !== "");
  return onlyNew(ids, known, "Docker");
}
