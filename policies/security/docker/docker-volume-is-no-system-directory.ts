import { cisDocker, isSystemDirectory, leadsToEngineSocket, ownName } from "../../framework/docker.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerVolumeIsNoSystemDirectory = resourcePolicy({
  name: "docker-volume-is-no-system-directory",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No volume of Docker is a system directory or the engine's socket by another name.",
  why: "A volume with the options of a bind mount leads to the host like one, and in the container's own inputs nobody sees it.",
  fix: "Leave `driverOpts.device` out, so that the engine keeps the volume, or name a directory made for it.",
  control: cisDocker("https://docs.docker.com/engine/storage/volumes/", "5.6", "5.32"),
  settings: {},
  types: ["docker:index/volume:Volume"],
  check(resource, _settings, report) {
    const { inputs, unknown } = resource;
    const open = unknownAt(unknown, "driverOpts.device", "driverOpts.o");
    if (open !== undefined) return report.undecided(open, `what volume ${ownName(resource)} leads to`);
    const options = (textAt(inputs, "driverOpts.o") ?? "").split(",");
    const device = textAt(inputs, "driverOpts.device") ?? "";
    const isBind = options.includes("bind") || options.includes("rbind");
    if (!isBind || !(isSystemDirectory(device) || leadsToEngineSocket(device))) return;
    report.violation(
      `Volume ${ownName(resource)} is ${device} of its host by another name; take driverOpts.device away.`,
    );
  },
});
