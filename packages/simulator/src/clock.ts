/** A moment as a caller may give it: a Date, milliseconds since 1970, or Odoo's `YYYY-MM-DD HH:MM:SS` in UTC. */
export type Moment = Date | number | string;

/** Milliseconds since 1970 of a moment; a text without a zone is UTC. Throws on what is no date. */
export function millisecondsOf(moment: Moment): number {
  if (typeof moment === 'number') return moment;
  if (moment instanceof Date) return moment.getTime();
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(moment)
    ? moment
    : `${moment.replace(' ', 'T')}${moment.length > 10 ? 'Z' : ''}`;
  const milliseconds = Date.parse(zoned);
  if (Number.isNaN(milliseconds))
    throw new Error(`Expected a date such as 2026-11-22 12:56:17, got "${moment}"`);
  return milliseconds;
}

/** The one clock of a simulator: every write_date and every `Date` header comes from it. It runs with real time until frozen. */
export class SimulatedClock {
  #offset = 0;
  #frozenAt: number | undefined;
  #ticks = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  /** Microseconds since 1970, with digits below the millisecond as PostgreSQL's now() has; two calls rarely agree. */
  microseconds(): number {
    this.#ticks = (this.#ticks + 137) % 1000;
    return this.now() * 1000 + this.#ticks;
  }

  set(moment: Moment): void {
    const target = millisecondsOf(moment);
    if (this.#frozenAt === undefined) this.#offset = target - Date.now();
    else this.#frozenAt = target;
  }

  advance(milliseconds: number): void {
    if (this.#frozenAt === undefined) this.#offset += milliseconds;
    else this.#frozenAt += milliseconds;
  }

  freeze(moment?: Moment): void {
    this.#frozenAt = moment === undefined ? this.now() : millisecondsOf(moment);
  }

  /** Lets a frozen clock run on from where it stands. */
  run(): void {
    if (this.#frozenAt === undefined) return;
    this.#offset = this.#frozenAt - Date.now();
    this.#frozenAt = undefined;
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }
}
