import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bashScript } from '../../../src/cli/completion/bash.ts';
import { fishScript } from '../../../src/cli/completion/fish.ts';
import { zshScript } from '../../../src/cli/completion/zsh.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';
import { tempDir } from '../../support/temp-repo.ts';

/** What bash offers for the words, the last of which is being typed; `git` is a stand-in that knows two ids. */
function bashOffers(...words: string[]): string[] {
  const dir = tempDir();
  writeFileSync(
    join(dir, 'git'),
    '#!/bin/sh\ncase "$*" in *--list-snapshots) echo id1; echo id2;; *--list-sets) echo models;; *--list-environments) echo staging; echo production;; esac\n',
  );
  chmodSync(join(dir, 'git'), 0o755);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const call =
    words[0] === 'git'
      ? // As git's own completion calls it: with its variables set.
        `words=(${quoted}); cword=$((\${#words[@]} - 1)); cur="\${words[cword]}"; prev="\${words[cword-1]}"; _git_${words[1]}`
      : `COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); __git_snapshot_program ${words[0]}`;
  const script = `${bashScript()}\n${call}\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', script], {
    encoding: 'utf8',
    cwd: dir,
    env: { PATH: `${dir}:${process.env['PATH']}` },
  });
  return output.split('\n').filter((line) => line !== '');
}

describe('in bash', () => {
  test.each([
    [['git', 'snapshot', 've'], ['verify']],
    [['git', 'snapshot', '--js'], ['--json']],
    [['git', 'snapshot', '--mess'], ['--message']],
    [
      ['git', 'snapshot', 'show', ''],
      ['latest', 'id1', 'id2'],
    ],
    [
      ['git', 'snapshot', '-q', 'verify', 'i'],
      ['id1', 'id2'],
    ],
    [['git', 'snapshot', 'list', '--set', ''], ['models']],
    [
      ['git', 'snapshot', 'promote', 'i'],
      ['id1', 'id2'],
    ],
    [
      ['git', 'snapshot', 'promote', '-m', 'why', '-n', 'i'],
      ['id1', 'id2'],
    ],
    [
      ['git', 'snapshot', 'promote', 'id1', ''],
      ['staging', 'production'],
    ],
    [['git-snapshot', 'promote', '--set', 'models', 'id1', '-n', 'p'], ['production']],
    [['git', 'snapshot', 'promote', 'id1', '--se'], ['--set']],
    [['git', 'snapshot', 'approve', 's'], ['staging']],
    [['git', 'rollback', '--env', 's'], ['staging']],
    [['git', 'snapshot', 'list', '--si'], ['--since']],
    [['git', 'snapshot', 'manifest', '--format', 's'], ['sha256sum']],
    [
      ['git', 'snapshot', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['git', 'snapshot', 'policy', 's'],
      ['show', 'sign', 'schema'],
    ],
    [['git', 'snapshot', 'key', 'revoke', '--reason', 'c'], ['compromised']],
    [['git', 'rollback', '--st'], ['--steps']],
    [['git', 'rollback', 'la'], ['latest']],
    [['git-snapshot', 'sta'], ['status']],
    [['git-rollback', '--con'], ['--continue']],
  ])('%j offers %j', (words, offers) => expect(bashOffers(...words)).toEqual(offers));

  test('offers every command', () => {
    expect(bashOffers('git', 'snapshot', '')).toEqual(expect.arrayContaining(COMMAND_SPECS.map(({ name }) => name)));
  });
});

describe('the other scripts', () => {
  test('name every command and option that is not hidden', () => {
    for (const script of [zshScript(), fishScript()]) {
      for (const spec of COMMAND_SPECS) {
        expect(script).toContain(spec.name);
        for (const option of spec.options) {
          const hidden = 'hidden' in option && option.hidden;
          if (!hidden) expect(script).toContain(option.name);
        }
      }
      expect(script).not.toContain('Print the ids');
    }
  });
});
