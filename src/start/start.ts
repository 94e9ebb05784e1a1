import { join } from 'node:path';
import { Scripts, THIS_NODE } from './scripts.ts';

const DIST = join(import.meta.dirname, '..');

/** The script that every command begins with. */
export const BASE = 'base.cjs';

/** The scripts of the programs as they were built. */
export function builtScripts(): Scripts {
  return new Scripts(scriptDirectory(), compiledDirectory());
}

/** Where they are. */
export function scriptDirectory(): string {
  return join(DIST, 'cli');
}

/** Where what this node has compiled of them is kept. */
export function compiledDirectory(): string {
  return join(DIST, 'compiled', THIS_NODE);
}

/** Runs a program in the process that it is given. */
export function start(program: string, process: NodeJS.Process, scripts = builtScripts()): void {
  const base = scripts.load(BASE) as { runIn(program: string, process: NodeJS.Process): void };
  base.runIn(program, process);
}
