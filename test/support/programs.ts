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

let installed: Promise<Programs> | undefined;

/** Installs the programs, once a test process. Takes what `npm run build` made, unless the sources are newer. */
export function programs(): Promise<Programs> {
  installed ??= install();
  return installed;
}

async function install(): Promise<Programs> {
  const dir = mkdtempSync(join(tmpdir(), 'git-snapshot-programs-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const built = join(dir, 'dist/cli');
  if (isFresh(join(ROOT, 'dist/cli'))) cpSync(join(ROOT, 'dist/cli'), built, { recursive: true });
  else await build(built);
  cpSync(join(ROOT, 'hooks'), join(dir, 'hooks'), { recursive: true });
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const script = (program: string) => join(bin, `${program}.js`);
  for (const name of readdirSync(join(ROOT, 'bin'))) {
    cpSync(join(ROOT, 'bin', name), join(bin, name));
    // Under its name on the PATH, as npm installs it.
    if (name.endsWith('.js')) symlinkSync(name, join(bin, name.slice(0, -3)));
  }
  const loaded = createRequire(import.meta.url)(join(built, 'main.cjs')) as { main: typeof main };
  return { script, bin, main: loaded.main };
}

function isFresh(dist: string): boolean {
  const program = join(dist, 'main.cjs');
  if (!existsSync(program)) return false;
  const builtMs = statSync(program).mtimeMs;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  return sources.every((source) => statSync(join(source.parentPath, source.name)).mtimeMs < builtMs);
}

async function build(dir: string): Promise<void> {
  const [{ output, ...input } = { output: undefined }] = config;
  const bundle = await rolldown({ ...input, cwd: ROOT, logLevel: 'silent' });
  try {
    await bundle.write({ ...output, dir });
  } finally {
    await bundle.close();
  }
}
