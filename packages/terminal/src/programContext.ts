/** What a program or command is given by its process. */
export interface ProgramContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal;
  /** The command's result: standard output. */
  readonly write: (text: string) => void;
  /** Words beside the result: standard error. */
  readonly note: (text: string) => void;
  readonly terminal: boolean;
  readonly exitWith: (code: number) => void;
}
