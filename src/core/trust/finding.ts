import type { Oid } from '../oid.ts';

/** A rule that something in the repository breaks. */
export interface Finding {
  /** Short and stable, for programs: `signature`, `role`, `log`, … See docs/security.md. */
  readonly rule: string;
  /** The commit or object that breaks it. */
  readonly object: Oid;
  /** What was found, and what was expected. */
  readonly detail: string;
}
