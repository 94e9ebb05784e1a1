// Run at the end of a build: compiles the scripts of the programs for the node that runs it. V8 compiles a function when it is first
// called, so the programs are run, on a repository of their own, and what was compiled by their end is kept.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { playEveryday } from './everyday.ts';
import { sealCode } from './scripts.ts';
import { openStage } from './stage.ts';
import { BASE, builtScripts, compiledDirectory, scriptDirectory, start } from './start.ts';

/** Says of which scripts the compiled ones were made. */
const SUM = 'sha256';

/** With this before a program's name and its arguments, that is run, and what was compiled is kept. */
const RECORD = 'record';

const [first, program = '', ...args] = process.argv.slice(2);
if (first === RECORD) record(program, args);
else compileAll();

/**
 * Runs a program as its script in `bin` does. Of the script that all commands begin with, only the listing is kept, which needs no other:
 * what more it had would cost that one more than it would save the rest.
 */
function record(name: string, argv: readonly string[]): void {
  const scripts = builtScripts();
  const isListing = argv[0] === 'list';
  process.once('exit', () => {
    for (const [script, code] of scripts.compile()) {
      if ((script === BASE) === isListing) write(join(compiledDirectory(), script), sealCode(code));
    }
  });
  process.argv.splice(1, process.argv.length, name, ...argv);
  start(name, process, scripts);
}

/** Whoever starts a program meanwhile finds all of it or nothing, and so does who starts one after a power cut. */
function write(file: string, content: Uint8Array): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content, { flush: true });
  renameSync(unfinished, file);
}

/** Anew if there is anything new; else what is there is made younger than the scripts of this build, which are the same. */
function compileAll(): void {
  const compiled = compiledDirectory();
  try {
    if (isCurrent(compiled)) {
      for (const file of readdirSync(compiled)) utimesSync(join(compiled, file), new Date(), new Date());
      return;
    }
    compileAnew(compiled);
    write(join(compiled, SUM), Buffer.from(checksum(compiled)));
  } catch (error) {
    // The programs are as good without, if slower.
    console.error(`nothing is compiled ahead: ${error instanceof Error ? error.message : error}`);
    if (existsSync(compiled)) rmSync(compiled, { recursive: true, force: true });
  }
}

function isCurrent(compiled: string): boolean {
  try {
    return readFileSync(join(compiled, SUM), 'latin1') === checksum(compiled);
  } catch {
    return false;
  }
}

/** Of all that a recording is made of, and of what was made. */
function checksum(compiled: string): string {
  const hash = createHash('sha256').update(readFileSync(import.meta.filename));
  for (const directory of [scriptDirectory(), compiled])
    for (const name of readdirSync(directory).sort())
      if (name !== SUM) hash.update(`\n${name}\n`).update(readFileSync(join(directory, name)));
  return hash.digest('hex');
}

function compileAnew(compiled: string): void {
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  const scratch = mkdtempSync(join(resolve(tmpdir()), 'git-snapshot-compile-'));
  try {
    playEveryday(openStage(scratch, (name) => [process.execPath, import.meta.filename, RECORD, name]));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
