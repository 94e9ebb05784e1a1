import { PassThrough } from 'node:stream';
import type { App, OpenApp } from '../../src/cli/app/app.ts';
import type { ProgramName } from '../../src/cli/commands/table.ts';
import { main } from '../../src/cli/main.ts';
import { NOW_SEC } from './fake-app.ts';

/** Around a command line. */
export interface RunOptions {
  readonly program?: ProgramName;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the real one, over the repository in `cwd`. */
  readonly app?: App;
  /** Instead of `app`, where opening is what is tested. */
  readonly openApp?: OpenApp;
  /** What is typed or piped in. */
  readonly input?: string;
  /** Whether all three streams are a terminal, and how wide. */
  readonly columns?: number;
  /** Default: a fixed time. */
  readonly nowMs?: () => number;
}

/** How it ended. `stdoutBytes` has one character a byte. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: string;
  /** Both, in the order in which they were written. */
  readonly shown: string;
}

/** Runs a command line in this process. */
export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { app, columns, input } = options;
  const terminal = columns === undefined ? {} : { isTTY: true, columns };
  const shown: Uint8Array[] = [];
  const out = collector(terminal, shown);
  const err = collector(terminal, shown);
  const stdin = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true });
  stdin.end(input ?? '');
  const code = await main(options.program ?? 'git-snapshot', argv, {
    cwd: options.cwd ?? '/',
    env: options.env ?? {},
    stdin,
    stdout: out.stream,
    stderr: err.stream,
    now: options.nowMs ?? (() => NOW_SEC * 1000),
    ...(app === undefined ? {} : { openApp: async () => app }),
    ...(options.openApp === undefined ? {} : { openApp: options.openApp }),
  });
  return {
    code,
    stdout: out.bytes().toString(),
    stderr: err.bytes().toString(),
    stdoutBytes: out.bytes().toString('latin1'),
    shown: Buffer.concat(shown).toString(),
  };
}

function collector(terminal: { isTTY?: boolean; columns?: number }, shown: Uint8Array[]) {
  const chunks: Uint8Array[] = [];
  const write = (chunk: string | Uint8Array) => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    shown.push(bytes);
  };
  return { stream: { write, ...terminal }, bytes: () => Buffer.concat(chunks) };
}
