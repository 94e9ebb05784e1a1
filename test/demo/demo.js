// Shows the main job on a repository of its own: take a snapshot, verify it, promote it, promote something bad, roll back;
// and what is promised: a rollback that is killed can be finished, and any can be undone, each to the last byte.
// Everything happens below one temporary directory, with a home directory and a key of its own, and is removed at the end.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-demo-'));
const [home, programs, repository, keyring] = ['home', 'bin', 'shop', 'gpg'].map((name) => join(scratch, name));
for (const dir of [home, programs, repository, keyring]) mkdirSync(dir, { mode: 0o700 });
for (const name of ['git-snapshot', 'git-rollback']) {
  symlinkSync(fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url)), join(programs, name));
  chmodSync(join(programs, name), 0o755);
}

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(GIT_|XDG_|GNUPG|GPG_|CI$|GITHUB_|GITLAB_)/.test(name)),
);
Object.assign(env, {
  HOME: home,
  GNUPGHOME: keyring,
  PATH: `${programs}${delimiter}${process.env.PATH}`,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_PAGER: 'cat',
});

/** Shows a command and runs it. Stops the demo if it does not end as expected. */
function run(command, { exits = 0 } = {}) {
  console.log(`\n$ ${command}`);
  const { status } = spawnSync('sh', ['-c', `exec 2>&1; ${command}`], {
    cwd: repository,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== exits) throw new Error(`'${command}' ended with ${status}, expected ${exits}`);
}

/** Shows a command, and kills it as soon as a file is there. Gives whether that was before its end. */
async function runAndKill(command, file) {
  console.log(`\n$ ${command}`);
  const running = spawn('sh', ['-c', `exec ${command}`], { cwd: repository, env, stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => running.once('exit', (_code, signal) => resolve(signal)));
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  while (!isOver && !existsSync(join(repository, file))) await new Promise(setImmediate);
  // The program and all that it has started, as when the power goes.
  if (!isOver) process.kill(-running.pid, 'SIGKILL');
  const isKilled = (await ended) === 'SIGKILL';
  console.log(
    isKilled ? '(killed by SIGKILL while it was replacing files)' : '(it was done before it could be killed)',
  );
  return isKilled;
}

/** Runs a command unseen, and gives what it prints. */
function capture(command) {
  return execFileSync('sh', ['-c', command], { cwd: repository, env, encoding: 'utf8' });
}

function say(text) {
  console.log(`\n# ${text}`);
}

/** Every path with its type, mode and content, as find and sha256sum see them. */
function fingerprint() {
  return capture(
    "find artifacts -printf '%P %y %m %l\\n' | sort; find artifacts -type f -print0 | sort -z | xargs -0 sha256sum",
  );
}

/** Stops the demo if the directory is not exactly as it was then. */
function expectContent(then, what) {
  if (fingerprint() !== then) throw new Error(`the directory is not ${what}`);
  say(`find and sha256sum have looked, then and now: every path, mode, link and byte is ${what}.`);
}

try {
  execFileSync('git', ['init', '-q', '-b', 'main', repository], { env });
  for (const [key, value] of [
    ['user.name', 'Ada Example'],
    ['user.email', 'ada@example.org'],
  ]) {
    execFileSync('git', ['config', '--global', key, value], { env });
  }
  say(
    'Artifacts: a model, a link to it, a prompt, a schema, a secret that only its owner may read, an empty directory.',
  );
  const at = (path) => join(repository, 'artifacts', path);
  for (const dir of ['models', 'prompts', 'schemas', 'cache']) mkdirSync(at(dir), { recursive: true });
  writeFileSync(at('models/ranker-v7.onnx'), Buffer.alloc(256 * 1024, 7));
  symlinkSync('ranker-v7.onnx', at('models/current'));
  writeFileSync(at('prompts/summary.txt'), 'Summarize the text in three sentences.\r\n');
  writeFileSync(at('schemas/order.json'), '{ "type": "object" }\n');
  writeFileSync(at('token'), 'not-a-real-secret\n', { mode: 0o600 });
  run("find artifacts -mindepth 1 -printf '%M %7s  %p %l\\n' | sort -k 3");

  say('Set up once: a signing key, a signed policy, an audit log.');
  run('git snapshot init --yes');

  say('Name the environment that releases go to, with a gate that they must pass. The policy is signed too.');
  run('mkdir .snapshots; git snapshot policy show --yaml > .snapshots/policy.yaml');
  run(`cat >> .snapshots/policy.yaml <<'END'
environments:
  production:
    gates: [complete]
gates:
  complete:
    type: contract
    required: ['schemas/*.json', 'prompts/*']
END`);
  run('git snapshot policy apply --yes');

  say('Take a signed snapshot, and check it: signature, log, and every byte.');
  run('git snapshot -m "release 1"');
  run('git snapshot verify');
  const release1 = fingerprint();

  if (spawnSync('gpg', ['--version'], { stdio: 'ignore' }).status === 0) {
    say('Plain git and gpg can check it too, with no help from us.');
    const [certificate] = capture('git ls-tree --name-only refs/snapshot-policy/current keys/').split('\n');
    const [{ ref }] = JSON.parse(capture('git snapshot list --json'));
    run(`git show refs/snapshot-policy/current:${certificate} | gpg --quiet --import`);
    run(`git verify-tag ${ref}`);
    say(
      'gpg warns that nobody has told it whose key that is. The signed policy does: "git snapshot verify" goes by it.',
    );
  }

  say('Promote it: verified, through the gate (five files and an empty directory are six paths), signed. It is live.');
  run('git snapshot promote latest production --yes -m "release 1"');

  say(
    'An upgrade: a prompt changed, a link replaced by a file, a secret made readable, a schema and a directory lost.',
  );
  run('echo oops > artifacts/prompts/summary.txt; rm -r artifacts/schemas artifacts/cache artifacts/models/current');
  run('chmod 644 artifacts/token; echo junk > artifacts/models/current');
  run('git snapshot status', { exits: 1 });
  run('git snapshot -m "release 2"');
  run('git snapshot promote latest production --yes -m "release 2"', { exits: 7 });

  say('The gate held it up. With its schema it gets through, and is live; and then people complain.');
  run(`mkdir artifacts/schemas; echo '{ "type": "object" }' > artifacts/schemas/order.json`);
  run('git snapshot -m "release 2, with its schema"');
  run('git snapshot promote latest production --yes -m "release 2"');
  const release2 = fingerprint();

  say('Roll production back, and the directory with it. What is there now is kept first, so this can be undone.');
  run('git rollback --env production --yes -m "release 2 broke the prompts"');
  expectContent(release1, 'what it was at release 1');

  say('Now the promise, whatever happens: to release 2 again, and killed in the middle, as when the power goes.');
  const isKilled = await runAndKill('git rollback latest --yes', '.git/snapshot/replace/artifacts.journal');
  if (isKilled) {
    run('git snapshot status | head -6');
    run('git rollback --continue');
  }
  expectContent(release2, 'what it was at release 2');
  run('git rollback --undo --yes -m "release 2 is wrong"');
  expectContent(release1, 'what it was at release 1');

  say('Who did what, signed, for ever; and what is live.');
  run('git snapshot log');
  run('git snapshot environments');
  say('Done. Nothing is left of this demo but what you read.');
} finally {
  spawnSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
