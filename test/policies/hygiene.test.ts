import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replacementOf } from "../../policies/hygiene/deprecated-types.ts";
import { nameFollowsPattern } from "../../policies/hygiene/name-follows-pattern.ts";
import { nameWithinServiceRules } from "../../policies/hygiene/name-within-service-rules.ts";
import { noSecretInNamesAndTags } from "../../policies/hygiene/no-secret-in-names-and-tags.ts";
import { providerNamesItsAccount } from "../../policies/hygiene/provider-names-its-account.ts";
import { regionAllowed } from "../../policies/hygiene/region-allowed.ts";
import { regionNotByDefault } from "../../policies/hygiene/region-not-by-default.ts";
import { resourceHasRequiredTags } from "../../policies/hygiene/resource-has-required-tags.ts";
import { tagsWithinLimits } from "../../policies/hygiene/tags-within-limits.ts";
import { typeNotDeprecated } from "../../policies/hygiene/type-not-deprecated.ts";
import { workloadHasRecommendedLabels } from "../../policies/hygiene/workload-has-recommended-labels.ts";
import { describePolicy } from "./cases.ts";
import { changed } from "./fixtures.ts";
import { type Fake, say, UNKNOWN } from "./harness.ts";

const LABELS = { "app.kubernetes.io/name": "web", team: "shop" };

const STACK: readonly Fake[] = [
  {
    type: "pulumi:providers:aws",
    name: "ireland",
    props: {
      region: "eu-west-1",
      allowedAccountIds: '["123456789012"]',
      defaultTags: JSON.stringify({ tags: { team: "shop" } }),
    },
  },
  {
    type: "pulumi:providers:aws",
    name: "frankfurt",
    props: { region: "eu-central-1", allowedAccountIds: ["123456789012"], defaultTags: { tags: { team: "shop" } } },
  },
  { type: "pulumi:providers:aws", name: "default_7_48_0", props: { region: "eu-west-1" } },
  {
    type: "aws:s3/bucket:Bucket",
    name: "bucket",
    provider: "ireland",
    props: { bucket: "shop-assets", tags: { owner: "web" } },
  },
  {
    type: "aws:iam/role:Role",
    name: "role",
    provider: "default_7_48_0",
    props: { name: "shop-role", description: "What the shop may do", tags: { owner: "web", team: "shop" } },
  },
  {
    type: "aws:lb/loadBalancer:LoadBalancer",
    name: "balancer",
    provider: "frankfurt",
    props: { name: "shop-web", tags: { owner: "web" } },
  },
  {
    type: "docker:index/container:Container",
    name: "container",
    props: {
      name: "shop-api",
      labels: [
        { label: "owner", value: "web" },
        { label: "team", value: "shop" },
      ],
    },
  },
  {
    type: "kubernetes:apps/v1:Deployment",
    name: "web",
    props: { metadata: { name: "shop-web", labels: LABELS, annotations: { note: "public" } } },
  },
  { type: "kubernetes:core/v1:Service", name: "service", props: { metadata: { name: "shop-web", labels: LABELS } } },
];

/** As long as a key of AWS, and none. */
const CANARY = `AKIA${"CANARY".repeat(3).slice(0, 16)}`;

