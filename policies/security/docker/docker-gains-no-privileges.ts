import { cisDocker, DOCKER_CONTAINER, judgeTask, taskOf } from "../../framework/docker.ts";
import { listAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const OPTION = "no-new-privileges:true";

export const dockerGainsNoPrivileges = resourcePolicy({
  name: "docker-gains-no-privileges",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No process of a container of Docker can gain more privileges than its parent.",
  why: "Without it a set-uid binary in the image makes root of any user.",
  fix: 'Add "no-new-privileges:true" to `securityOpts`.',
  control: cisDocker("https://docs.docker.com/reference/cli/docker/container/run/#security-opt", "5.26"),
  settings: {},
  types: [DOCKER_CONTAINER],
  check(resource, _settings, report) {
    judgeTask(report, taskOf(resource), { container: "securityOpts" }, "the security options", (value, path) =>
      isSet(value) ? undefined : `may gain privileges; add "${OPTION}" to ${path}.`,
    );
  },
  remediate({ inputs, unknown }) {
    if (unknownAt(unknown, "securityOpts") !== undefined || isSet(inputs["securityOpts"])) return undefined;
    const others = listAt(inputs, "securityOpts").filter((option) => !String(option).startsWith("no-new-privileges"));
    return { ...inputs, securityOpts: [...others, OPTION] };
  },
});

/** https://docs.docker.com/reference/cli/docker/container/run/#security-opt: both separators, and the bare name. */
function isSet(value: unknown): boolean {
  const options = Array.isArray(value) ? value : [];
  return options.some((option) => typeof option === "string" && /^no-new-privileges(?:[:=]true)?$/.test(option));
}
