import { setTimeout as sleep } from "node:timers/promises";
import { refused } from "./refusals.ts";

/** The provider itself waits so long for what still uses a network, a volume or a secret. https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/resource_docker_volume.go */
const IN_USE_MS = 30_000;
const LOOK_AGAIN_MS = 250;

/** Asks again and again until it answers something, or undefined when the time is over. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  { timeoutMs, everyMs = LOOK_AGAIN_MS }: { readonly timeoutMs: number; readonly everyMs?: number },
): Promise<T | undefined> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined || performance.now() >= end) return answer;
    await sleep(everyMs);
  }
}

/** Removes what something that is just going away may still use for a moment. */
export async function removed(what: string, remove: () => Promise<unknown>, timeoutMs = IN_USE_MS): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      const refusal = refused(`${what} cannot be removed`, error);
      if (refusal.status === 404) return;
      const mayPass = /in use|active endpoints|already in progress/i.test(refusal.message);
      if (!mayPass || performance.now() >= end) throw refusal;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}