describe("policies on names", () => {
  describePolicy({
    policy: nameWithinServiceRules,
    compliant: STACK,
    breaks: [
      { path: "bucket/bucket", value: "Shop_Assets", says: /bucket is "Shop_Assets"; use lower case letters, digits/ },
      { path: "bucket/bucket", value: "ab", says: /bucket has 2 characters, where 3 to 63 are allowed \(https:/ },
      { path: "bucket/bucket", value: "192.0.2.1", says: /bucket is "192\.0\.2\.1"/ },
      { path: "bucket/bucket", value: "shop-s3alias", says: /bucket is "shop-s3alias"/ },
      { path: "balancer/name", value: "internal-shop", says: /name is "internal-shop".*not with internal-/ },
      { path: "balancer/name", value: "a".repeat(33), says: /name has 33 characters, where 1 to 32/ },
      { path: "role/name", value: "shop role", says: /name is "shop role"/ },
      { path: "service/metadata/name", value: "shop.web", says: /metadata\.name is "shop\.web"/ },
      { path: "web/metadata/name", value: "Shop", says: /metadata\.name is "Shop"/ },
      { path: "container/name", value: "-api", says: /name is "-api"/ },
    ],
    passes: [
      { path: "bucket/bucket", value: undefined },
      { path: "web/metadata/name", value: "shop.web" },
    ],
    undecided: ["bucket/bucket", "service/metadata/name"],
  });

  describePolicy({
    policy: nameFollowsPattern,
    compliant: STACK,
    config: { allowed: ["shop-*"] },
    breaks: [
      { path: "role/name", value: "deploy", says: /name is deploy, which fits none of shop-\*/ },
      { path: "web/metadata/name", value: "web", says: /metadata\.name is web/ },
    ],
    passes: [{ path: "role/name", value: undefined }],
    undecided: ["bucket/bucket"],
  });

  it("name-follows-pattern takes any name where no pattern is configured", () => {
    assert.deepEqual(say(nameFollowsPattern, changed("role/name", UNKNOWN, STACK)), []);
  });
});

describe("policies on tags", () => {
  describePolicy({
    policy: resourceHasRequiredTags,
    compliant: STACK,
    config: { tags: ["owner", "team"] },
    breaks: [
      { path: "bucket/tags", value: undefined, says: /tags lack owner of .*; write tags: \{ "owner": … \}/ },
      { path: "role/tags/team", value: undefined, says: /tags lack team/ },
      { path: "container/labels", value: [], says: /labels lack owner and team.*labels: \[\{ label: "owner"/ },
    ],
    passes: [{ path: "bucket/tags/owner", value: UNKNOWN }],
    undecided: ["bucket/tags", "container/labels"],
  });

  it("resource-has-required-tags takes a key with dots for there while its value is not known", () => {
    const bucket = changed("bucket/tags/example.com.cost", UNKNOWN, STACK).filter(
      ({ name }) => name === "bucket" || name === "ireland",
    );
    assert.deepEqual(say(resourceHasRequiredTags, bucket, { tags: ["example.com.cost"] }), []);
  });

  it("resource-has-required-tags is undecided while the provider's default tags are not known", () => {
    for (const path of ["ireland/defaultTags", "frankfurt/defaultTags/tags"]) {
      const [found = "", ...others] = say(resourceHasRequiredTags, changed(path, UNKNOWN, STACK), {
        tags: ["owner", "team"],
      });
      assert.match(found, /^advisory: Undecided until up: defaultTags of the provider/);
      assert.deepEqual(others, []);
    }
    const coming = changed("frankfurt/defaultTags/tags/team", UNKNOWN, STACK);
    assert.deepEqual(say(resourceHasRequiredTags, coming, { tags: ["owner", "team"] }), []);
  });

  it("resource-has-required-tags asks for nothing where no tag is configured, and of nothing that takes none", () => {
    assert.deepEqual(say(resourceHasRequiredTags, changed("bucket/tags", undefined, STACK)), []);
    const untagged: Fake = { type: "aws:s3/bucketPolicy:BucketPolicy", name: "policy", props: {} };
    assert.deepEqual(say(resourceHasRequiredTags, [untagged], { tags: ["owner"] }), []);
  });

  describePolicy({
    policy: tagsWithinLimits,
    compliant: STACK,
    breaks: [
      { path: "bucket/tags/aws:owner", value: "web", says: /The tag aws:owner begins with aws:/ },
      { path: "bucket/tags/note", value: "x".repeat(257), says: /The tag note has a value of 257 characters/ },
      { path: `bucket/tags/${"k".repeat(129)}`, value: "x", says: /has a key of 129 characters/ },
      {
        path: "bucket/tags",
        value: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag${index}`, "x"])),
        says: /There are 51 tags, where AWS takes 50/,
      },
    ],
  });

  describePolicy({
    policy: workloadHasRecommendedLabels,
    compliant: STACK,
    breaks: [
      {
        path: "web/metadata/labels",
        value: undefined,
        says: /metadata\.labels lack app\.kubernetes\.io\/name; write it/,
      },
      { path: "service/metadata/labels", value: {}, says: /metadata\.labels lack app\.kubernetes\.io\/name/ },
    ],
    passes: [{ path: "web/metadata/labels", value: { "app.kubernetes.io/name": UNKNOWN } }],
    undecided: ["web/metadata/labels", "web/metadata"],
  });

  describePolicy({
    policy: noSecretInNamesAndTags,
    compliant: STACK,
    breaks: [
      { path: "bucket/tags/note", value: CANARY, says: /The tag or label note holds a key or a login; take it out/ },
      { path: "role/description", value: `uses ${CANARY}`, says: /^description holds a key or a login/ },
      { path: "container/labels/0/value", value: CANARY, says: /The tag or label owner holds/ },
      {
        path: "web/metadata/annotations/note",
        value: "postgres://me:canary@db/shop",
        says: /note holds a key or a login/,
      },
      { path: "bucket/tags/api-key", value: "canary0123", says: /api-key is called like a secret/, level: "advisory" },
    ],
    passes: [
      { path: "bucket/tags/secret-name", value: "shop-database" },
      { path: "bucket/tags/secret", value: "yes" },
      { path: "web/metadata/annotations", value: { "secrets.example.com/hash": "0123456789abcdef" } },
    ],
  });

  it("no-secret-in-names-and-tags never says the secret", () => {
    const secret = changed("role/description", CANARY, changed("bucket/tags/password", CANARY, STACK));
    const found = say(noSecretInNamesAndTags, secret).join("\n");
    assert.match(found, /password holds a key/);
    assert.ok(!found.includes(CANARY.slice(4)));
  });
});

describe("policies on regions and providers", () => {
  describePolicy({
    policy: regionAllowed,
    compliant: STACK,
    config: { regions: ["eu-*"] },
    breaks: [
      {
        path: "bucket/region",
        value: "us-east-1",
        says: /^region is us-east-1, which is none of eu-\*; name one of these/,
      },
      {
        path: "frankfurt/region",
        value: "us-west-2",
        says: /^Provider frankfurt puts 1 resource into us-west-2, which is none of eu-\*/,
      },
    ],
    undecided: ["frankfurt/region"],
  });

  it("region-allowed allows every region where none is configured", () => {
    assert.deepEqual(say(regionAllowed, changed("frankfurt/region", UNKNOWN, STACK)), []);
  });

  it("region-not-by-default finds what falls back to the default provider where there are several regions", () => {
    assert.deepEqual(say(regionNotByDefault, STACK), []);
    const lost = STACK.map((each) => (each.name === "balancer" ? { ...each, provider: "default_7_48_0" } : each));
    // what is left is one region
    assert.deepEqual(say(regionNotByDefault, lost), []);
    assert.equal(say(regionNotByDefault, lost, { always: true }).length, 1);
    const queue: Fake = { type: "aws:sqs/queue:Queue", name: "queue", provider: "frankfurt", props: {} };
    const [found = "", ...more] = say(regionNotByDefault, [...lost, queue]);
    assert.deepEqual(more, []);
    assert.match(
      found,
      /^mandatory: The resource falls back to the default provider in a stack with the regions eu-central-1 and eu-west-1/,
    );
    assert.deepEqual(say(regionNotByDefault, changed("balancer/region", "eu-central-1", [...lost, queue])), []);
  });

  const EDGE: readonly Fake[] = [
    { type: "pulumi:providers:aws", name: "default", props: { region: "eu-west-1" } },
    { type: "pulumi:providers:aws", name: "virginia", props: { region: "us-east-1" } },
    { type: "aws:sqs/queue:Queue", name: "orders", provider: "default", props: {} },
    { type: "aws:acm/certificate:Certificate", name: "certificate", provider: "virginia", props: {} },
    { type: "aws:acm/certificateValidation:CertificateValidation", name: "valid", provider: "virginia", props: {} },
    { type: "aws:wafv2/webAcl:WebAcl", name: "acl", provider: "virginia", props: { scope: "CLOUDFRONT" } },
    {
      type: "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
      name: "l",
      provider: "virginia",
      props: {},
    },
    { type: "aws:lambda/function:Function", name: "edge", provider: "virginia", props: { publish: true } },
    { type: "aws:iam/role:Role", name: "edge-role", provider: "virginia", props: {} },
    {
      type: "aws:cloudfront/distribution:Distribution",
      name: "site",
      provider: "default",
      props: { defaultCacheBehavior: {} },
      from: { defaultCacheBehavior: ["edge"] },
    },
  ];

  it("region-not-by-default does not count us-east-1 for what CloudFront wants there", () => {
    assert.deepEqual(say(regionNotByDefault, EDGE), []);
    for (const [path, value] of [
      ["acl/scope", "REGIONAL"],
      ["virginia/region", "us-west-2"],
    ] as const) {
      assert.match(
        say(regionNotByDefault, changed(path, value, EDGE)).join("\n"),
        /^mandatory: The resource falls back to the default provider in a stack with the regions eu-west-1 and us-/,
        path,
      );
    }
    const alone = EDGE.map(({ from: _from, ...resource }) => resource);
    assert.equal(say(regionNotByDefault, alone).length, 1, "a function that no distribution calls");
    const topic: Fake = { type: "aws:sns/topic:Topic", name: "topic", provider: "virginia", props: {} };
    assert.equal(say(regionNotByDefault, [...EDGE, topic]).length, 1);
  });

  describePolicy({
    policy: providerNamesItsAccount,
    compliant: STACK,
    breaks: [
      { path: "ireland/allowedAccountIds", value: undefined, says: /works in whatever account its credentials are of/ },
    ],
    undecided: ["ireland/allowedAccountIds"],
  });
});

describe("policy on types", () => {
  const of = (type: string): readonly Fake[] => [{ type, name: "old", props: {} }];

  it("type-not-deprecated passes what is in use and names what to take instead of the rest", () => {
    assert.deepEqual(say(typeNotDeprecated, STACK), []);
    for (const [type, instead] of [
      ["aws:ec2/launchConfiguration:LaunchConfiguration", "aws:ec2/launchTemplate:LaunchTemplate"],
      ["aws:wafregional/webAcl:WebAcl", "the type of the same name in aws:wafv2"],
      ["cloudflare:index/rateLimit:RateLimit", "cloudflare:index/ruleset:Ruleset"],
      ["kubernetes:policy/v1beta1:PodDisruptionBudget", "policy/v1"],
      ["kubernetes:policy/v1beta1:PodSecurityPolicy", "the pod-security.kubernetes.io labels of the namespace"],
    ] as const) {
      assert.deepEqual(say(typeNotDeprecated, of(type)), [
        `mandatory: ${type} is out of use; take ${instead}, with an alias so that nothing is replaced.`,
      ]);
    }
  });

  for (const [type, instead, before, since] of [
    ["aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket", "6.83.0", "7.0.0"],
    ["cloudflare:index/record:Record", "cloudflare:index/dnsRecord:DnsRecord", "5.49.1", "6.22.1"],
  ] as const) {
    const made = (props: Record<string, unknown>): readonly Fake[] => [
      { type: `pulumi:providers:${type.split(":", 1)[0]}`, name: "default", props },
      { type, name: "old", provider: "default", props: {} },
    ];

    it(`type-not-deprecated advises against ${type} before version ${since} of the provider`, () => {
      const advice = `advisory: ${type} is out of use from version ${since.charAt(0)} of its provider on; with that version take ${instead}, with an alias so that nothing is replaced.`;
      assert.deepEqual(say(typeNotDeprecated, made({ version: before })), [advice]);
      assert.deepEqual(say(typeNotDeprecated, made({})), [advice]);
      assert.deepEqual(say(typeNotDeprecated, made({ version: UNKNOWN })), [advice]);
      assert.deepEqual(say(typeNotDeprecated, of(type)), [advice]);
      assert.deepEqual(say(typeNotDeprecated, made({ version: since })), [
        `mandatory: ${type} is out of use; take ${instead}, with an alias so that nothing is replaced.`,
      ]);
    });
  }

  const sdk = join(import.meta.dirname, "../../node_modules/@pulumi");

  for (const folder of ["cloudflare", "aws/s3", "aws/ec2", "aws/lambda"]) {
    it(`type-not-deprecated knows what the installed SDK marks in ${folder}`, () => {
      let marked = 0;
      for (const file of readdirSync(join(sdk, folder)).filter((name) => name.endsWith(".d.ts"))) {
        const declared = readFileSync(join(sdk, folder, file), "utf8");
        const mark = /@deprecated [^*]* in favor of \S*?\.?(\w+)\n \*\/\nexport declare class (\w+)/.exec(declared);
        if (!mark) continue;
        marked += 1;
        const [, instead = "", name = ""] = mark;
        const type = /__pulumiType = '([^']+)'/.exec(
          readFileSync(join(sdk, folder, file.replace(".d.ts", ".js")), "utf8"),
        );
        assert.match(replacementOf(type?.[1] ?? "")?.instead ?? "none", new RegExp(`:${instead}$`), name);
      }
      assert.ok(marked > 0);
    });
  }
});
