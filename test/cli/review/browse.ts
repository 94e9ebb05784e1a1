import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { tempDir } from '../../support/temp-repo.ts';

/** What a browser made of a page. */
export interface Seen {
  /** The document once it was loaded. */
  readonly dom: string;
  /** What was reported to its console: mistakes, and what the page's policy forbade. */
  readonly console: readonly string[];
}

/** Opens a page in Chromium, which has to be installed. */
export async function browse(file: string): Promise<Seen> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--dump-dom'];
  // It would look for its maker's servers at every start.
  const offline = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const child = spawn('chromium', [...flags, ...offline, `--user-data-dir=${tempDir()}`, pathToFileURL(file).href], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const log = Buffer.concat(err).toString();
  if (code !== 0) throw new Error(`chromium ended with ${code}:\n${log}`);
  return {
    dom: Buffer.concat(out).toString(),
    console: log.split('\n').filter((line) => line.includes(':CONSOLE')),
  };
}
