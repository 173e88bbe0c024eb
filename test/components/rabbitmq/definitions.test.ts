import assert from "node:assert/strict";
import { definitions } from "../../../components/rabbitmq/definitions.ts";

describe("RabbitMQ definitions", () => {
  it("give each queue a dead-letter queue and a policy that fits it alone", () => {
    const { queues, bindings, policies } = definitions({ queues: [{ name: "raw.items" }] });
    assert.deepEqual(
      queues.map(({ name, arguments: its }) => [name, its["x-queue-type"]]),
      [
        ["raw.items", "quorum"],
        ["raw.items.dead", "quorum"],
      ],
    );
    assert.deepEqual(
      bindings.map(({ source, destination, routing_key: key }) => [source, destination, key]),
      [["dead-letters", "raw.items.dead", "raw.items"]],
    );
    const [policy] = policies;
    assert.equal(new RegExp(policy?.pattern ?? "").test("raw.items"), true);
    assert.equal(new RegExp(policy?.pattern ?? "").test("rawXitems"), false);
    assert.equal(new RegExp(policy?.pattern ?? "").test("raw.items.dead"), false);
    assert.deepEqual(policy?.definition, {
      "dead-letter-exchange": "dead-letters",
      "dead-letter-routing-key": "raw.items",
      "dead-letter-strategy": "at-least-once",
      overflow: "reject-publish",
      "delivery-limit": 20,
    });
  });

  it("say nothing of a plain classic queue", () => {
    const plain = definitions({ queues: [{ name: "audit", type: "classic", deadLetters: false }] });
    assert.deepEqual([plain.queues.length, plain.exchanges, plain.policies], [1, [], []]);
  });

  it("refuse a binding to nothing and a name that is there twice", () => {
    const events = { name: "events", type: "topic", bindings: [{ queue: "itms", routingKey: "#" }] } as const;
    assert.throws(
      () => definitions({ queues: [{ name: "items" }], exchanges: [events] }),
      /exchange events is bound to "itms", which is no queue; write one of items\./,
    );
    assert.throws(() => definitions({ queues: [{ name: "a" }, { name: "a" }] }), /has a name twice/);
  });
});
