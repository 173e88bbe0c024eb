import type { EngineSubject } from "../clouds/live-engine.ts";
import { labels } from "./codec.ts";
import { type Kind, type Workbench, called } from "./kind.ts";
import { foreign } from "./network.ts";
import { isOwn, ownLabels } from "./ownership.ts";
import { asking, found } from "./refusals.ts";
import { ensureSwarm } from "./swarm.ts";
import { text } from "./values.ts";
import { removed } from "./waiting.ts";

interface Info {
  readonly Spec?: { readonly Labels?: Readonly<Record<string, string>> };
}

interface Store {
  readonly word: "secret" | "config";
  create(
    bench: Workbench,
    body: { Name: string; Data: string; Labels: Record<string, string> },
  ): Promise<{ id: string }>;
  inspect(bench: Workbench, id: string): Promise<Info>;
  remove(bench: Workbench, id: string): Promise<unknown>;
}

/** What the swarm keeps for services: never changed, so there is nothing to update and little to drift. */
function kindOf(store: Store): Kind {
  const { word } = store;
  return {
    async create(bench, subject) {
      const what = called(subject, word);
      await ensureSwarm(bench, what);
      const { name, data, dataRaw, labels: given } = subject.inputs;
      const content = typeof dataRaw === "string" ? Buffer.from(dataRaw, "utf8").toString("base64") : text(data);
      const own = { ...(labels.to(given ?? []) as object), ...ownLabels(bench.owner, subject.urn) };
      const made = await asking(`${what} cannot be created`, () =>
        store.create(bench, { Name: text(name), Data: content, Labels: own }),
      );
      return { id: made.id, properties: {} };
    },
    async read(bench, subject, id) {
      const info = await inspected(bench, subject, id);
      return info === undefined ? undefined : { properties: {}, inputs: subject.inputs };
    },
    async remove(bench, subject, id) {
      const what = called(subject, word);
      const info = await inspected(bench, subject, id);
      if (info === undefined) return;
      if (!isOwn(info.Spec?.Labels, bench.owner)) throw foreign(what);
      await removed(what, () => store.remove(bench, id));
    },
  };

  function inspected(bench: Workbench, subject: EngineSubject, id: string): Promise<Info | undefined> {
    return found(`${called(subject, word)} cannot be read`, () => store.inspect(bench, id));
  }
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Secret */
export const secret = kindOf({
  word: "secret",
  create: ({ docker }, body) => docker.createSecret(body) as Promise<{ id: string }>,
  inspect: ({ docker }, id) => docker.getSecret(id).inspect(),
  remove: ({ docker }, id) => docker.getSecret(id).remove() as Promise<unknown>,
});

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Config */
export const config = kindOf({
  word: "config",
  create: ({ docker }, body) => docker.createConfig(body) as Promise<{ id: string }>,
  inspect: ({ docker }, id) => docker.getConfig(id).inspect(),
  remove: ({ docker }, id) => docker.getConfig(id).remove() as Promise<unknown>,
});
