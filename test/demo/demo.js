// Shows the main job on a repository of its own: take a snapshot, verify it, promote it, promote something bad, roll back.
// Everything happens below one temporary directory, with a home directory and a key of its own, and is removed at the end.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  const { status } = spawnSync('sh', ['-c', `${command} 2>&1`], {
    cwd: repository,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== exits) throw new Error(`'${command}' ended with ${status}, expected ${exits}`);
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

try {
  execFileSync('git', ['init', '-q', '-b', 'main', repository], { env });
  for (const [key, value] of [
    ['user.name', 'Ada Example'],
    ['user.email', 'ada@example.org'],
  ]) {
    execFileSync('git', ['config', '--global', key, value], { env });
  }
  say('A repository with artifacts: a model, prompts, a schema, a link, a secret that only its owner may read.');
  const at = (path) => join(repository, 'artifacts', path);
  for (const dir of ['models', 'prompts', 'schemas', 'cache']) mkdirSync(at(dir), { recursive: true });
  writeFileSync(at('models/ranker-v7.onnx'), Buffer.alloc(256 * 1024, 7));
  symlinkSync('ranker-v7.onnx', at('models/current'));
  writeFileSync(at('prompts/summary.txt'), 'Summarize the text in three sentences.\r\n');
  writeFileSync(at('schemas/order.json'), '{ "type": "object" }\n');
  writeFileSync(at('token'), 'not-a-real-secret\n', { mode: 0o600 });
  run('ls -lR artifacts');

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
END
`);
  run('git snapshot policy apply --yes');

  say('Take a signed snapshot, and check it: signature, log, and every byte.');
  run('git snapshot -m "release 1"');
  run('git snapshot verify');
  const before = fingerprint();

  if (spawnSync('gpg', ['--version'], { stdio: 'ignore' }).status === 0) {
    say('Plain git and gpg can check it too, with no help from us.');
    const [certificate] = capture('git ls-tree --name-only refs/snapshot-policy/current keys/').split('\n');
    const [{ ref }] = JSON.parse(capture('git snapshot list --json'));
    run(`git show refs/snapshot-policy/current:${certificate} | gpg --quiet --import`);
    run(`git verify-tag ${ref}`);
  }

  say('Promote it: verified, through the gate, signed. It is live.');
  run('git snapshot promote latest production --yes -m "release 1"');

  say(
    'An upgrade: prompts changed, a link replaced by a file, a secret made readable, a schema and an empty directory lost.',
  );
  run(
    'echo "oops" > artifacts/prompts/summary.txt; rm -r artifacts/schemas artifacts/cache artifacts/models/current; chmod 644 artifacts/token; echo junk > artifacts/models/current',
  );
  run('git snapshot status', { exits: 1 });
  run('git snapshot -m "release 2"');
  run('git snapshot promote latest production --yes -m "release 2"', { exits: 7 });

  say('The gate held it up. With the schema it gets through, and is live; and then people complain.');
  run('git snapshot restore @production --path schemas --yes');
  run('git snapshot -m "release 2, with its schema"');
  run('git snapshot promote latest production --yes -m "release 2"');

  say('Roll production back, and the directory with it. What is there now is kept first, so this can be undone.');
  run('git rollback --env production --yes -m "release 2 broke the prompts"');
  if (fingerprint() !== before) throw new Error('the directory is not what it was');
  say('find and sha256sum have looked at it before and now: every path, mode, link and byte is what it was.');
  say('What is live, and how that came.');
  run('git snapshot environments');
  run('git snapshot promotions');

  say('Who did what, signed, for ever.');
  run('git snapshot log');
  run('git log --format="%h %s" refs/notes/snapshots');
  say('Done. Nothing is left of this demo but what you read.');
} finally {
  spawnSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' });
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
