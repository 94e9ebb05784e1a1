import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import config from '../../rolldown.config.ts';
import type { main } from '../../src/cli/run.ts';

/** The programs as users have them: built, in a directory of their own, so that a build of someone else does not disturb them. */
export interface Programs {
  /** Absolute path of a program's script, for node. */
  script(program: 'git-snapshot' | 'git-rollback'): string;
  /** A directory for PATH in which git finds its subcommands `snapshot` and `rollback`. */
  readonly bin: string;
  /** The entry point of the built programs, loaded into this process. */
  readonly main: typeof main;
}

const ROOT = join(import.meta.dirname, '../..');

/** What the programs are made of: commands, what starts them, and the scripts of their threads. */
const PARTS = ['dist/cli', 'dist/start', 'dist/threads'];

/** What a build has compiled of them ahead. They work without. */
const COMPILED = 'dist/compiled';

let installed: Promise<Programs> | undefined;

/** Installs the programs, once a test process. Takes what `npm run build` made, unless the sources are newer. */
export function programs(): Promise<Programs> {
  installed ??= install();
  return installed;
}

async function install(): Promise<Programs> {
  const dir = mkdtempSync(join(tmpdir(), 'git-snapshot-programs-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const fresh = PARTS.every((part) => isFresh(join(ROOT, part)));
  if (fresh) {
    const built = [...PARTS, COMPILED].filter((part) => existsSync(join(ROOT, part)));
    // Compiled code is not to be older than its script.
    for (const part of built) cpSync(join(ROOT, part), join(dir, part), { recursive: true, preserveTimestamps: true });
  } else await build(dir);
  cpSync(join(ROOT, 'hooks'), join(dir, 'hooks'), { recursive: true });
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const script = (program: string) => join(bin, `${program}.js`);
  for (const name of readdirSync(join(ROOT, 'bin'))) {
    cpSync(join(ROOT, 'bin', name), join(bin, name));
    // Under its name on the PATH, as npm installs it.
    if (name.endsWith('.js')) symlinkSync(name, join(bin, name.slice(0, -3)));
  }
  const loaded = createRequire(import.meta.url)(join(dir, 'dist/cli/main.cjs')) as { main: typeof main };
  return { script, bin, main: loaded.main };
}

function isFresh(dist: string): boolean {
  if (!existsSync(dist)) return false;
  const builtMs = Math.max(...readdirSync(dist).map((name) => statSync(join(dist, name)).mtimeMs));
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  return sources.every((source) => statSync(join(source.parentPath, source.name)).mtimeMs < builtMs);
}

async function build(into: string): Promise<void> {
  for (const { output, ...input } of config) {
    const outputs = [output ?? []].flat().filter(({ dir }) => dir !== undefined && PARTS.includes(dir));
    if (outputs.length === 0) continue;
    const bundle = await rolldown({ ...input, cwd: ROOT, logLevel: 'silent' });
    try {
      for (const each of outputs) await bundle.write({ ...each, dir: join(into, each.dir ?? '') });
    } finally {
      await bundle.close();
    }
  }
}
