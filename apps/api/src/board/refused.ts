/** Something that Bull Board offers and this queue doesn't take; shown there as the request's error. */
export class RefusedError extends Error {
  readonly statusCode = 405;
  constructor(what: string, instead: string) {
    super(`${what} is not possible: the queue only carries what the ledger releases. ${instead}`);
    this.name = 'RefusedError';
  }
}

export const refuse = (what: string, instead: string) => (): Promise<never> =>
  Promise.reject(new RefusedError(what, instead));
