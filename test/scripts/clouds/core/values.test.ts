import assert from "node:assert/strict";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import fc from "fast-check";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import {
  NotYetKnown,
  Secret,
  type Tree,
  type TreeObject,
  UNKNOWN,
  fromEvent,
  ifKnown,
  isEqual,
  secretTexts,
  taint,
  toProperties,
} from "../../../../scripts/rehearsal/clouds/values.ts";
import { addFields, decodeStruct, encodeStruct, takeFields } from "../../../../scripts/rehearsal/clouds/wire.ts";

const keys = fc.string({ maxLength: 8 }).filter((key) => key !== "__proto__");

const trees = fc.letrec<{ tree: Tree; object: TreeObject }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constant(UNKNOWN),
    fc.array(tie("tree"), { maxLength: 4 }),
    tie("object"),
    tie("tree").map((tree) => new Secret(tree)),
  ),
  object: fc.dictionary(keys, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
}));

describe("property values", () => {
  it("survive the provider protocol, with unknowns and secrets where they were", () => {
    fc.assert(fc.property(trees.object, (object) => assert.deepEqual(decodeStruct(encodeStruct(object)), object)));
  });

  it("are written as Pulumi's own classes write and read them", () => {
    fc.assert(
      fc.property(trees.object, (object) => {
        const { Struct } = structs;
        const written = Struct.deserializeBinary(encodeStruct(object));
        assert.deepEqual(decodeStruct(written.serializeBinary()), object);
        assert.deepEqual(Struct.deserializeBinary(written.serializeBinary()).toJavaScript(), written.toJavaScript());
        const long = Struct.fromJavaScript({ text: "é".repeat(5000), number: -0.5, none: null });
        assert.deepEqual(decodeStruct(long.serializeBinary()), { text: "é".repeat(5000), number: -0.5, none: null });
      }),
    );
  });

  it("are taken out of a message and put into one", () => {
    const request = new messages.CheckRequest()
      .setUrn("urn")
      .setName("name")
      .setRandomseed(Buffer.from([1, 2]));
    const sent = addFields(request.serializeBinary(), [[3, encodeStruct({ a: 1 })]]);
    assert.deepEqual(messages.CheckRequest.deserializeBinary(sent).getNews()?.toJavaScript(), { a: 1 });
    const { rest, taken } = takeFields(sent, [2, 3]);
    assert.deepEqual([...taken.keys()], [3]);
    assert.deepEqual(decodeStruct(taken.get(3) ?? Buffer.alloc(0)), { a: 1 });
    assert.deepEqual(messages.CheckRequest.deserializeBinary(rest).toObject(), request.toObject());
  });

  it("are equal to themselves, also as secrets", () => {
    fc.assert(
      fc.property(trees.object, (object) => {
        assert.ok(isEqual(object, object));
        assert.ok(isEqual(new Secret(object), object));
      }),
    );
  });

  it("show tables plain values and give a function up where it reads what is not yet known", () => {
    const inputs = toProperties({ a: new Secret("x"), b: UNKNOWN, c: [1, UNKNOWN], d: null });
    assert.equal(inputs["a"], "x");
    assert.ok(!("d" in inputs));
    assert.throws(() => inputs["b"], NotYetKnown);
    assert.equal((inputs["c"] as unknown[])[0], 1);
    assert.equal(
      ifKnown(() => JSON.stringify(inputs)),
      undefined,
    );
    assert.throws(
      () =>
        ifKnown(() => {
          throw new TypeError("a table's own mistake");
        }),
      TypeError,
    );
  });

  it("take the engine's hidden secrets as not yet known", () => {
    assert.deepEqual(fromEvent({ a: "[secret]", b: ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"] }), {
      a: new Secret(UNKNOWN),
      b: [UNKNOWN],
    });
  });

  it("become secret where they repeat a secret", () => {
    const secrets = secretTexts({ password: new Secret("hunter22"), port: new Secret("5432") });
    assert.deepEqual(taint({ url: "postgres://me:hunter22@db:5432", port: "5432" }, secrets), {
      url: new Secret("postgres://me:hunter22@db:5432"),
      port: "5432",
    });
  });
});
