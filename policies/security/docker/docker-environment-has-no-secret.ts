import { cisDocker, DOCKER_TYPES, taskOf } from "../../framework/docker.ts";
import type { Task } from "../../framework/docker.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Report } from "../../framework/policy.ts";
import { namesSecret, plainSecret, wordsOf } from "../../framework/secret-names.ts";

/** Something with a name and a value that everybody reads who may inspect the container. */
interface Entry {
  /** Goes before `of Container api`: `The variable TOKEN`. */
  readonly what: string;
  readonly name: string;
  readonly value: unknown;
  readonly path: string;
}

export const dockerEnvironmentHasNoSecret = resourcePolicy({
  name: "docker-environment-has-no-secret",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No container of Docker has a secret in plain text in its environment, labels or arguments.",
  why: "Inspecting a container shows all of it to everybody who may speak to the engine, and child processes and crash reports have the environment.",
  fix: "Give a Swarm service a `docker.Secret`, a container a file that its user alone may read, and the path of the file in the variable.",
  control: cisDocker("https://docs.docker.com/engine/swarm/secrets/", "7.4"),
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    for (const { what, name, value, path } of [...variables(task), ...labels(task), ...words(task)]) {
      const wrong = plainSecret(name, value);
      if (wrong !== undefined)
        report.violation(`${what} of ${task.name} ${wrong}; put it into a file and take it out of ${path}.`);
    }
    tellUnknown(task, report);
  },
});

function variables({ resource: { inputs }, isService }: Task): Entry[] {
  if (isService) {
    const path = "taskSpec.containerSpec.env";
    return Object.entries(plainAt(inputs, path)).map(([name, value]) => ({
      what: `The variable ${name}`,
      name,
      value,
      path,
    }));
  }
  return listAt(inputs, "envs").map((variable, index) => {
    // what has no name before its equals sign may be all secret
    const [, name = "", value = variable] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(String(variable)) ?? [];
    return { what: name === "" ? "A variable" : `The variable ${name}`, name, value, path: `envs[${index}]` };
  });
}

function labels({ resource: { inputs }, isService }: Task): Entry[] {
  const lists = isService ? ["labels", "taskSpec.containerSpec.labels"] : ["labels"];
  return lists.flatMap((list) =>
    listAt(inputs, list).map((label, index) => {
      const name = textAt(label, "label") ?? "";
      return { what: `The label ${name}`, name, value: at(label, "value"), path: `${list}[${index}]` };
    }),
  );
}

function words({ resource: { inputs }, isService }: Task): Entry[] {
  const lists = isService
    ? ["taskSpec.containerSpec.commands", "taskSpec.containerSpec.args"]
    : ["command", "entrypoints"];
  return lists.flatMap((list) =>
    wordsOf(listAt(inputs, list)).map((word, index) => ({ ...word, what: "An argument", path: `${list}[${index}]` })),
  );
}

/** A variable of Docker is one text with its name, so that while it is not known its name is not either. */
function tellUnknown({ name, resource: { unknown }, isService }: Task, report: Report): void {
  const path = isService ? "taskSpec.containerSpec.env" : "envs";
  const depth = path.split(".").length;
  const open = unknown.find(
    (one) =>
      unknownAt([one], path) !== undefined && (!isService || one.length <= depth || namesSecret(String(one[depth]))),
  );
  if (open) report.undecided(unknownAt([open], path) ?? path, `whether ${name} has a secret in its environment`);
}
