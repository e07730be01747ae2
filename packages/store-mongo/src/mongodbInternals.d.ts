/** What the driver's own bulk writes use, and doesn't describe: the version of the driver is pinned. */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    constructor(field: string);
    readonly field: string;
    /** @param document what listeners are shown. @param buffer what is sent. */
    push(document: object, buffer: Uint8Array): number;
  }
}
