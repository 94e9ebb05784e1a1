import type { Scene } from './scene.ts';

/** One attack: what it is, what comes of it with git alone and here, and the proof of both. */
export interface Attack {
  /** Short and stable. */
  readonly id: string;
  readonly class: AttackClass;
  /** Each one line, for the table in docs/security.md. */
  readonly attack: string;
  readonly plainGit: string;
  readonly product: string;
  /** Makes the attack, and expects what the lines say. */
  readonly run: (scene: Scene) => Promise<void>;
}

/** The sections of the table, in order. */
export const ATTACK_CLASSES = {
  refs: 'Refs',
  tags: 'Tags and signatures',
  policy: 'Policy',
  promotions: 'Promotions and approvals',
  retention: 'Retention, holds and erasure',
  log: 'Audit log, caches and memory',
  content: 'Content',
  configuration: 'Repository configuration',
} as const;
export type AttackClass = keyof typeof ATTACK_CLASSES;
