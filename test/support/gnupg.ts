import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A GnuPG of the running test's own: no keys, no configuration, an agent that ends with the test. */
export interface TempGnupg {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs gpg in batch mode; its output as bytes in a string. Throws on a non-zero exit. */
  gpg(args: readonly string[], input?: string): string;
  /** Ends the agent, which forgets what it was told. */
  killAgent(): void;
  /** Makes a key without passphrase; its fingerprint. `at` is a time as gpg's --faked-system-time has it. */
  makeKey(
    userId: string,
    algorithm: string,
    options?: { usage?: string; expires?: string; at?: string; options?: string[] },
  ): string;
}

/** Makes one. The directory's name is short: the agent's socket in it may have some 100 characters only. */
export function tempGnupg(): TempGnupg {
  const home = mkdtempSync(join('/tmp', 'gpg-'));
  const env = { ...process.env, GNUPGHOME: home };
  // By itself, the agent measures how many rounds of hashing take a tenth of a second, and more on a busy machine.
  writeFileSync(join(home, 'gpg-agent.conf'), 's2k-count 65536\n');
  const killAgent = () => {
    runTool('gpgconf', ['--kill', 'all'], { env });
  };
  onTestFinished(() => {
    killAgent();
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  });
  const gpg = (args: readonly string[], input = '') => runTool('gpg', ['--batch', '--no-tty', ...args], { input, env });
  const makeKey: TempGnupg['makeKey'] = (
    userId,
    algorithm,
    { usage = 'sign', expires = 'never', at, options = [] } = {},
  ) => {
    const clock = at === undefined ? [] : [`--faked-system-time=${at}`];
    const generate = ['--passphrase', '', '--quick-generate-key', userId, algorithm, usage, expires];
    gpg([...clock, ...options, ...generate]);
    const listing = gpg(['--with-colons', '--list-keys', '--', userId]);
    return /^fpr:{9}([0-9A-F]{40}):/m.exec(listing)?.[1] ?? '';
  };
  return { home, env, gpg, killAgent, makeKey };
}

/** Runs a program that the tests judge by. Fails the test with a clear message where it is not installed. */
export function runTool(
  program: string,
  args: readonly string[],
  { input = '', env = process.env }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  try {
    const options = { input: Buffer.from(input, 'latin1'), env, stdio: 'pipe' as const };
    return execFileSync(program, args, options).toString('latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`this test needs the program '${program}'`, { cause: error });
    }
    throw error;
  }
}
