import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";

type Files = Readonly<Record<string, pulumi.Input<string>>>;
type SecretReference = docker.types.input.ServiceTaskSpecContainerSpecSecret;
type ConfigReference = docker.types.input.ServiceTaskSpecContainerSpecConfig;

/** https://github.com/moby/swarmkit/blob/master/manager/controlapi/common.go, validateConfigOrSecretAnnotations */
const NAME_LIMIT = 64;
const OWNER_ONLY = 0o400;
const EVERYONE = 0o444;

/**
 * Files of {@link SECRETS_FOLDER} as Swarm secrets: encrypted in the managers' log, in memory on the nodes that run the
 * service, readable by `user` alone. A secret never changes: with a new value comes a new one, named by Pulumi (a hash of
 * the content in the name would let a guess be checked), then the service moves to it, then the old one goes.
 */
export function swarmSecrets(
  name: string,
  files: Files,
  user: string,
  opts: pulumi.CustomResourceOptions,
): SecretReference[] {
  const [fileUid = "0", fileGid = fileUid] = user.split(":");
  return Object.entries(files).map(([fileName, content]) => {
    const secret = new docker.Secret(
      autoNamed(`${name}-${fileName}`, NAME_LIMIT),
      { data: pulumi.secret(base64(content)) },
      beside(opts),
    );
    return { secretId: secret.id, secretName: secret.name, fileName, fileUid, fileGid, fileMode: OWNER_ONLY };
  });
}

/** Files without secrets by absolute path, as Swarm configs: replaced as secrets are. */
export function swarmConfigs(name: string, files: Files, opts: pulumi.CustomResourceOptions): ConfigReference[] {
  return Object.entries(files).map(([fileName, content]) => {
    const config = new docker.ServiceConfig(
      autoNamed(`${name}${fileName}`, NAME_LIMIT),
      { data: base64(content) },
      beside(opts),
    );
    return { configId: config.id, configName: config.name, fileName, fileMode: EVERYONE };
  });
}

/** The provider takes the alphabet with `+` and `/`, whatever its documentation says of URL-safe base64. */
function base64(content: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(content).apply((text) => Buffer.from(text, "utf8").toString("base64"));
}

/** A child of the same parent, on the same engine; what the service waits for does not concern its files. */
function beside({ parent, provider }: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return { ...(parent === undefined ? {} : { parent }), ...(provider === undefined ? {} : { provider }) };
}
