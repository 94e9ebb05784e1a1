import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

// An environment to promote to, with a gate.
const POLICY = `environments:
  production:
    gates: [complete]
gates:
  complete:
    type: contract
    required: ['prompts/*']
`;

/** Runs the commands of every day, each once: a build is not to take longer than what it makes is worth. */
export function playEveryday({ directory, run }: Stage): void {
  const at = (path: string) => join(directory, path);
  for (const path of ['artifacts/prompts', '.snapshots']) mkdirSync(at(path), { recursive: true });
  writeFileSync(at('artifacts/one'), 'one\n');
  writeFileSync(at('artifacts/prompts/two'), 'two\n');
  run('git init -q --bare ../server && git init -q && git remote add origin ../server');
  run('git snapshot init --yes');
  run('git snapshot policy show --yaml > .snapshots/policy.yaml');
  appendFileSync(at('.snapshots/policy.yaml'), POLICY);
  run('git snapshot policy apply --yes');
  run('git snapshot -m one');
  // The first lists something new, and the second what is known, which is the rule.
  run('git snapshot list && git snapshot list');
  run('git snapshot promote latest production --yes -m one');
  rmSync(at('artifacts/one'));
  writeFileSync(at('artifacts/prompts/two'), 'three\n');
  run('git snapshot status', { exits: 1 });
  for (const command of ['diff', 'show', 'log', 'verify']) run(`git snapshot ${command}`);
  run('git rollback --yes');
  run('git snapshot hooks install && git snapshot -C ../server hooks install');
  run('git snapshot push');
}
