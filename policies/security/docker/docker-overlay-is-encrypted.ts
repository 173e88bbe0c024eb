import { cisDocker, ownName } from "../../framework/docker.ts";
import { plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerOverlayIsEncrypted = resourcePolicy({
  name: "docker-overlay-is-encrypted",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Overlay networks of a Swarm are encrypted.",
  why: "Between hosts, an overlay network sends everything in plain text unless told otherwise.",
  fix: 'Set `options: { encrypted: "" }`, which makes the network again.',
  control: cisDocker(
    "https://docs.docker.com/engine/network/drivers/overlay/#encrypt-traffic-on-an-overlay-network",
    "7.3",
  ),
  settings: {},
  types: ["docker:index/network:Network"],
  check(resource, _settings, report) {
    const name = ownName(resource);
    const unknown = unknownAt(resource.unknown, "driver", "options.encrypted");
    if (unknown !== undefined) return report.undecided(unknown, `the encryption of network ${name}`);
    if (textAt(resource.inputs, "driver") !== "overlay") return;
    const options = plainAt(resource.inputs, "options");
    if (Object.hasOwn(options, "encrypted") && String(options["encrypted"]) !== "false") return;
    report.violation(`Overlay network ${name} is not encrypted; set options.encrypted to "".`);
  },
});
