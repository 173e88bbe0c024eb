import { DockerSecretDriftChecker } from "../../components/secret-drift/docker.ts";
import type { DriftMapping } from "../../components/secret-drift/spec.ts";
import { HISTORY_FOLDER } from "../../components/secret-drift/spec.ts";
import { resourcesOf } from "../../components/workload/sizes.ts";
import type { DockerConfig } from "../config.ts";
import { ownMapping, tokensOf } from "../secret-drift.ts";
import type { DockerForm, System } from "../systems/system.ts";
import type { Images } from "./images.ts";
import type { NamedNetworks } from "./networks.ts";

/** With no account anywhere: an encrypted file, which is made at the first start, and nothing in it that anybody has to guard. */
const FILES: DriftMapping = {
  source: { store: "local", scope: `${HISTORY_FOLDER}/secrets.age` },
  stores: { local: { kind: "file", identityFile: `${HISTORY_FOLDER}/identity.txt` } },
  secrets: {},
};

/** The checker of a system that asks for one, where the stack does not do without. */
export function systemSecretDrift(
  { name: system }: System,
  form: DockerForm,
  networks: NamedNetworks,
  images: Images,
  { secretDrift, target, protect }: DockerConfig,
): DockerSecretDriftChecker | undefined {
  if (form.secretDrift === undefined || secretDrift === undefined) return undefined;
  const { healing, mapping, tokens } = secretDrift;
  const { id, madeBy } = images.checker();
  return new DockerSecretDriftChecker(`${system}-secret-drift`, {
    system,
    runs: target === "swarm" ? "service" : "container",
    mapping: mapping === undefined ? { ...FILES, healing: { mode: healing } } : ownMapping(mapping, secretDrift),
    credentials: tokensOf(tokens),
    resources: resourcesOf("low"),
    image: id,
    networks: networks.named(form.secretDrift),
    protect,
    after: [madeBy],
  });
}
