import type { VerbInput, VerbName, VerbOutput } from './control/verbs.js';

/** Drives a simulator that runs as its own process, verb by verb, e.g. `await client.call('csvBurst', { db, model, count })`. */
export class SimulatorClient {
  readonly #url: string;

  /** `url` is the simulator's, without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Runs one verb of the control API; throws with the simulator's words when it refuses. */
  async call<V extends VerbName>(
    verb: V,
    ...[input]: Record<string, never> extends VerbInput<V> ? [input?: VerbInput<V>] : [input: VerbInput<V>]
  ): Promise<VerbOutput<V>> {
    const response = await fetch(`${this.#url}/_sim/${verb}`, {
      method: 'POST',
      body: JSON.stringify(input ?? {}),
      headers: { 'Content-Type': 'application/json' },
    });
    const answer = (await response.json()) as VerbOutput<V> | { readonly error: string };
    if (!response.ok)
      throw new Error(`Simulator refused ${verb}: ${(answer as { readonly error: string }).error}`);
    return answer as VerbOutput<V>;
  }
}
