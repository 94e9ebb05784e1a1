// Blind to this machine: every git, gpg and program of ours that a test starts sees no config, keys or locale but the test's own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'git-snapshot-home-'));

for (const name of Object.keys(process.env)) {
  if (/^(GIT_|GNUPG|GPG_|XDG_|SSH_|CI$|GITHUB_|GITLAB_|LC_|LANG|BUILDKITE|JENKINS)/.test(name))
    delete process.env[name];
}
Object.assign(process.env, {
  HOME: home,
  XDG_CONFIG_HOME: join(home, '.config'),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
  GIT_AUTHOR_NAME: 'Ada Example',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada Example',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
});

afterAll(() => rmSync(home, { recursive: true, force: true }));
