import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import {
  type Taken,
  takeApproval,
  takeApprovals,
  withPresentSignatures,
} from "../../../components/secret-drift/checker/healing/approval-file.ts";
import { approvalText, expiry } from "../../../components/secret-drift/checker/healing/approval-text.ts";
import { COOL_DOWN } from "../../../components/secret-drift/checker/healing/healer.ts";
import { InvalidMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { program } from "../../helpers/server.ts";
import { MemoryStore } from "./memory-store.ts";

const VALUE = "canary-a-long-password";
const HOUR = 3_600_000;
const NAMESPACE = "groundwork-approval";
/** Turns the line round on a screen, and has letters that look like others. */
const ODD_NAME = "D\u202eB“é";

function keygen(...args: readonly string[]): void {
  execFileSync(program("ssh-keygen", "openssh-client"), args, { stdio: ["ignore", "ignore", "pipe"] });
}

describe("signed approvals", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const publicKey = (who: string) =>
    readFileSync(at(`${who}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  let number = 0;

  before(() => {
    for (const who of ["alice", "alice-laptop", "bob", "carol", "mallory", "authority"])
      keygen("-q", "-t", "ed25519", "-N", "", "-f", at(who));
    keygen("-q", "-s", at("authority"), "-I", "carol", "-n", "carol@example.com", at("carol.pub"));
    const lines = [
      "# who may approve",
      `alice@example.com ${publicKey("alice")} laptop of Alice`,
      `git-only namespaces="git,file" ${publicKey("bob")}`,
      `bob@example.com ${publicKey("bob")}`,
      `alice,second-name ${publicKey("alice-laptop")}`,
      `*@example.com cert-authority ${publicKey("authority")}`,
    ];
    writeFileSync(at("signers"), `${lines.join("\n")}\n`);
  });

  /** A secret that its place misses, proposed by alice. */
  async function world(risk: "medium" | "high" = "high", signers = at("signers")) {
    const mapping = `
approvers: ${JSON.stringify(signers)}
source: { store: esc, scope: env }
stores: { esc: { kind: file }, aws: { kind: file } }
secrets: { password: { property: password, risk: ${risk}, places: [{ store: aws, scope: west, name: "${ODD_NAME}" }] } }
`;
    const [esc, aws] = [new MemoryStore("esc"), new MemoryStore("aws")];
    const clock = { now: Date.now() };
    const path = at(`secrets-${++number}.yaml`);
    writeFileSync(path, mapping);
    const checker = await Checker.open({
      ...{ mapping: path, history: ":memory:" },
      stores: new Map([esc, aws].map((store) => [store.name, store])),
      now: () => clock.now,
    });
    esc.set("env", "password", VALUE);
    await checker.prepare();
    const { journal } = checker.history;
    const propose = async () => {
      checker.propose(await checker.check(), "alice");
      const [entry] = journal.inState("open");
      assert.ok(entry);
      return entry;
    };
    const heal = async () => (await checker.heal("healer")).map(({ result }) => result);
    const entry = await propose();
    const text = (hours = 24) => approvalText(entry, expiry(clock.now, hours));
    const take = (file: string): Promise<Taken> => takeApproval(checker, file, clock.now);
    return { esc, aws, clock, checker, journal, propose, heal, entry, text, take };
  }

  function written(text: string): string {
    const file = at(`${++number}.approval`);
    writeFileSync(file, text);
    return file;
  }

  function signed(text: string, key = "bob", namespace = NAMESPACE): string {
    const file = written(text);
    keygen("-q", "-Y", "sign", "-n", namespace, "-f", at(key), file);
    return file;
  }

  const reason = (taken: Taken) => (taken.ok ? "taken" : taken.reason.replaceAll(`${folder}/`, ""));

  it("let a high risk be written, once", async () => {
    const { heal, text, take, aws, journal, entry, propose, clock } = await world();
    const file = signed(text());
    assert.deepEqual(await heal(), ["waits"]);
    assert.deepEqual(await take(file), {
      ...{ ok: true, file, proposal: entry.id, secret: "password", signer: "bob@example.com" },
    });
    assert.deepEqual(journal.find(entry.id)?.signatures[0]?.names, ["git-only", "bob@example.com"]);
    assert.deepEqual(await heal(), ["done"]);
    assert.equal(aws.get("west", ODD_NAME), VALUE);
    assert.match(reason(await take(file)), /was used before: an approval of \w{12} counts once$/);
    aws.remove("west", ODD_NAME);
    clock.now += 2 * COOL_DOWN;
    assert.equal((await propose()).id, entry.id, "the same is proposed again");
    assert.deepEqual(await heal(), ["waits"]);
    assert.match(reason(await take(file)), /was used before/);
    // another's signature on the old text, which nobody has used
    const again = signed(approvalText(entry, expiry(clock.now, 1)), "carol-cert.pub");
    assert.match(reason(await take(again)), /is not what proposal \w{12} is now/);
  });

  it("are plain text of ASCII that says everything and shows no value", async () => {
    const { text, entry } = await world();
    const shown = text();
    assert.match(shown, /^[\x20-\x7e\n]+$/);
    assert.ok(!shown.includes("canary"));
    const keys = shown.split("\n").map((line) => line.split(":")[0]);
    assert.deepEqual(keys, [
      "groundwork secrets approval, version 1",
      ...["proposal", "secret", "risk", "fingerprint", "proposer", "proposed", "place", "expires", ""],
    ]);
    assert.ok(shown.includes(`fingerprint: "${entry.fingerprint}"`));
    assert.ok(shown.includes(String.raw`"name":"D\u202eB\u201c\u00e9"`));
  });

  it("count for a certificate's owner, too", async () => {
    const { text, take, heal } = await world();
    assert.equal(reason(await take(signed(text(), "carol-cert.pub"))), "taken");
    assert.deepEqual(await heal(), ["done"]);
  });

  it("of the proposer let a medium risk be written and no high one, with whichever of their keys", async () => {
    const medium = await world("medium");
    assert.equal(reason(await medium.take(signed(medium.text(), "alice"))), "taken");
    assert.deepEqual(await medium.heal(), ["done"]);
    const high = await world();
    for (const key of ["alice", "alice-laptop"])
      assert.match(
        reason(await high.take(signed(high.text(), key))),
        /has a high risk and was made by alice, and \d+\.approval is signed by alice(?:@example\.com)?: let somebody else sign it$/,
      );
    assert.deepEqual(await high.heal(), ["waits"]);
  });

  it("are needed for a high risk where they are asked for: a name that somebody says does not do", async () => {
    const { journal, entry, clock, heal } = await world();
    journal.approve(entry.id, "bob", clock.now);
    assert.deepEqual(await heal(), ["waits"]);
    const medium = await world("medium");
    medium.journal.approve(medium.entry.id, "bob", clock.now);
    assert.deepEqual(await medium.heal(), ["done"]);
  });

  it("end: what was not begun by then waits again", async () => {
    const { take, text, clock, heal } = await world();
    assert.equal(reason(await take(signed(text(1)))), "taken");
    clock.now += HOUR;
    assert.deepEqual(await heal(), ["waits"]);
  });

  describe("count by the approvers' file as it is when it is healed:", () => {
    const lines = (...names: readonly string[]) => {
      const file = at(`signers-${++number}`);
      writeFileSync(file, names.map((name) => `${name} ${publicKey(name.split("@")[0] ?? "")}\n`).join(""));
      return file;
    };
    for (const risk of ["medium", "high"] as const)
      it(`a revoked signer's let no ${risk} risk be written, until they may sign again`, async () => {
        const file = lines("bob@example.com", "carol@example.com");
        const { text, take, heal, aws, checker, journal, entry } = await world(risk, file);
        assert.equal(reason(await take(signed(text()))), "taken");
        const now = () => journal.find(entry.id) ?? entry;
        assert.equal(await checker.isApprovedNow(now()), true);
        const before = readFileSync(file);
        writeFileSync(file, readFileSync(lines("carol@example.com")));
        assert.equal(await checker.isApprovedNow(now()), false);
        const [{ reason: why = "" } = {}] = await checker.heal("healer");
        assert.match(
          why,
          /: it needs an approval of somebody who may sign now: a signature that it has counts no more$/,
        );
        assert.equal(aws.get("west", ODD_NAME), undefined);
        writeFileSync(file, before);
        assert.deepEqual(await heal(), ["done"]);
      });

    it("a certificate's whose authority is revoked let nothing be written", async () => {
      const file = lines("bob@example.com");
      writeFileSync(file, `*@example.com cert-authority ${publicKey("authority")}\n`);
      const { text, take, heal } = await world("high", file);
      assert.equal(reason(await take(signed(text(), "carol-cert.pub"))), "taken");
      writeFileSync(file, readFileSync(lines("bob@example.com")));
      assert.deepEqual(await heal(), ["waits"]);
    });

    it("a signer's who has the proposer's name by now let no high risk be written", async () => {
      const file = lines("bob@example.com");
      const { text, take, heal } = await world("high", file);
      assert.equal(reason(await take(signed(text()))), "taken");
      writeFileSync(file, `bob@example.com,alice ${publicKey("bob")}\n`);
      assert.deepEqual(await heal(), ["waits"]);
    });

    it("none does when nobody may sign any more, or without what was signed", async () => {
      const { text, take, checker, journal, entry } = await world("medium");
      assert.equal(reason(await take(signed(text()))), "taken");
      const taken = journal.find(entry.id) ?? entry;
      assert.equal((await withPresentSignatures(taken, checker.mapping)).signatures.length, 1);
      assert.equal((await withPresentSignatures(taken, { approval: {} })).signatures.length, 0);
      const unproved = taken.signatures.map(({ proof: _, ...each }) => each);
      const old = await withPresentSignatures({ ...taken, signatures: unproved }, checker.mapping);
      assert.equal(old.signatures.length, 0);
    });
  });

  it("fall with what they were for", async () => {
    const { take, text, esc, heal, propose } = await world();
    const file = signed(text());
    assert.equal(reason(await take(file)), "taken");
    esc.set("env", "password", "canary-another-value");
    assert.deepEqual(await heal(), ["withdrawn"]);
    const late = signed(text(2));
    assert.match(reason(await take(late)), /approves \w{12}, which is not open any more \(withdrawn\)$/);
    await propose();
    assert.deepEqual(await heal(), ["waits"]);
  });

  describe("do not count, and say why in one sentence,", () => {
    const LATER = /is not what proposal \w{12} is now: write and sign a new one$/;
    const NONE = /is no approval, or not all of one: write one with `groundwork secrets approve --write`$/;
    type World = Awaited<ReturnType<typeof world>>;
    const cases: Readonly<Record<string, readonly [(made: World) => string, RegExp]>> = {
      "when another secret is written in": [({ text }) => signed(text().replace('"password"', '"other"')), LATER],
      "when the risk is made smaller": [({ text }) => signed(text().replace('"high"', '"low"')), LATER],
      "when a place is added": [({ text }) => signed(text().replace(/(place: .*\n)/, "$1$1")), LATER],
      "when they were changed after they were signed": [
        ({ text }) => {
          const file = signed(text());
          writeFileSync(file, text(48));
          return file;
        },
        /^the signature \S+ does not count: the text is not what was signed$/,
      ],
      "when the text was cut": [({ text }) => signed(text().slice(0, -20)), NONE],
      "without the last line end": [({ text }) => signed(text().slice(0, -1)), NONE],
      "with something before them": [({ text }) => signed(`\n${text()}`), NONE],
      "when they are empty": [() => signed(""), NONE],
      "with Windows line ends": [
        ({ text }) => signed(text().replaceAll("\n", "\r\n")),
        /has Windows line ends \(CRLF\): sign the file as `groundwork secrets approve` has written it$/,
      ],
      "for another namespace": [
        ({ text }) => signed(text(), "bob", "git"),
        /: it was made for something else \(git\): sign with -n groundwork-approval$/,
      ],
      "of somebody unknown": [
        ({ text }) => signed(text(), "mallory"),
        /: whoever signed it is not among the approvers, or not at this date$/,
      ],
      "of an authority itself": [({ text }) => signed(text(), "authority"), /: whoever signed it is not among/],
      "without a signature": [({ text }) => written(text()), /\.approval\.sig cannot be read \(ENOENT\)$/],
      "when the signature was cut": [
        ({ text }) => {
          const file = signed(text());
          writeFileSync(`${file}.sig`, readFileSync(`${file}.sig`, "utf8").slice(0, 120));
          return file;
        },
        /: it is no SSH signature, or not all of one$/,
      ],
      "when some of the signature is missing within": [
        ({ text }) => {
          const file = signed(text());
          const lines = readFileSync(`${file}.sig`, "utf8").split("\n");
          // of the last of its strings, whose length is told before it: a whole line's place depends on the key
          writeFileSync(`${file}.sig`, lines.with(4, lines[4]!.slice(4)).join("\n"));
          return file;
        },
        /: it is no SSH signature, or not all of one$/,
      ],
      "when they are huge": [
        () => signed("x".repeat(1024 * 1024 + 1)),
        /has 1048577 bytes, and 1048576 are the most that is read$/,
      ],
      "when the signature is huge": [
        ({ text }) => {
          const file = signed(text());
          writeFileSync(`${file}.sig`, "x".repeat(65_537));
          return file;
        },
        /\.sig has 65537 bytes, and 65536 are the most that is read$/,
      ],
      "when there is no such file": [() => at("nowhere"), /^nowhere cannot be read \(ENOENT\)$/],
      "when it is a folder": [() => folder, /is no file$/],
      "when nothing like it was ever proposed": [
        ({ text, entry }) => signed(text().replace(entry.id, "0123456789ab")),
        /approves 0123456789ab, and there is no such proposal here$/,
      ],
      "when they have ended": [
        ({ text, clock }) => {
          const file = signed(text());
          clock.now += 24 * HOUR;
          return file;
        },
        /has expired at \d{4}-\d\d-\d\dT[\d:.]+Z: write and sign a new one$/,
      ],
      "when they would never end": [
        ({ text }) => signed(text(24 * 365)),
        /holds for longer than 168 hours: write and sign a new one$/,
      ],
    };
    for (const [title, [make, message]] of Object.entries(cases)) {
      it(title, async () => {
        const made = await world();
        const taken = reason(await made.take(make(made)));
        assert.match(taken, message);
        assert.ok(!taken.includes("\n"));
        assert.deepEqual(made.journal.find(made.entry.id)?.signatures, []);
        assert.deepEqual(await made.heal(), ["waits"]);
      });
    }

    it("outside of a signer's time", async () => {
      const signers = at("signers-in-time");
      const line = (options: string) => `bob@example.com ${options} ${publicKey("bob")}\n`;
      for (const [options, message] of [
        ['valid-before="20250101"', /bob@example\.com may not approve, or not at this date$/],
        ['valid-after="20990101"', /bob@example\.com may not approve, or not at this date$/],
        ['namespaces="git"', /bob@example\.com may not approve, or not at this date$/],
        ['valid-after="20250101",valid-before="20990101"', /^taken$/],
      ] as const) {
        writeFileSync(signers, line(options));
        const { take, text } = await world("high", signers);
        assert.match(reason(await take(signed(text()))), message, options);
      }
    });

    it("of a line that stands for many", async () => {
      const signers = at("signers-many");
      writeFileSync(signers, `*@example.com ${publicKey("bob")}\n`);
      const { take, text } = await world("high", signers);
      assert.match(reason(await take(signed(text()))), /whoever signed it is not among the approvers/);
    });

    it("where nobody may sign", async () => {
      const { checker, text, clock } = await world();
      const desk = { mapping: { ...checker.mapping, approval: {} }, history: checker.history };
      assert.match(reason(await takeApproval(desk, signed(text()), clock.now)), /write approvers there$/);
    });

    it("when the mapping has raised the risk since", async () => {
      const { checker, text, clock } = await world("medium");
      const secrets = checker.mapping.secrets.map((secret) => ({ ...secret, risk: "high" as const }));
      const desk = { mapping: { ...checker.mapping, secrets }, history: checker.history };
      assert.match(
        reason(await takeApproval(desk, signed(text()), clock.now)),
        /approves \w{12} at a medium risk, and the mapping gives it a high one now: check, then sign what is proposed$/,
      );
    });

    it("without ssh-keygen", async () => {
      const { take, text } = await world();
      const file = signed(text());
      const { PATH } = process.env;
      process.env["PATH"] = "/nowhere";
      const taken = await take(file);
      process.env["PATH"] = PATH;
      assert.match(reason(taken), /: ssh-keygen is not installed, which checks signatures: install OpenSSH's client$/);
    });
  });

  it("are taken from a folder, each once, and what is refused is told once", async () => {
    const { checker, text, clock, heal } = await world();
    const inbox = at("inbox");
    assert.deepEqual((await takeApprovals(checker, inbox, clock.now)).map(reason), [
      "the folder of approvals inbox cannot be read (ENOENT)",
    ]);
    mkdirSync(inbox);
    const put = (name: string, from: string) => {
      writeFileSync(join(inbox, name), readFileSync(from));
      writeFileSync(join(inbox, `${name}.sig`), readFileSync(`${from}.sig`));
    };
    put("good.approval", signed(text()));
    put("bad.approval", signed(text(2), "mallory"));
    put("not-one.txt", signed(text(3)));
    writeFileSync(join(inbox, "waits.approval"), text(4));
    const take = async () => (await takeApprovals(checker, inbox, clock.now)).map(({ ok, file }) => [ok, file]);
    assert.deepEqual(await take(), [
      [false, join(inbox, "bad.approval")],
      [true, join(inbox, "good.approval")],
    ]);
    assert.deepEqual(await take(), []);
    put("bad.approval", signed(text(2), "bob"));
    assert.deepEqual(await take(), [[true, join(inbox, "bad.approval")]]);
    assert.deepEqual(await heal(), ["done"]);
    assert.deepEqual(await take(), []);
  });

  it("need a file of approvers that can be used", async () => {
    const bad: Readonly<Record<string, readonly [string, RegExp]>> = {
      empty: ["# nobody\n", /bad-empty allows nobody to sign: write a name and a public key$/],
      junk: [
        `bob@example.com ${publicKey("bob")}\nbob\n`,
        /bad-junk has something else than an allowed signer in line 2/,
      ],
      huge: ["#".repeat(4 * 1024 * 1024 + 1), /bad-huge has 4194305 bytes/],
    };
    for (const [name, [text, message]] of Object.entries(bad)) {
      writeFileSync(at(`bad-${name}`), text);
      await assert.rejects(
        world("high", at(`bad-${name}`)),
        (error) => error instanceof InvalidMapping && message.test(error.message),
      );
    }
    await assert.rejects(
      world("high", at("no-such-file")),
      /cannot be read \(ENOENT\): write the allowed signers there/,
    );
    writeFileSync(at("bad-open"), `bob ${publicKey("bob")}\n`);
    chmodSync(at("bad-open"), 0o666);
    await assert.rejects(world("high", at("bad-open")), /can be written by everybody: chmod o-w/);
  });
});
