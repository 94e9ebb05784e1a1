// The place where the measuring is done: a directory of its own, an environment that nothing of this machine leaks
// into, and one way to run a program.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';

const TIME_PROGRAM = '/usr/bin/time';

/** Makes the directory and points this process and all that it starts at it. Call `remove` at the end. */
export function openLab(parent) {
  const root = mkdtempSync(join(parent, 'git-snapshot-bench-'));
  isolate(root);
  const running = new Set();
  return {
    root,
    measuresMemory: existsSync(TIME_PROGRAM),
    /** Path of a new, empty directory. */
    directory(...names) {
      const path = join(root, ...names);
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path, { recursive: true });
      return path;
    },
    run: (command, options) => run(command, { root, running, ...options }),
    /** Whether the program can be started at all. */
    has: (program) => process.env.PATH.split(delimiter).some((directory) => existsSync(join(directory, program))),
    /** Writes out what is dirty, so that one run does not pay for another's. */
    settle: () => run({ argv: ['sync'] }, { root, running, plain: true }),
    remove() {
      for (const child of running) process.kill(-child.pid, 'SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

function isolate(root) {
  for (const name of Object.keys(process.env)) {
    if (/^(GIT_|GNUPG|GPG_|XDG_|SSH_|CI$|GITHUB_|GITLAB_|RESTIC_|BORG_|NODE_|LC_|LANG)/.test(name)) {
      delete process.env[name];
    }
  }
  const home = join(root, 'home');
  const keyring = join(home, 'gnupg');
  mkdirSync(keyring, { recursive: true, mode: 0o700 });
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada Example\n\temail = ada@example.org\n');
  Object.assign(process.env, {
    HOME: home,
    GNUPGHOME: keyring,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_TERMINAL_PROMPT: '0',
    RESTIC_PASSWORD: 'bench',
    BORG_BASE_DIR: join(home, 'borg'),
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
    LC_ALL: 'C',
    TZ: 'UTC',
  });
}

/**
 * Runs `{ argv, cwd, env }` to its end. Gives `{ ms, peakBytes, stdout }`; `peakBytes` is that of the largest of its
 * processes, undefined where it cannot be had. Throws where the program fails.
 */
async function run({ argv, cwd, env }, { root, running, plain = false, capture = false }) {
  const memoryFile = join(root, 'peak');
  const wrapped = plain || !existsSync(TIME_PROGRAM) ? argv : [TIME_PROGRAM, '-f', '%M', '-o', memoryFile, ...argv];
  const startedMs = performance.now();
  const child = spawn(wrapped[0], wrapped.slice(1), {
    cwd: cwd ?? root,
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'ignore', 'pipe'],
    // A group of its own, so that what it started can be ended with it.
    detached: true,
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const exited = new Promise((resolve) => {
    child.on('exit', () => resolve(performance.now() - startedMs));
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (...how) => resolve(how));
  });
  running.delete(child);
  if (code !== 0) throw new Error(`'${argv.join(' ')}' ended with ${code ?? signal}\n${output.stderr}`);
  const peakKib = wrapped === argv ? undefined : Number(readFileSync(memoryFile, 'utf8').trim());
  return { ms: await exited, peakBytes: peakKib === undefined ? undefined : peakKib * 1024, stdout: output.stdout };
}
