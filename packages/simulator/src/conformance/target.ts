/** An Odoo 19 that the conformance suite asks. The administrator may do everything; the limited user is in `base.group_user` only. */
export interface ConformanceTarget {
  /** Without a slash at the end. */
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly password: string;
  readonly apiKey: string;
  readonly limited: { readonly login: string; readonly password: string };
}

export interface PreparedTarget {
  readonly target: ConformanceTarget;
  /** Takes back what the preparation made. */
  release(): Promise<void>;
}
