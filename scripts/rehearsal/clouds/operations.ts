import { type Instance, PartialFailure, Refusal } from "./cloud.ts";
import { type Fault, Faults, type Operation } from "./faults.ts";
import type { Done } from "./lifecycle.ts";

/** The engine cancelled the call while the cloud did not answer. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** Numbers what changes something in the clouds, and lets the faults strike there. */
export class Operations {
  readonly #onOperation: (operation: Operation) => void;
  readonly #powerCut: () => void;
  #faults: Faults;
  #count = 0;

  constructor(
    faults: readonly Fault[],
    powerCut: (() => void) | undefined,
    onOperation: ((operation: Operation) => void) | undefined,
  ) {
    this.#faults = new Faults(faults);
    this.#powerCut = powerCut ?? (() => undefined);
    this.#onOperation = onOperation ?? (() => undefined);
  }

  get count(): number {
    return this.#count;
  }

  unusedFaults(): readonly Fault[] {
    return this.#faults.unused();
  }

  /** An engine run starts: numbers count from 1 again. */
  reset(faults: readonly Fault[] | undefined): void {
    this.#count = 0;
    if (faults !== undefined) this.#faults = new Faults(faults);
  }

  /** What `perform` does in the simulated cloud it does at one go: no other operation sees it half done. */
  async run(
    instance: Instance,
    subject: Pick<Operation, "kind" | "urn" | "token">,
    perform: () => Done | undefined | Promise<Done | undefined>,
  ): Promise<Done | undefined> {
    const operation: Operation = { number: ++this.#count, ...subject };
    this.#onOperation(operation);
    const fault = this.#faults.take(operation);
    if (fault?.when === "before") await this.#strike(fault, instance, operation, undefined);
    const done = await perform();
    if (fault?.when === "after") await this.#strike(fault, instance, operation, done);
    return done;
  }

  async #strike(fault: Fault, instance: Instance, operation: Operation, done: Done | undefined): Promise<never> {
    if (fault.effect === "power") {
      this.#powerCut();
      return new Promise<never>(() => undefined);
    }
    if (fault.effect === "hang") await instance.cancelled;
    const message = describe(fault, operation);
    if (done !== undefined) throw new PartialFailure(message, done.id, done.properties, done.inputs);
    throw fault.effect === "hang" ? new Cancelled(message) : new Refusal(message);
  }
}

function describe({ effect, when }: Fault, { number, kind, token }: Operation): string {
  const struck = `${kind} of ${token}, operation #${number}, ${when} it took effect`;
  if (effect === "throttle") {
    return `operation error: exceeded maximum number of attempts, 25, ThrottlingException: Rate exceeded (simulated fault: ${struck})`;
  }
  if (effect === "hang") return `the cloud did not answer until the call was cancelled (simulated fault: ${struck})`;
  return `InternalFailure: the service failed (simulated fault: ${struck})`;
}
