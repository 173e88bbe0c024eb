import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAnnotated, isLabelled, isTagged, TAGGED_SERVICES } from "@groundwork/lib/taggable";

const ROOT = join(import.meta.dirname, "../..");
const SDK = join(ROOT, "node_modules/@pulumi");

/** Token and whether its arguments have the property, of every resource class of a folder of an SDK. */
function declared(folder: string, property: RegExp): { token: string; has: boolean }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".d.ts"))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), "utf8");
      const name = /export declare class (\w+) extends pulumi\.CustomResource/.exec(text)?.[1];
      if (name === undefined) return [];
      const token =
        /__pulumiType = '([^']+)'/.exec(readFileSync(join(folder, file.replace(".d.ts", ".js")), "utf8"))?.[1] ?? "";
      return [{ token, has: property.test(text.slice(text.indexOf(`export interface ${name}Args`))) }];
    });
}

/** The AWS services and Docker types that the program's source makes resources of. */
function used(pattern: RegExp): Set<string> {
  const files = ["stacks", "components"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(ROOT, folder, file)),
  );
  const sources = files.filter((file) => file.endsWith(".ts")).map((file) => readFileSync(file, "utf8"));
  return new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map((match) => match[1] ?? "")));
}

describe("what can carry a tag", () => {
  it("is, of AWS, exactly what the SDK declares with a map of tags", () => {
    for (const service of TAGGED_SERVICES) {
      for (const { token, has } of declared(join(SDK, "aws", service), /\n {4}tags\?: pulumi\.Input<\{/))
        assert.equal(isTagged(token), has, token);
    }
  });

  it("is known for every AWS service that the program uses", () => {
    const services = [...used(/\bnew aws\.(\w+)\.\w+\(/g)];
    assert.ok(services.length > 0);
    for (const service of services) {
      const taggable = declared(join(SDK, "aws", service), /\n {4}tags\?: pulumi\.Input<\{/).some(({ has }) => has);
      assert.ok(!taggable || TAGGED_SERVICES.includes(service), `lib/taggable.ts does not list aws.${service}`);
    }
  });

  it("is, of Docker, what the program uses and the SDK declares with labels of its own", () => {
    const types = used(/\bnew docker\.(\w+)\(/g);
    for (const { token, has } of declared(join(SDK, "docker"), /\n {4}labels\?: pulumi\.Input/)) {
      if (types.has(token.split(":").at(-1) ?? "")) assert.equal(isLabelled(token), has, token);
    }
  });

  it("is every Kubernetes object, but no release, patch or list", () => {
    assert.ok(
      isAnnotated("kubernetes:core/v1:Service") && isAnnotated("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"),
    );
    for (const type of [
      "kubernetes:helm.sh/v3:Release",
      "kubernetes:core/v1:ServicePatch",
      "kubernetes:core/v1:ServiceList",
      "kubernetes:yaml/v2:ConfigGroup",
      "pulumi:providers:kubernetes",
    ]) {
      assert.ok(!isAnnotated(type), type);
    }
  });
});
