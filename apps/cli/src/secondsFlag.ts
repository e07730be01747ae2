import { InvalidArgumentError } from 'commander';

const MOST = 86_400;

/** Reads a flag that is a number of seconds, of a day at most. */
export const secondsFlag =
  (least: 0 | 1) =>
  (text: string): number => {
    const seconds = Number(text);
    if (Number.isInteger(seconds) && seconds >= least && seconds <= MOST) return seconds;
    throw new InvalidArgumentError(
      `expected a whole number of seconds from ${least} to ${MOST}, but got "${text}"`,
    );
  };
