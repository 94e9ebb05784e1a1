import * as fs from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-code-table.ts';
import { SnapshotError } from '../../../src/core/errors.ts';
import type { VerifyResult } from '../../../src/flows/results.ts';
import { openVerifier } from '../../../src/verify.ts';
import { type GovernedRepo, look } from '../../support/governed-repo.ts';
import { withApp } from '../../support/open-app.ts';
import type { Scene } from './scene.ts';

/** What a verdict comes to: which checks say no of which snapshots, or the error that ends everything. */
export type Verdict =
  | { readonly code: 0 | 1; readonly failed: Readonly<Record<string, readonly string[]>>; readonly said: string }
  | { readonly code: number; readonly failed: undefined; readonly said: string };

/** Of the program. */
export async function verify({ repo }: Pick<Scene, 'repo'>, ...words: string[]): Promise<Verdict> {
  const { code, stdout, stderr } = await repo.run(['snapshot', 'verify', '--json', ...words]);
  if (code !== 0 && code !== 1) return { code: code ?? -1, failed: undefined, said: stderr };
  return verdictOf(JSON.parse(stdout) as VerifyResult, code);
}

/** Of the library, which has no git, and remembers nothing. */
export async function verifyElsewhere({ repo, trustRoot }: Pick<Scene, 'repo' | 'trustRoot'>): Promise<Verdict> {
  try {
    const verifier = await openVerifier({ fs, dir: repo.dir, trustRoot });
    const result = await verifier.verify({ all: true });
    return verdictOf(result, result.ok ? 0 : 1);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return { code: exitCodeOf(error), failed: undefined, said: error.message };
  }
}

function verdictOf({ ok, results }: VerifyResult, code: 0 | 1): Verdict {
  expect(ok).toBe(code === 0);
  const said: string[] = [];
  const failed: Record<string, readonly string[]> = {};
  for (const { set, id, checks } of results) {
    const no = checks.filter((one) => !one.ok);
    if (no.length === 0) continue;
    const name = set === '' ? id : `${set}/${id}`;
    failed[name] = [...new Set([...(failed[name] ?? []), ...no.map(({ check }) => check)])].sort();
    said.push(...no.map(({ check, detail }) => `${check}: ${detail}`));
  }
  return { code, failed, said: said.join('\n') };
}

/** What is wrong with the log, one line a finding; '' if nothing is. */
export async function logFindings({ repo, env }: Pick<Scene, 'repo' | 'env'>): Promise<string> {
  try {
    const { ok, findings } = await withApp(repo, (app) => app.verifyLog(), { env });
    expect(ok).toBe(findings.length === 0);
    return findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n');
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return `exit ${exitCodeOf(error)}: ${error.message}`;
  }
}

/** All that an attack must not change, or have us change. */
export function stateOf(repo: GovernedRepo, { refs = true } = {}): unknown {
  return [look(repo.root), refs && repo.git('for-each-ref')];
}

interface Refusal {
  /** The snapshot that must not be rolled back to; undefined where the attack gives none. */
  readonly snapshot?: { readonly set: string; readonly id: string; readonly ref: string } | undefined;
  /** Names of those that `verify --all` finds fault with, with the checks that say no; a number is an exit code. */
  readonly verify: Readonly<Record<string, readonly string[]>> | number;
  /** In what `verify` and `rollback` say. */
  readonly says: RegExp;
  /** In what `log --verify` says; undefined: the log is as it should be. */
  readonly log?: RegExp | undefined;
  /** What `create` ends with; undefined: it is not asked. */
  readonly create?: number;
  /** What `rollback` says, if it is something else. */
  readonly rollbackSays?: RegExp;
  /** What cannot be seen before the content is read may cost a backup. */
  readonly backup?: boolean;
  /** Where the library cannot know what the program remembers, or says it in other words. */
  readonly elsewhere?: Readonly<Record<string, readonly string[]>> | number;
  readonly rollbackCode?: number;
}

/** Expects that each command that could be deceived says no, in these words, and changes nothing. */
export async function expectRefusal(scene: Scene, wanted: Refusal): Promise<void> {
  const { repo } = scene;
  const { snapshot, says, log, create, rollbackSays = says, rollbackCode = 6, backup = false } = wanted;
  const before = stateOf(repo, { refs: !backup });
  const all = await verify(scene, '--all');
  expect(typeof wanted.verify === 'number' ? all.code : all.failed, all.said).toEqual(wanted.verify);
  expect(all.said).toMatch(says);
  const elsewhere = await verifyElsewhere(scene);
  const expected = wanted.elsewhere ?? wanted.verify;
  expect(typeof expected === 'number' ? elsewhere.code : elsewhere.failed, elsewhere.said).toEqual(expected);
  const findings = await logFindings(scene);
  if (log === undefined) expect(findings).toBe('');
  else expect(findings).toMatch(log);
  if (snapshot !== undefined) {
    const one = await repo.run(['snapshot', 'verify', '--set', snapshot.set, snapshot.id]);
    expect(one.code, one.stderr).not.toBe(0);
    for (const words of [['rollback'], ['snapshot', 'restore']]) {
      const { code, stderr } = await repo.run([...words, '--yes', '--set', snapshot.set, snapshot.id]);
      expect(code, stderr).toBe(rollbackCode);
      expect(stderr).toMatch(rollbackSays);
    }
  }
  if (create !== undefined) {
    const { code, stderr } = await repo.run(['snapshot', 'create', '-m', 'more']);
    expect(code, stderr).toBe(create);
    if (create === 0) return;
  }
  expect(stateOf(repo, { refs: !backup })).toEqual(before);
  expect(existsSync(join(repo.dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
}

/** Expects that the program, and the library, find nothing wrong. */
export async function expectGood(scene: Scene): Promise<void> {
  const all = await verify(scene, '--all');
  expect(all.failed, all.said).toEqual({});
  const elsewhere = await verifyElsewhere(scene);
  expect(elsewhere.failed, elsewhere.said).toEqual({});
}
