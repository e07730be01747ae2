/** Redis runs, but not in a way that the queue can rely on: an operator must change something. */
export class QueueConfigurationError extends Error {
  /** `EX_CONFIG` of sysexits.h: starting again changes nothing. */
  readonly exitCode = 78;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueueConfigurationError';
  }
}

/** Redis didn't answer at the start. */
export class QueueUnreachableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueueUnreachableError';
  }
}
