import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { SHARED } from '../hooks/server-scene.ts';
import { fakeApp } from '../support/fake-app.ts';
import { around, existing, type GovernedRepo, look } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { programs } from '../support/programs.ts';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-repo.ts';

/* docs/rollback-playbook.md: each command block of it is typed in a repository that is in the state it is for. */

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/rollback-playbook.md'), 'utf8');

/** The blocks of commands of each section, by its title; those before the first have the page's. */
const BLOCKS: ReadonlyMap<string, readonly string[]> = new Map(
  PAGE.split(/^#+ /m)
    .slice(1)
    .map((section) => [
      section.slice(0, section.indexOf('\n')),
      [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block),
    ]),
);

/** A site: `production` was at `one`, and is at `two`, as is the directory. */
interface Site extends GovernedRepo {
  readonly home: string;
  readonly base: string;
  /** What is there makes the gate, or the health program, say no. */
  readonly switches: string;
  readonly one: string;
  readonly two: string;
}

let template: { base: string; one: string; two: string; trustRoot: string };

function siteIn(base: string, ids: { one: string; two: string }): Site {
  const [dir, home, switches] = [join(base, 'site'), join(base, 'home'), join(base, 'switches')];
  const repo = around({ dir, git: existing(dir).git }, { XDG_CONFIG_HOME: home, SWITCHES: switches });
  return { ...repo, home, base, switches, one: ids.one, two: ids.two };
}

beforeAll(async () => {
  const base = mkdtempSync(join(tmpdir(), 'git-snapshot-playbook-'));
  template = { base, one: '', two: '', trustRoot: '' };
  for (const name of ['site/artifacts/weights', 'home', 'switches']) mkdirSync(join(base, name), { recursive: true });
  const site = siteIn(base, { one: '', two: '' });
  site.git('init', '-q', '-b', 'main');
  await site.ok('snapshot', 'init', '--yes', '--no-passphrase');
  const off = (name: string) => [
    'sh',
    '-c',
    `test ! -e "$SWITCHES/${name}" || { echo "${name}: it is broken"; exit 1; }`,
  ];
  await changePolicy(site, (policy) => {
    const everybody = Object.keys(policy['people'] as object);
    Object.assign(policy, {
      gates: { sound: { type: 'command', argv: off('gate'), environment: ['SWITCHES'] } },
      sets: {
        artifacts: {
          path: 'artifacts',
          rollback: { gates: ['sound'], health: { argv: off('health'), environment: ['SWITCHES'] } },
        },
      },
      environments: { production: { rollback: { approvals: 0, hold: true } } },
    });
    Object.assign(policy['roles'] as object, { promoter: [...everybody], releaser: [...everybody] });
  });
  const ids: string[] = [];
  for (const name of ['zero', 'one', 'two']) {
    writeFileSync(join(site.root, 'state'), name);
    if (name === 'two') rmSync(join(site.root, 'weights'), { recursive: true });
    else writeFileSync(join(site.root, 'weights/large'), Buffer.alloc(3 << 20, name));
    ids.push((await site.take('-m', name)).id);
    await site.ok('snapshot', 'promote', 'latest', 'production', '--yes', '-m', name);
  }
  const { root } = await site.json<{ root: { found: string } }>('snapshot', 'trust');
  template = { base, one: ids[1] ?? '', two: ids[2] ?? '', trustRoot: root.found };
});

afterAll(() => rmSync(template.base, { recursive: true, force: true, maxRetries: 3 }));

/** Brings another version of the policy into force. */
async function changePolicy(site: GovernedRepo, change: (policy: Record<string, unknown>) => void): Promise<void> {
  const { policy } = await site.json<{ policy: Record<string, unknown> }>('snapshot', 'policy', 'show');
  const { format: _, repository: _id, keys: _keys, ...written } = policy;
  const next = { ...written, version: Number(policy['version']) + 1 };
  change(next);
  mkdirSync(join(site.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(site.dir, '.snapshots/policy.yaml'), stringify(next));
  await site.ok('snapshot', 'policy', 'apply', '--yes');
}

function copyOfSite(): Site {
  const base = tempDir('git-snapshot-playbook-');
  cpSync(template.base, base, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return siteIn(base, template);
}

const state = (site: GovernedRepo) => readFileSync(join(site.root, 'state'), 'utf8');
const turnOn = (site: Site, name: string) => writeFileSync(join(site.switches, name), '');

async function live(site: Site): Promise<unknown> {
  const [production] = await site.json<{ live: { snapshot: string } }[]>('snapshot', 'environments');
  return production?.live.snapshot;
}

/** Types what a block says, line by line. @param codes - what its lines end with, where that is not 0 */
async function type(site: GovernedRepo, block: string, codes: readonly number[] = []): Promise<string> {
  if (block.startsWith('cd ') || block.includes('\ncd ')) {
    const { code, stdout, stderr } = await typeInShell(site, block);
    expect(code, stdout + stderr).toBe(0);
    return stdout + stderr;
  }
  let said = '';
  for (const [i, line] of block.trimEnd().split('\n').entries()) {
    const command = line.replace(/ +# .*$/, '');
    const isOurs = /^git (snapshot|rollback) [^$|;]*$/.test(command);
    const words = [...command.slice('git '.length).matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, text, word]) => text ?? word ?? '',
    );
    const ended = isOurs ? await site.run(words) : await typeInShell(site, command);
    said += `$ ${line}\n${ended.stdout}${ended.stderr}`;
    expect(ended.code, said).toBe(codes[i] ?? 0);
  }
  return said;
}

async function typeInShell(site: Pick<GovernedRepo, 'dir'> & { readonly home?: string }, script: string) {
  const { bin } = await programs();
  const path = [bin, process.env['PATH']].join(delimiter);
  const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], {
    cwd: site.dir,
    env: { ...process.env, PATH: path, XDG_CONFIG_HOME: site.home, SWITCHES: join(site.dir, '../switches') },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

interface Case {
  readonly section: string;
  /** Which of its blocks; the first by default. */
  readonly block?: number;
  /** Brings the site into the state. */
  readonly prepare?: (site: Site) => Promise<unknown> | unknown;
  /** What somebody types who does not know of it yet. */
  readonly typed?: (site: Site) => readonly string[];
  /** Where they type it. By default, and where the block is typed: at the top of the site. */
  readonly cwd?: (site: Site) => string;
  /** What time it is then. */
  readonly atMs?: number;
  /** How that ends, and what the page says they see. */
  readonly seen?: { readonly code: number; readonly says: string };
  /** What in the page stands for something else on each machine. */
  readonly stands?: (site: Site) => readonly (readonly [string, string])[];
  readonly codes?: readonly number[];
  readonly after: (site: Site, said: string) => Promise<unknown> | unknown;
}

const ROLLBACK_ENV = ['rollback', '--env', 'production', '--yes', '-m', 'x'];
const backAt = (content: string) => async (site: Site) => {
  expect(state(site)).toBe(content);
  expect(existsSync(join(site.dir, '.git/snapshot/replace/artifacts.journal'))).toBe(false);
};
const editByHand = (site: Site) => writeFileSync(join(site.root, 'state'), 'edited by hand');
/** The directory alone was put back, and what was edited is kept. */
const keptAndLive = async (site: Site, said: string) => {
  await backAt('two')(site);
  expect(said).toContain('what was there before is kept as');
  expect(await live(site)).toBe(site.two);
};
const productionAtOne = async (site: Site) => {
  await backAt('one')(site);
  expect(await live(site)).toBe(site.one);
};

/** A rollback to `one` that stopped when its changes were in place. */
async function interrupt(site: Site): Promise<void> {
  const phase = (title: string) => () => {
    if (title === 'Replacing files' || title === 'Taking it back') throw new Error('stopped');
  };
  const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined };
  const env = { XDG_CONFIG_HOME: site.home, SWITCHES: site.switches };
  const stopped = withApp(site, (app) => app.rollback({ ...usual, snapshot: site.one }), { phase, env });
  await expect(stopped).rejects.toThrow();
}

/** What writes into the site that is prepared. */
let programAtWork: { readonly pid: number; readonly ended: Promise<unknown> } | undefined;

const CASES: readonly Case[] = [
  {
    section: 'The directory is damaged and the release is good',
    prepare: editByHand,
    after: keptAndLive,
  },
  {
    section: 'The directory is damaged and the release is good',
    block: 1,
    prepare: editByHand,
    after: keptAndLive,
  },
  {
    section: 'The release is bad',
    prepare: editByHand,
    after: async (site, said) => {
      await productionAtOne(site);
      // What was edited is kept.
      expect(said).toContain('what was there before is kept as');
    },
  },
  {
    section: 'What is bad is in a snapshot already',
    prepare: async (site) => {
      editByHand(site);
      await site.take('-m', 'bad, and not known to be');
    },
    typed: () => ['rollback', '--yes'],
    seen: { code: 0, says: 'nothing to do' },
    after: async (site) => {
      await backAt('two')(site);
      expect(await live(site)).toBe(site.two);
    },
  },
  {
    section: 'Production was rolled back already',
    prepare: async (site) => {
      for (let i = 0; i < 2; i++) await site.ok(...ROLLBACK_ENV);
      editByHand(site);
    },
    typed: () => ROLLBACK_ENV,
    seen: { code: 4, says: 'is a rollback already' },
    after: backAt('zero'),
  },
  {
    section: 'A rollback is unfinished',
    prepare: interrupt,
    typed: () => ['rollback', '--yes'],
    seen: { code: 9, says: 'has begun and not ended' },
    after: backAt('one'),
  },
  {
    section: 'A rollback is unfinished',
    block: 1,
    prepare: async (site) => {
      await interrupt(site);
      // What --abort needs neither of.
      renameSync(join(site.home, 'git-snapshot/keys'), join(site.home, 'elsewhere'));
    },
    typed: () => ['snapshot'],
    seen: { code: 9, says: 'has begun and not ended' },
    after: backAt('two'),
  },
  {
    section: 'A program keeps writing into the directory',
    prepare: async (site) => {
      const program = spawn('sh', ['-c', 'exec 3>>"$0"; echo .; exec cat', join(site.root, 'state')], {
        cwd: site.root,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      await once(program.stdout, 'data');
      programAtWork = { pid: program.pid ?? 0, ended: once(program, 'exit') };
      const phase = (title: string) => (done: number, total: number) => {
        if (title === 'Replacing files' && done === total) appendFileSync(join(site.root, 'state'), ', and more');
      };
      const usual = {
        set: undefined,
        steps: undefined,
        message: undefined,
        paths: [],
        dryRun: false,
        confirm: undefined,
      };
      const env = { XDG_CONFIG_HOME: site.home, SWITCHES: site.switches };
      const result = await withApp(site, (app) => app.rollback({ ...usual, snapshot: site.one }), { phase, env });
      const { app } = fakeApp({ rollback: async () => result });
      const { code, stdout } = await runCli(['--yes'], { app, program: 'git-rollback' });
      expect(code).toBe(1);
      for (const says of ['not as put back: changed since', 'goes on writing there']) {
        expect(stdout).toContain(says);
        expect(PAGE).toContain(`\`${says}\` | [A program writes there](#a-program-keeps-writing-into-the-directory) |`);
      }
      expect(stdout).toContain(`by cat (${program.pid})`);
    },
    stands: () => [['4711', String(programAtWork?.pid)]],
    after: async (site) => {
      await backAt('one')(site);
      await programAtWork?.ended;
    },
  },
  {
    section: 'A gate did not pass',
    prepare: async (site) => {
      await changePolicy(site, (policy) => {
        const argv = ['sh', '-c', '! grep -q one state'];
        Object.assign(policy, { gates: { sound: { type: 'command', argv } } });
      });
    },
    typed: () => ROLLBACK_ENV,
    seen: { code: 7, says: 'is not put back: the gate … did not pass' },
    after: backAt('zero'),
  },
  {
    section: 'A gate did not pass',
    block: 1,
    prepare: (site) => turnOn(site, 'gate'),
    typed: () => ROLLBACK_ENV,
    seen: { code: 7, says: 'is not put back: the gate … did not pass' },
    after: productionAtOne,
  },
  {
    section: 'The health check did not pass',
    prepare: (site) => turnOn(site, 'health'),
    typed: () => ROLLBACK_ENV,
    seen: { code: 7, says: 'the health check did not pass' },
    after: productionAtOne,
  },
  {
    section: 'The snapshot is not to be trusted',
    prepare: (site) => {
      const ref = `refs/snapshots/artifacts/${site.two}`;
      const changed = `${site.git('cat-file', 'tag', ref)}\n`.replace('\n\ntwo\n', '\n\nnot two\n');
      const hash = { cwd: site.dir, input: changed, encoding: 'utf8' as const };
      site.git('update-ref', ref, execFileSync('git', ['hash-object', '-t', 'tag', '-w', '--stdin'], hash).trim());
      writeFileSync(join(site.root, 'state'), 'edited by hand');
    },
    typed: ({ two }) => ['rollback', two, '--yes'],
    seen: { code: 6, says: 'is not to be trusted' },
    codes: [1],
    after: backAt('one'),
  },
  {
    section: 'The log is not to be believed',
    prepare: (site) => {
      site.git(
        'notes',
        '--ref=refs/notes/snapshots',
        'append',
        '-m',
        'by hand',
        `refs/snapshots/artifacts/${site.two}`,
      );
      writeFileSync(join(site.root, 'state'), 'edited by hand');
    },
    typed: () => ROLLBACK_ENV,
    seen: { code: 6, says: 'the audit log is not to be believed' },
    after: backAt('two'),
  },
  {
    section: 'Your key is lost',
    prepare: (site) => {
      renameSync(join(site.home, 'git-snapshot/keys'), join(site.home, 'elsewhere'));
      rmSync(site.root, { recursive: true });
    },
    typed: () => ['rollback', 'latest~1', '--yes'],
    seen: { code: 6, says: 'you have the private key of nobody in the policy' },
    after: (site) => {
      // Nothing beside what is in the snapshot: no proof of the archive's.
      expect(readdirSync(site.root)).toEqual(['state']);
      expect(state(site)).toBe('two');
    },
  },
  {
    section: 'It is locked',
    prepare: (site) => {
      const claim = { nonce: '0123456789abcdef', pid: 1, host: 'elsewhere', boot: '', namespace: '', start: '' };
      mkdirSync(join(site.dir, '.git/snapshot'), { recursive: true });
      writeFileSync(join(site.dir, '.git/snapshot/artifacts.lock'), JSON.stringify(claim));
      writeFileSync(join(site.root, 'state'), 'edited by hand');
    },
    typed: () => ['rollback', '--yes'],
    seen: { code: 5, says: 'another git-snapshot … is working on' },
    after: backAt('two'),
  },
  {
    section: 'Something is in the way',
    prepare: (site) => {
      writeFileSync(join(site.root, '.snapshotignore'), 'weights\n');
      writeFileSync(join(site.root, 'weights'), 'in no snapshot');
    },
    typed: () => ['rollback', 'latest~1', '--yes'],
    seen: { code: 5, says: 'is in the way' },
    after: async (site) => {
      await backAt('one')(site);
      expect(readFileSync(join(site.dir, '../weights-in-the-way'), 'utf8')).toBe('in no snapshot');
    },
  },
  {
    section: 'Something that no snapshot can hold',
    prepare: (site) => void execFileSync('mkfifo', [join(site.root, 'app.sock')]),
    typed: () => ['rollback', 'latest~1', '--dry-run'],
    seen: { code: 0, says: 'no snapshot can hold' },
    after: async (site) => {
      expect(readFileSync(join(site.root, 'state'), 'utf8')).toBe('one');
      expect(lstatSync(join(site.root, 'app.sock')).isFIFO()).toBe(true);
      expect(await site.ok('snapshot', 'status')).toContain('nothing changed');
    },
  },
  {
    section: 'Not in the repository',
    prepare: (site) => writeFileSync(join(site.root, 'state'), 'edited by hand'),
    typed: () => ['rollback', '--yes'],
    cwd: ({ base }) => base,
    seen: { code: 4, says: 'not in a git repository' },
    stands: ({ dir }) => [['/srv/site', dir]],
    after: backAt('two'),
  },
  {
    section: 'The directory is gone',
    prepare: (site) => rmSync(site.root, { recursive: true }),
    typed: () => ['snapshot'],
    seen: { code: 4, says: 'the directory of the set … does not exist' },
    after: backAt('two'),
  },
  {
    section: 'A file is in the place of the directory',
    prepare: (site) => {
      rmSync(site.root, { recursive: true });
      writeFileSync(site.root, 'a file');
    },
    typed: () => ['rollback', '--yes'],
    seen: { code: 3, says: 'is not a directory' },
    after: async (site) => {
      await backAt('two')(site);
      expect(readFileSync(join(site.dir, '../not-the-artifacts'), 'utf8')).toBe('a file');
    },
  },
  {
    section: 'The policy has run out',
    prepare: async (site) => {
      await changePolicy(site, (policy) => Object.assign(policy, { expires: '2027-06-01T00:00:00Z' }));
      writeFileSync(join(site.root, 'state'), 'edited by hand');
    },
    atMs: Date.parse('2027-07-01T00:00:00Z'),
    typed: () => ['snapshot', '-m', 'x'],
    seen: { code: 6, says: 'the policy ran out at' },
    after: backAt('one'),
  },
  {
    section: 'Promotions are on hold',
    prepare: async (site) => {
      await site.ok(...ROLLBACK_ENV);
    },
    typed: () => ['snapshot', 'promote', 'latest', 'production', '--yes', '-m', 'x'],
    seen: { code: 3, says: 'is on hold since' },
    after: async (site) => expect(await live(site)).toBe(site.two),
  },
  {
    section: 'On another machine',
    prepare: (site) => {
      share(site);
      // Of the user, the key alone came along.
      for (const name of readdirSync(join(site.home, 'git-snapshot')))
        if (name !== 'keys') rmSync(join(site.home, 'git-snapshot', name), { recursive: true });
      site.git('clone', '-q', join(site.base, 'server'), join(site.base, 'first'));
    },
    cwd: ({ base }) => join(base, 'first'),
    typed: () => ['rollback', '--yes'],
    seen: { code: 3, says: 'this repository has no snapshot policy' },
    stands: (site) => [
      ['ssh://git.example.org/site.git', join(site.base, 'server')],
      [`sha256:${'0'.repeat(64)}`, template.trustRoot],
    ],
    after: ({ dir }) => expect(readFileSync(join(dir, 'site/artifacts/state'), 'utf8')).toBe('two'),
  },
  {
    section: 'The log went two ways',
    prepare: async (site) => {
      share(site);
      const other = siteIn(join(site.base, 'other'), site);
      for (const name of ['home', 'switches'])
        cpSync(join(site.base, name), join(site.base, 'other', name), { recursive: true });
      cpSync(site.dir, other.dir, { recursive: true, preserveTimestamps: true });
      writeFileSync(join(other.root, 'state'), 'theirs');
      await other.take('-m', 'theirs');
      await other.ok('snapshot', 'push');
      await site.ok('rollback', 'latest~1', '--yes', '-m', 'ours');
    },
    after: async (site) => {
      await backAt('one')(site);
      const log = await site.json<{ summary: string }[]>('snapshot', 'log', '-n', '2');
      expect(log.map(({ summary }) => summary).join('\n')).toMatch(
        /^rollback: .*: ours\n(?:.*\n)*snapshot: .*: theirs$/,
      );
      const tip = 'refs/notes/snapshots';
      expect(site.git('ls-remote', 'origin', tip)).toContain(site.git('rev-parse', tip));
    },
  },
];

/** Pushes all of it to a new remote `origin`. */
function share(site: Site): void {
  const server = join(site.base, 'server');
  execFileSync('git', ['init', '-q', '--bare', server]);
  site.git('remote', 'add', 'origin', server);
  site.git('push', '-q', 'origin', ...SHARED);
}

test.each(CASES.map((one) => [`${one.section}, ${one.block ?? 0}`, one] as const))('%s', async (_, one) => {
  const made = copyOfSite();
  await one.prepare?.(made);
  const site = one.atMs === undefined ? made : { ...made, ...made.at(one.atMs) };
  if (one.typed !== undefined && one.seen !== undefined) {
    const lookNow = () =>
      lstatSync(site.root, { throwIfNoEntry: false })?.isDirectory() ? look(site.root) : undefined;
    const before = lookNow();
    const { code, stdout, stderr } = await site.run(one.typed(site), { cwd: one.cwd?.(site) ?? site.dir });
    expect(stdout + stderr).toMatch(patternOf(one.seen.says));
    expect(code, stderr).toBe(one.seen.code);
    expect(lookNow()).toEqual(before);
    const row = PAGE.split('\n').find(
      (line) => line.startsWith(`| ${one.seen?.code} | `) && line.includes(`\`${one.seen?.says}\``),
    );
    // The table leads to the section.
    expect(row).toContain(`(#${one.section.toLowerCase().replaceAll(' ', '-')})`);
  }
  let block = BLOCKS.get(one.section)?.[one.block ?? 0] ?? '';
  expect(block).not.toBe('');
  for (const [here, there] of one.stands?.(site) ?? []) {
    expect(block).toContain(here);
    block = block.replaceAll(here, there);
  }
  await one.after(site, await type(site, block, one.codes));
});

function patternOf(says: string): RegExp {
  return new RegExp(says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*'));
}

/** Two states of a disk: the site is on one of its own, which nobody else sees. */
const DISKS = [
  {
    section: 'The disk is full',
    says: 'only … are free',
    break: 'head -c "$(( ($(df --output=avail -B1 "$disk" | tail -n 1)) - 2000000 ))" /dev/zero >"$disk/log"',
    mend: 'rm "$disk/log"',
  },
  {
    section: 'The git directory cannot be written',
    says: 'read-only file system',
    break: 'mount -o remount,ro "$disk"',
    mend: ':',
  },
];

test.each(DISKS)('$section', async ({ section, says, break: breakIt, mend }) => {
  const site = copyOfSite();
  const block = (BLOCKS.get(section)?.[0] ?? '').replaceAll('/srv', '"$disk"');
  expect(block).not.toBe('');
  const disk = tempDir();
  const script = `
    mount -t tmpfs -o size=60m none "$disk"
    cp -a "$base/." "$disk"
    cd "$disk/site"
    ${breakIt}
    git rollback latest~1 --yes >"$base/stdout" 2>"$base/stderr" && echo 0 >"$base/code" || echo $? >"$base/code"
    cp artifacts/state "$base/state-before"
    ${mend}
    ${block}
    cp artifacts/state "$base/state"
  `;
  const { bin } = await programs();
  const ended = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-e', '-c', script], {
    env: {
      ...process.env,
      PATH: [bin, process.env['PATH']].join(delimiter),
      XDG_CONFIG_HOME: site.home,
      SWITCHES: site.switches,
      base: site.base,
      disk,
    },
    encoding: 'utf8',
  });
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  const told = (name: string) => readFileSync(join(site.base, name), 'utf8').trim();
  expect(told('stderr')).toMatch(patternOf(says));
  expect(told('code')).toBe('5');
  expect(PAGE).toContain(`| 5 | \`${says}\``);
  expect([told('state-before'), told('state')]).toEqual(['two', 'one']);
});

test('every command block of the page is one of these', () => {
  const all = [...BLOCKS].flatMap(([section, blocks]) => blocks.map((_, i) => `${section}, ${i}`));
  const disks = DISKS.map(({ section }) => ({ section, block: 0 }));
  expect([...CASES, ...disks].map(({ section, block = 0 }) => `${section}, ${block}`).sort()).toEqual(all.sort());
});
