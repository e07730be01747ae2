import { freshenClock } from '../turn/clocks.js';
import type { PlaceContext, WithSource } from '../turn/turnContext.js';
import { type Metered, withinLimits } from '../turn/turnLimits.js';
import { useSource } from '../turn/useSource.js';

/** Runs a tail's reading of a module: with the user's source, whose last answer is younger than an interval, and within a tail's limits. */
export const tailReading = <C extends PlaceContext, T>(
  context: C,
  read: (within: C & WithSource, metered: Metered) => Promise<T>,
): Promise<T> =>
  useSource(context, async (within) => {
    const { signal, user, module, limits } = within;
    await freshenClock(within);
    const reading = {
      limits: limits.tail,
      what: `what changed of its ${module}`,
      timeSetting: 'TAIL_MAX_MS',
      url: user.address.url,
    } as const;
    return withinLimits(reading, signal, (metered) => read(within, metered));
  });
