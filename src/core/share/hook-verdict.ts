import type { ByteString } from '../byte-string.ts';

/** A change of a ref that a hook does not let through. */
export interface RefusedChange {
  readonly ref: ByteString;
  /** What is wrong, to follow the ref in a sentence: no capital, no full stop. Escaped where it quotes anything. */
  readonly reason: string;
  /** The rule that is broken, short and stable; then `reason` tells by itself what it is about, and the ref is not put before it. */
  readonly rule?: string | undefined;
  /** What to do instead, one sentence. */
  readonly hint?: string | undefined;
}

/** What a hook says. Nothing refused: git goes ahead. */
export interface HookVerdict {
  readonly refused: readonly RefusedChange[];
}
