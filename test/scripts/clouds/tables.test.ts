import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table as cloudflare } from "../../../scripts/rehearsal/clouds/tables/cloudflare.ts";
import { table as dockerBuild } from "../../../scripts/rehearsal/clouds/tables/docker-build.ts";
import { table as docker } from "../../../scripts/rehearsal/clouds/tables/docker.ts";
import { table as kubernetes } from "../../../scripts/rehearsal/clouds/tables/kubernetes.ts";
import { table as random } from "../../../scripts/rehearsal/clouds/tables/random.ts";
import {
  certificate,
  certificateRequest,
  nameOf,
  publicKeyOf,
} from "../../../scripts/rehearsal/clouds/tables/tls/certificate.ts";
import { generate, privatePem } from "../../../scripts/rehearsal/clouds/tables/tls/keys.ts";
import { table as tls } from "../../../scripts/rehearsal/clouds/tables/tls.ts";
import { Clouds, schemas } from "./core/cloud.ts";

const TABLES = [cloudflare, docker, dockerBuild, kubernetes, random, tls];

type Inputs = Readonly<Record<string, unknown>>;
const ZONE = "023e105f4ecef8ad9ca31a8372d0c353";
const ACCOUNT = "f037e56e89293a057740de681ac9abbe";

describe("tables of Docker, Kubernetes, Cloudflare, random and tls", () => {
  for (const type of TABLES.flatMap((table) => table.types)) {
    it(`speak of properties that the SDK declares: ${type.token}`, () => {
      const schema = schemas.resource(type.token);
      assert.ok(schema, "the SDK has no such type");
      const first = (path: string) => path.split(/[.[]/)[0] ?? "";
      const inputs = [...(type.replaces ?? []), ...(type.autoName ? [type.autoName.property] : [])];
      for (const path of inputs) assert.ok(first(path) in schema.inputs, `${path} is no input`);
      for (const path of [...(type.rules ?? []), ...(type.references ?? [])].map(({ path }) => path)) {
        assert.ok(first(path) in schema.inputs, `${path} is no input`);
      }
      const outputs = [...Object.keys(type.defaults ?? {}), ...(type.absent ?? []), ...(type.secrets ?? [])];
      for (const name of outputs) assert.ok(name in schema.outputs || name in schema.inputs, `${name} is no property`);
      const both = (type.replaces ?? []).filter((path) => type.updates?.includes(path));
      assert.deepEqual(both, [], "both replaced and updated");
    });

    if (type.token.startsWith("kubernetes:")) continue;
    it(`say of each input what its change does: ${type.token}`, () => {
      const schema = schemas.resource(type.token);
      const named = new Set([...(type.replaces ?? []), ...(type.updates ?? [])].map((path) => path.split(/[.[]/)[0]));
      const open = Object.keys(schema?.inputs ?? {}).filter((name) => !named.has(name));
      assert.deepEqual(open, OPEN[type.token] ?? []);
    });
  }
});

/** What upstream lets change in place without applying it, or what nobody documents: reported as "may replace". */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  "docker:index/container:Container": [
    ...["deviceCgroupRules", "deviceReadBps", "deviceReadIops", "deviceRequests", "deviceWriteBps", "deviceWriteIops"],
    ...["healthcheck", "init", "tmpfs"],
  ],
};

describe("samples of every type", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "groundwork-tables-"));
    mkdirSync(join(folder, "context"));
    writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\n");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const key = generate("ECDSA", undefined, "P256");
  const clientCertificate = () => {
    const name = nameOf({ commonName: "client" });
    const [publicKey, serial] = [publicKeyOf(key), 1n];
    const [start, end] = [new Date(), new Date(Date.now() + 86_400_000)];
    const options = { isAuthority: false, maxPathLength: undefined, setSubjectKeyId: true, setAuthorityKeyId: false };
    const wanted = {
      subject: name,
      publicKey,
      names: undefined,
      serial,
      uses: ["client_auth"],
      start,
      end,
      ...options,
    };
    return certificate(wanted, { name, publicKey, key });
  };
  const csr = certificateRequest({ dnsNames: ["example.com"] }, key, { commonName: "example.com" });

  /** The least that each type needs; what refers to another stands after it. */
  const samples = (): Readonly<Record<string, Inputs>> => ({
    "random:index/randomPassword:RandomPassword": { length: 24 },
    "random:index/randomString:RandomString": { length: 24 },
    "random:index/randomId:RandomId": { byteLength: 4 },
    "random:index/randomBytes:RandomBytes": { length: 4 },
    "random:index/randomInteger:RandomInteger": { min: 1, max: 9 },
    "random:index/randomPet:RandomPet": {},
    "random:index/randomShuffle:RandomShuffle": { inputs: ["a", "b"] },
    "random:index/randomUuid:RandomUuid": {},
    "random:index/randomUuid4:RandomUuid4": {},
    "random:index/randomUuid7:RandomUuid7": {},
    "tls:index/privateKey:PrivateKey": { algorithm: "ED25519" },
    "tls:index/selfSignedCert:SelfSignedCert": {
      privateKeyPem: privatePem(key),
      validityPeriodHours: 1,
      allowedUses: [],
    },
    "tls:index/certRequest:CertRequest": { privateKeyPem: privatePem(key) },
    "docker:index/network:Network": { name: "backend" },
    "docker:index/volume:Volume": { name: "data" },
    "docker:index/remoteImage:RemoteImage": { name: "nginx:1.29" },
    "docker:index/container:Container": {
      name: "web",
      image: "nginx:1.29",
      networksAdvanced: [{ name: "backend" }],
      ports: [{ internal: 80 }],
    },
    "docker:index/tag:Tag": { sourceImage: "nginx:1.29", targetImage: "local/nginx:1" },
    "docker:index/registryImage:RegistryImage": { name: "registry.example.com/nginx:1" },
    "docker:index/secret:Secret": { name: "password", data: "YQ==" },
    "docker:index/serviceConfig:ServiceConfig": { name: "settings", data: "YQ==" },
    "docker:index/service:Service": {
      name: "chat",
      taskSpec: { containerSpec: { image: `nginx@sha256:${"0".repeat(64)}` } },
      updateConfig: { delay: "1m30s", maxFailureRatio: "0.1" },
      convergeConfig: {},
    },
    "docker-build:index:Image": { push: false, context: { location: join(folder, "context") }, tags: ["local/app:1"] },
    "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor": { accountId: ACCOUNT },
    "cloudflare:index/loadBalancerPool:LoadBalancerPool": {
      accountId: ACCOUNT,
      name: "west",
      checkRegions: ["WNAM"],
      origins: [{ name: "a", address: "192.0.2.1" }],
    },
    "cloudflare:index/dnsRecord:DnsRecord": {
      zoneId: ZONE,
      name: "a.example.com",
      type: "A",
      content: "192.0.2.1",
      ttl: 60,
    },
    "cloudflare:index/ruleset:Ruleset": {
      zoneId: ZONE,
      kind: "zone",
      name: "a",
      phase: "http_request_firewall_custom",
      rules: [{ action: "block", expression: "true" }],
    },
    "cloudflare:index/zone:Zone": { account: { id: ACCOUNT }, name: "example.org" },
    "cloudflare:index/zoneSetting:ZoneSetting": { zoneId: ZONE, settingId: "ssl", value: "strict" },
    "cloudflare:index/argoSmartRouting:ArgoSmartRouting": { zoneId: ZONE, value: "on" },
    "cloudflare:index/botManagement:BotManagement": { zoneId: ZONE, sbfmDefinitelyAutomated: "block" },
    "cloudflare:index/list:List": { accountId: ACCOUNT, kind: "ip", name: "offices", items: [{ ip: "192.0.2.0/24" }] },
    "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": {
      zoneId: ZONE,
      certificate: clientCertificate(),
      privateKey: privatePem(key),
    },
    "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": {
      zoneId: ZONE,
      configs: [{ hostname: "a.example.com", enabled: true, certId: "a" }],
    },
    "cloudflare:index/originCaCertificate:OriginCaCertificate": {
      csr,
      hostnames: ["example.com"],
      requestType: "origin-ecc",
    },
    "cloudflare:index/zoneSubscription:ZoneSubscription": { zoneId: ZONE, ratePlan: { id: "enterprise" } },
    "cloudflare:index/tieredCache:TieredCache": { zoneId: ZONE, value: "on" },
    "cloudflare:index/argoTieredCaching:ArgoTieredCaching": { zoneId: ZONE, value: "on" },
    "cloudflare:index/regionalTieredCache:RegionalTieredCache": { zoneId: ZONE },
    "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": {
      zoneId: ZONE,
      enabled: true,
    },
    "cloudflare:index/universalSslSetting:UniversalSslSetting": { zoneId: ZONE },
    "cloudflare:index/totalTls:TotalTls": { zoneId: ZONE, enabled: true },
    "cloudflare:index/urlNormalizationSettings:UrlNormalizationSettings": {
      zoneId: ZONE,
      scope: "incoming",
      type: "cloudflare",
    },
    "cloudflare:index/zoneDnssec:ZoneDnssec": { zoneId: ZONE },
  });

  /** Need the outputs of another sample; their own tests make them. */
  const ELSEWHERE = ["cloudflare:index/loadBalancer:LoadBalancer", "tls:index/locallySignedCert:LocallySignedCert"];

  it("are there for each type but Kubernetes's", () => {
    const tokens = TABLES.filter((table) => table !== kubernetes).flatMap((table) =>
      table.types.map(({ token }) => token),
    );
    assert.deepEqual([...Object.keys(samples()), ...ELSEWHERE].sort(), tokens.sort());
  });

  it("see a changed build context as an update of the image", () => {
    const clouds = new Clouds(folder, TABLES);
    const token = "docker-build:index:Image";
    const instance = clouds.instance("docker-build");
    const inputs = samples()[token] ?? {};
    const done = clouds.create(instance, token, "sample", inputs);
    assert.deepEqual(clouds.diff(instance, token, "sample", done, inputs).changes, []);
    writeFileSync(join(folder, "context/server.js"), "1");
    const { changes } = clouds.diff(instance, token, "sample", done, inputs);
    assert.deepEqual(
      changes.map(({ path, replaces }) => [path, replaces]),
      [[["contextHash"], false]],
    );
    const updated = clouds.update(instance, token, "sample", inputs, done);
    assert.notEqual(updated.properties["digest"], done.properties["digest"]);
    assert.deepEqual(clouds.diff(instance, token, "sample", updated, inputs).changes, []);
  });

  it("are created with every output filled, and change nothing the second time", () => {
    const clouds = new Clouds(folder, TABLES);
    for (const [token, inputs] of Object.entries(samples())) {
      const instance = clouds.instance(token.split(":")[0] ?? "");
      const name = "sample";
      const checked = clouds.checked(instance, token, name, inputs);
      assert.deepEqual(checked.failures, [], token);
      const done = clouds.create(instance, token, name, checked.inputs);
      assert.ok(done.id !== "", token);
      const again = clouds.checked(instance, token, name, inputs, done.inputs);
      assert.deepEqual(again.failures, [], token);
      assert.deepEqual(clouds.diff(instance, token, name, done, again.inputs).changes, [], token);
    }
  });
});
