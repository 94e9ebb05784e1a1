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
import { join } from 'node:path';
import { playEveryday } from './everyday.ts';
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
      if ((script === BASE) === isListing) write(join(compiledDirectory(), script), code);
    }
  });
  process.argv.splice(1, process.argv.length, name, ...argv);
  start(name, process, scripts);
}

/** Whoever starts a program meanwhile finds all of it or nothing. */
function write(file: string, content: Uint8Array): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

/** Anew if there is anything new; else what is there is made younger than the scripts of this build, which are the same. */
function compileAll(): void {
  const compiled = compiledDirectory();
  const files = readDirectory(compiled);
  const sum = checksum();
  if (files.includes(SUM) && readFileSync(join(compiled, SUM), 'latin1') === sum) {
    for (const file of files) utimesSync(join(compiled, file), new Date(), new Date());
    return;
  }
  compileAnew(compiled);
  if (existsSync(compiled)) write(join(compiled, SUM), Buffer.from(sum));
}

/** Of all that a recording is made of. */
function checksum(): string {
  const hash = createHash('sha256').update(readFileSync(import.meta.filename));
  const scripts = scriptDirectory();
  for (const name of readdirSync(scripts).sort()) hash.update(`\n${name}\n`).update(readFileSync(join(scripts, name)));
  return hash.digest('hex');
}

function readDirectory(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

function compileAnew(compiled: string): void {
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-compile-'));
  try {
    const stage = openStage(scratch, (name) => [process.execPath, import.meta.filename, RECORD, name]);
    if (stage === undefined) {
      console.error('git is not there: nothing is compiled ahead, and the programs start more slowly');
      rmSync(compiled, { recursive: true });
    } else playEveryday(stage);
  } catch (error) {
    rmSync(compiled, { recursive: true });
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
