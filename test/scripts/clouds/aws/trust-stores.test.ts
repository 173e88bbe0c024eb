import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { certificate, nameOf, publicKeyOf } from "../../../../scripts/rehearsal/clouds/tables/tls/certificate.ts";
import { generate } from "../../../../scripts/rehearsal/clouds/tables/tls/keys.ts";
import { Cloud } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const STORE = "aws:lb/trustStore:TrustStore";
const LISTENER = "aws:lb/listener:Listener";
const FURTHER = "aws:lb/listenerCertificate:ListenerCertificate";
const ACM = "aws:acm/certificate:Certificate";
const VALIDATION = "aws:acm/certificateValidation:CertificateValidation";

function pem(isAuthority: boolean): string {
  const key = generate("ECDSA", undefined, "P256");
  const [name, publicKey] = [nameOf({ commonName: "a" }), publicKeyOf(key)];
  const [start, end] = [new Date(), new Date(Date.now() + 86_400_000)];
  const options = { maxPathLength: undefined, setSubjectKeyId: true, setAuthorityKeyId: false, names: undefined };
  const uses = isAuthority ? ["cert_signing"] : ["client_auth"];
  return certificate(
    { subject: name, publicKey, serial: 1n, uses, isAuthority, start, end, ...options },
    { name, publicKey, key },
  );
}

function withBucket(content: string) {
  const cloud = new Cloud();
  cloud.make(BUCKET, { bucket: "clients" });
  cloud.make(VERSIONING, { bucket: "clients", versioningConfiguration: { status: "Enabled" } });
  const object = cloud.make(OBJECT, { bucket: "clients", key: "authorities.pem", content });
  const inputs: Properties = {
    name: "clients",
    caCertificatesBundleS3Bucket: "clients",
    caCertificatesBundleS3Key: "authorities.pem",
    caCertificatesBundleS3ObjectVersion: object.properties["versionId"],
  };
  return { cloud, object, inputs };
}

describe("AWS: trust store", () => {
  const authority = pem(true);
  refuses(STORE, () => withBucket(authority), [
    ["a name with a hyphen at its end", { name: "clients-" }, /inner hyphens/],
    ["a name that is too long", { name: "c".repeat(33) }, /1 to 32 characters/],
    ["a bundle that is not there", { caCertificatesBundleS3Key: "other.pem" }, /CaCertificatesBundleNotFound/],
    ["no version where one is written", { caCertificatesBundleS3ObjectVersion: "" }, /or leave it out/],
  ]);

  it("takes only certificates of authorities", () => {
    const says = (content: string) => {
      const { cloud, inputs } = withBucket(content);
      return cloud.refusals(STORE, inputs)[0] ?? "";
    };
    assert.equal(says(authority + authority), "");
    assert.match(says("no certificate"), /InvalidCaCertificatesBundle/);
    assert.match(says(authority + pem(false)), /certificate 2 is not an authority's/);
  });

  it("sees a changed bundle as another version of the object", () => {
    const versionOf = (content: string) => withBucket(content).object.properties["versionId"];
    assert.notEqual(versionOf(authority), versionOf(authority + authority));
    assert.notEqual(versionOf(authority), "");
    const unversioned = new Cloud();
    unversioned.make(BUCKET, { bucket: "clients" });
    assert.equal(unversioned.make(OBJECT, { bucket: "clients", key: "a", content: "a" }).properties["versionId"], "");
  });

  it("is asked for by a listener of HTTPS that verifies, and stays as long as it is", () => {
    const { cloud, inputs } = withBucket(authority);
    const store = cloud.make(STORE, inputs);
    const { subnetIds } = scenery(cloud);
    const balancer = cloud.make("aws:lb/loadBalancer:LoadBalancer", { name: "web", subnets: subnetIds });
    const acm = cloud.make(ACM, { domainName: "example.com", validationMethod: "DNS" });
    cloud.make(VALIDATION, { certificateArn: acm.id });
    const listener = (mutualAuthentication: Properties, rest: Properties = {}): Properties => ({
      loadBalancerArn: balancer.id,
      port: 443,
      protocol: "HTTPS",
      certificateArn: acm.id,
      defaultActions: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain" } }],
      mutualAuthentication,
      ...rest,
    });
    const says = (inputs: Properties) => cloud.refusals(LISTENER, inputs)[0] ?? "";
    const verify = { mode: "verify", trustStoreArn: store.id };
    assert.match(says(listener({ mode: "on" })), /off, passthrough or verify/);
    assert.match(says(listener({ mode: "verify" })), /verify needs a trust store/);
    assert.match(says(listener({ mode: "passthrough", trustStoreArn: store.id })), /verifies nothing/);
    assert.match(says(listener(verify, { protocol: "HTTP", certificateArn: undefined })), /only a listener of HTTPS/);
    assert.match(says(listener({ mode: "verify", trustStoreArn: "arn:x" })), /nothing has this id/);
    assert.equal(cloud.refuseDelete(store), undefined);
    const made = cloud.make(LISTENER, listener(verify));
    assert.match(cloud.refuseDelete(store) ?? "", /TrustStoreInUse/);
    const further = cloud.make(ACM, {
      domainName: "example.com",
      validationMethod: "DNS",
      keyAlgorithm: "EC_prime256v1",
    });
    const more: Properties = { listenerArn: made.id, certificateArn: further.id };
    assert.match(cloud.refusals(FURTHER, more)[0] ?? "", /UnsupportedCertificate/);
    cloud.make(VALIDATION, { certificateArn: further.id });
    assert.equal(cloud.make(FURTHER, more).id, `${made.id}_${further.id}`);
    assert.match(cloud.refusals(FURTHER, more)[0] ?? "", /has this certificate already/);
  });
});
