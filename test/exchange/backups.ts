import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { existing, type GovernedRepo, type SnapshotDocument } from '../support/governed-repo.ts';

/** A directory for all tests of a file. */
export function fileDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'git-snapshot-exchange-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

/** A repository with a snapshot of everything that a file name, a mode and a link can be, and a file of each export of it. */
export interface Backups {
  readonly dir: string;
  readonly repo: GovernedRepo;
  readonly snapshot: SnapshotDocument;
  /** Paths of the exports, by format. */
  readonly files: Readonly<Record<(typeof FORMATS)[number], string>>;
}

export const FORMATS = ['bundle', 'tar', 'zip'] as const;

/** Makes {@link Backups} in a directory that is there. */
export async function makeBackups(dir: string, git: readonly string[] = []): Promise<Backups> {
  const repo = await newRepo(join(dir, 'repo'), git);
  fillOddly(repo.root);
  const snapshot = await repo.take('-m', 'Everything');
  const files = { bundle: join(dir, 'backup.bundle'), tar: join(dir, 'backup.tar'), zip: join(dir, 'backup.zip') };
  for (const format of FORMATS) await repo.ok('snapshot', 'export', '--format', format, '-o', files[format]);
  return { dir, repo, snapshot, files };
}

/** A repository that is set up, in a directory that is not there yet. */
export async function newRepo(dir: string, git: readonly string[] = []): Promise<GovernedRepo> {
  execFileSync('git', ['init', '-q', ...git, dir]);
  const repo = existing(dir);
  await repo.ok('snapshot', 'init', '--yes', '--no-passphrase');
  mkdirSync(repo.root);
  return repo;
}

/** Names that are long, not UTF-8 or full of blanks, modes, links, nothing, and something larger than a buffer. */
function fillOddly(root: string): void {
  const long = join(root, 'd'.repeat(120), 'e'.repeat(150));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, 'deep'), 'deep\n');
  writeFileSync(join(root, 'n'.repeat(200)), 'long\n');
  mkdirSync(join(root, 'empty/still empty'), { recursive: true });
  writeFileSync(join(root, 'secret'), 'secret\n', { mode: 0o600 });
  writeFileSync(join(root, 'tool'), '#!/bin/sh\n');
  chmodSync(join(root, 'tool'), 0o755);
  writeFileSync(join(root, 'zero'), '');
  writeFileSync(join(root, 'ünïcode 日本'), 'names\n');
  writeFileSync(Buffer.from(`${root}/raw\xff\xfe\n name`, 'latin1'), 'bytes\n');
  writeFileSync(join(root, 'crlf.txt'), 'a\r\nb\r\n');
  writeFileSync(join(root, '.gitattributes'), '* text=auto export-ignore\n');
  symlinkSync('secret', join(root, 'link'));
  symlinkSync(`${'x'.repeat(150)}/y`, join(root, 'long link'));
  // Noise, so that it does not get smaller, and runs, so that something does.
  const noise = Buffer.concat(Array.from({ length: 2048 }, (_, i) => createHash('sha512').update(`${i}`).digest()));
  writeFileSync(join(root, 'large'), Buffer.concat([noise, Buffer.alloc(3_000_000, 'run ')]));
}

/** Everything below a directory but for modes of directories: path (one character a byte), mode, content. */
export function contentOf(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (dir: string) => {
    const names = readdirSync(Buffer.from(dir, 'latin1'), { encoding: 'buffer' }).map((name) =>
      name.toString('latin1'),
    );
    if (names.length === 0) found.set(dir.slice(root.length), 'empty directory');
    for (const name of names) {
      const path = `${dir}/${name}`;
      const raw = Buffer.from(path, 'latin1');
      const stat = lstatSync(raw);
      if (stat.isDirectory()) look(path);
      else if (stat.isSymbolicLink()) found.set(path.slice(root.length), `link ${readlinkSync(raw)}`);
      else {
        const digest = createHash('sha256').update(readFileSync(raw)).digest('hex');
        found.set(path.slice(root.length), `${(stat.mode & 0o7777).toString(8)} ${digest}`);
      }
    }
  };
  look(root);
  return found;
}

/** What temporary directories of ours there are in TMPDIR. */
export function leftovers(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).filter((name) => name.startsWith('git-snapshot-import-')) : [];
}
