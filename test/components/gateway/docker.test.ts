import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import type { DockerGatewayArgs } from "../../../components/gateway/docker.ts";
import { DockerGateway, gatewayConfig } from "../../../components/gateway/docker.ts";
import { renderNginx } from "../../../components/gateway/nginx.ts";
import { SECURITY_HEADERS } from "../../../components/gateway/protection.ts";
import { checkPair, selfSigned as ownCertificate } from "../../../components/gateway/certificate.ts";
import type { Exposure, WorkloadSpec } from "../../../components/workload/spec.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret, revealed } from "../../helpers/secret.ts";
import { pem, selfSigned } from "./certificates.ts";

const size = { cpu: 0.5, memory: "128Mi" } as const;

function exposed(exposure: Exposure): WorkloadSpec {
  return {
    name: "rest-api",
    ports: [{ name: "http", containerPort: 8000 }],
    environment: {},
    secrets: {},
    resources: { requests: size, limits: size },
    replicas: 3,
    health: { path: "/health", port: 8000, interval: 30, timeout: 5, retries: 3, startPeriod: 20 },
    needs: [],
    exposure,
  };
}

const plain = exposed({ path: "/", hostPort: 8080, public: true });

interface Upload {
  readonly file: string;
  readonly content: string;
  readonly permissions: string;
}

async function deployed(more: Partial<DockerGatewayArgs>) {
  const files = selfSigned();
  const key = pem(files.key);
  let gateway: DockerGateway | undefined;
  const resources = await registered(
    () => {
      const network = new docker.Network("network", { name: "network" });
      gateway = new DockerGateway("gateway", { system: "s", workloads: [plain], size, networks: [network], ...more });
    },
    {
      "docker:index/network:Network": () => ({}),
      "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:0" }),
      "docker:index/container:Container": () => ({}),
      "tls:index/privateKey:PrivateKey": () => ({ privateKeyPem: key }),
      "tls:index/selfSignedCert:SelfSignedCert": () => ({ certPem: pem(files.certificate) }),
    },
  );
  const container = resources.find(({ type }) => type === "docker:index/container:Container");
  assert.ok(container !== undefined && gateway !== undefined);
  return { gateway, inputs: container.inputs, key };
}

describe("the gateway on one Docker Engine", () => {
  it("renders what release 0.1.0 deployed byte for byte, so that no running gateway is replaced", () => {
    const recorded = readFileSync(new URL("release-0.1.0.conf", import.meta.url), "utf8");
    assert.equal(renderNginx(gatewayConfig({ workloads: [plain], size })), recorded);
  });

  it("takes rate limits and who must bring a token from the exposures", () => {
    const rateLimit = { requestsPerSecond: 20, burst: 40 };
    const workload = exposed({
      path: "/",
      public: true,
      rateLimit,
      authentication: { kind: "jwt", roles: ["reader"] },
    });
    const text = renderNginx(gatewayConfig({ workloads: [workload], size }));
    assert.match(text, /limit_req_zone \$binary_remote_addr zone=limit_rest-api:1m rate=20r\/s;/);
    assert.match(text, /limit_req zone=limit_rest-api burst=40 nodelay;/);
    assert.match(text, /if \(\$without_token\) \{\s+return 401;/);
  });

  it("publishes HTTPS beside the plain port, with the key in a secret file that only nginx reads", async () => {
    const { gateway, inputs, key } = await deployed({
      get tls() {
        return { hostPort: 8443, ...ownCertificate("gateway", ["localhost"], {}) };
      },
      headers: SECURITY_HEADERS,
      counters: true,
    });
    assert.deepEqual(gateway.urls, ["https://localhost:8443"]);
    assert.equal(gateway.status?.port, 8081);
    assert.deepEqual(inputs["ports"], [
      { internal: 8080, external: 8080 },
      { internal: 8443, external: 8443 },
    ]);
    const { uploads, ...rest } = inputs;
    assert.ok(isSecret(uploads));
    assert.ok(!JSON.stringify(rest).includes(key.slice(40, 80)));
    const files = revealed(uploads) as Upload[];
    assert.deepEqual(
      files.map(({ file, permissions }) => [file, permissions]),
      ["nginx.conf", "gateway.crt", "gateway.key"].map((name) => [`/run/secrets/${name}`, "0400"]),
    );
    assert.equal(files[2]?.content, key);
    assert.match(files[0]?.content ?? "", /listen 8443 ssl;\s+http2 on;/);
  });

  it("refuses a key that nginx could not use, without a word of the key", async () => {
    const [own, other, rsa] = [selfSigned(), selfSigned(), selfSigned("rsa")];
    checkPair(pem(own.certificate), pem(own.key));
    const cases: [certificate: string, key: string, ...named: string[]][] = [
      [pem(own.certificate), pem(other.key), "tls.key", "does not belong", "CN=localhost"],
      [pem(rsa.certificate), pem(rsa.key), "tls.key", "rsa", "ECDSA"],
      [pem(own.certificate), "canary-key", "tls.key", "PEM"],
      ["canary-certificate", pem(own.key), "tls.certificate", "PEM"],
    ];
    for (const [certificate, key, ...named] of cases) {
      await assertBadInput(() => checkPair(certificate, key), ...named);
      assert.throws(
        () => checkPair(certificate, key),
        ({ message }: Error) => [certificate, key].every((text) => !message.includes(text.slice(-60, -40) || text)),
      );
    }
  });
});
