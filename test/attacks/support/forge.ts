import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeEvent } from '../../../src/core/audit/describe-event.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { buildNotes } from '../../../src/core/audit/notes-view.ts';
import { canonicalJson, type Json } from '../../../src/core/canonical-json.ts';
import { SHA1 } from '../../../src/core/oid.ts';
import type { PublicKey } from '../../../src/core/signing.ts';
import { nodeDigest } from '../../../src/git/digest.ts';
import type { GovernedRepo, SnapshotDocument } from '../../support/governed-repo.ts';
import type { Person, Scene } from './scene.ts';

// Makes objects of any bytes, and signs them as whoever it is: what git and the programs here would never write.

export const LOG = 'refs/notes/snapshots';
export const POLICY = 'refs/snapshot-policy/current';

/** Stores an object without git's checks. */
export function store({ dir }: Pick<GovernedRepo, 'dir'>, type: string, body: string | Buffer): string {
  const input = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  return execFileSync('git', ['hash-object', '--literally', '-t', type, '-w', '--stdin'], {
    cwd: dir,
    input,
    encoding: 'utf8',
  }).trim();
}

/** The bytes of an object. */
export function body({ dir }: Pick<GovernedRepo, 'dir'>, type: string, rev: string): string {
  return execFileSync('git', ['cat-file', type, rev], { cwd: dir, maxBuffer: 1 << 28 }).toString('latin1');
}

/** A tree of these very items, in this order. */
export function treeOf(
  repo: GovernedRepo,
  items: readonly (readonly [mode: string, name: string, oid: string])[],
): string {
  const parts = items.map(([mode, name, oid]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]),
  );
  return store(repo, 'tree', Buffer.concat(parts));
}

/** A tag, taken apart. */
export function splitTag(tag: string): { payload: string; armor: string } {
  const at = tag.search(/^-----BEGIN /m);
  return { payload: tag.slice(0, at), armor: tag.slice(at) };
}

export function sha256(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex');
}

/** Puts a tag object of these bytes under the snapshot's own name. */
export function putTag(repo: GovernedRepo, { ref }: SnapshotDocument, tag: string): string {
  const oid = store(repo, 'tag', tag);
  repo.git('update-ref', ref, oid);
  return oid;
}

/** A name that no snapshot has yet, so many seconds after the one given. */
export function laterId({ id }: SnapshotDocument, seconds: number): { id: string; atSec: number } {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(id) ?? [];
  const atSec = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) / 1000 + seconds;
  const time = new Date(atSec * 1000).toISOString().replace(/[-:]|\.000/g, '');
  return { id: time + id.slice(16), atSec };
}

interface ForgedSnapshot {
  /** Whose tag and event they are. */
  readonly by: Person;
  readonly set?: string;
  /** Of the payload, once it has its new name. */
  readonly change?: (payload: string) => string;
  /** How it is signed, if not as everybody does. */
  readonly sign?: (payload: string) => Promise<string> | string;
  /** Nobody tells the log of it. */
  readonly unlogged?: boolean;
  readonly event?: (event: Loose) => void;
  readonly seconds?: number;
}

/** JSON of any shape. */
export type Loose = { [name: string]: unknown } & {
  seq: number;
  at: string;
  type: string;
  actor: string;
  key: string;
  repository: string;
  policy: { version: number; digest: string };
  snapshot: { id: string; tag: string; payload: string };
};

/** A snapshot that is all that it should be, but for what is changed: a signed tag with a signed event. */
export async function forgeSnapshot(scene: Scene, forged: ForgedSnapshot): Promise<SnapshotDocument> {
  const { by, set = 'artifacts', change = (same) => same, sign = by.sign, unlogged = false, seconds = 100 } = forged;
  const { repo, good } = scene;
  const { payload: original } = splitTag(body(repo, 'tag', good.tag));
  const later = laterId(good, seconds);
  const named = original
    .replace(`\ntag snapshots/artifacts/${good.id}\n`, `\ntag snapshots/${set}/${later.id}\n`)
    .replace(/^(tagger .*) \d+ \+0000$/m, `$1 ${later.atSec} +0000`)
    .replace(/^Path: .*$/m, `Path: ${set}`);
  const payload = change(named);
  const [, id = later.id] = /^tag snapshots\/[^/]*\/(\S*)$/m.exec(payload) ?? [];
  const tag = store(repo, 'tag', payload + (await sign(payload)));
  const ref = `refs/snapshots/${set}/${id}`;
  // By hand: git writes no ref to a tag that it cannot parse.
  mkdirSync(join(repo.dir, '.git', dirname(ref)), { recursive: true });
  writeFileSync(join(repo.dir, '.git', ref), `${tag}\n`);
  const document = { ...good, id, ref, tag, set, payload: `sha256:${sha256(payload)}` };
  const [, tree = document.tree] = /^object ([0-9a-f]{40})$/m.exec(payload) ?? [];
  const [, manifest = ''] = /^Manifest: (.*)$/m.exec(payload) ?? [];
  if (!unlogged) {
    await forgeEvent(scene, by, {
      report: {
        type: 'snapshot',
        set,
        snapshot: { id, tag, payload: document.payload },
        manifest,
        subject: 'good',
        kinds: [],
      },
      change: forged.event,
    });
  }
  return { ...document, tree };
}

/** Types of events that bring a note with them. */
const KNOWN: ReadonlySet<string> = new Set(
  'policy snapshot rollback promotion approval repair prune undelete hold release erase rehearsal resume'.split(' '),
);

interface ForgedEvent {
  readonly report: Readonly<Record<string, unknown>>;
  readonly change?: ((event: Loose) => void) | undefined;
  /** Its first line; that of its kind unless it is given. */
  readonly subject?: string;
  readonly sign?: (payload: string) => Promise<string> | string;
  readonly tree?: string;
  readonly parents?: readonly string[];
}

/** The event at the end of the log, as it was signed. */
export function lastEvent(repo: GovernedRepo, rev = LOG): Loose {
  const message = body(repo, 'commit', rev).trimEnd();
  return JSON.parse(Buffer.from(message.slice(message.lastIndexOf('\n') + 1), 'latin1').toString('utf8')) as Loose;
}

/** Puts an event on top of the log, and gives its commit. */
export async function forgeEvent({ repo }: Scene, by: Person, forged: ForgedEvent): Promise<string> {
  const { report, change } = forged;
  const { parents = [repo.git('rev-parse', LOG)] } = forged;
  const last = lastEvent(repo);
  const event = {
    ...report,
    format: 1,
    seq: last.seq + 1,
    at: new Date().toISOString().replace(/\.\d+/, ''),
    repository: last.repository,
    actor: by.name.replace(/\d$/, ''),
    key: by.publicKey.key,
    policy: last.policy,
  } as unknown as Loose;
  change?.(event);
  const isKnown = KNOWN.has(event.type);
  const tree = forged.tree ?? (isKnown ? storeNotes(repo, event) : repo.git('rev-parse', `${LOG}^{tree}`));
  const subject = forged.subject ?? describeEvent(event as unknown as AuditEvent);
  const message = Buffer.from(`${subject}\n\n${canonicalJson(event as unknown as Json)}\n`).toString('latin1');
  const oid = await signedCommit({ repo, by, message, tree, parents, sign: forged.sign });
  repo.git('update-ref', LOG, oid);
  return oid;
}

/** The notes that the events come to, with one more. */
function storeNotes(repo: GovernedRepo, next: Loose): string {
  const events = repo
    .git('rev-list', '--reverse', '--first-parent', LOG)
    .split('\n')
    .filter((oid) => /\n\n\{.*\}\n$/.test(body(repo, 'commit', oid)))
    .map((oid) => lastEvent(repo, oid));
  const { root, objects } = buildNotes([...events, next] as unknown as AuditEvent[], nodeDigest, SHA1);
  for (const object of objects) store(repo, object.type, object.body);
  return root;
}

/** A commit as git signs it. */
export async function signedCommit({
  repo,
  by,
  message,
  tree,
  parents,
  sign = by.sign,
}: {
  repo: GovernedRepo;
  by: Person;
  message: string;
  tree: string;
  parents: readonly string[];
  sign?: ForgedEvent['sign'];
}): Promise<string> {
  const who = `${by.name} <${by.name}@example.org> ${Math.floor(Date.now() / 1000)} +0000`;
  const lines = parents.map((parent) => `parent ${parent}\n`).join('');
  const headers = `tree ${tree}\n${lines}author ${who}\ncommitter ${who}\n`;
  const armor = (await sign(`${headers}\n${message}`)).trimEnd().replaceAll('\n', '\n ');
  return store(repo, 'commit', `${headers}gpgsig ${armor}\n\n${message}`);
}

/** The policy, as loose JSON. */
export interface LoosePolicy {
  version: number;
  expires?: string;
  people: Record<string, { name: string; keys: string[] }>;
  keys: Record<string, { certificate: string }>;
  roles: Record<string, { people: string[]; threshold: number }>;
  revoked?: Record<string, { reason: string; since: number }>;
  [name: string]: unknown;
}

interface ForgedPolicy {
  readonly change: (policy: LoosePolicy) => void;
  readonly signers: readonly Person[];
  /** Keys that come in. */
  readonly added?: readonly PublicKey[];
  readonly parent?: string;
  /** What the file is, if it is not the policy's own spelling. */
  readonly bytes?: (text: string) => string;
  /** More files of signatures, or others in their place. */
  readonly signatures?: Readonly<Record<string, string>>;
}

/** A version of the policy on top of the one in force, in its ref. Nobody tells the log of it. */
export async function forgePolicy(
  { repo }: Scene,
  { change, signers, added = [], parent = repo.git('rev-parse', POLICY), bytes, signatures = {} }: ForgedPolicy,
): Promise<{ commit: string; digest: string; version: number }> {
  const policy = JSON.parse(repo.git('cat-file', 'blob', `${POLICY}:policy.json`)) as LoosePolicy;
  policy.version += 1;
  for (const { key, armored } of added) policy.keys[key] = { certificate: `sha256:${sha256(armored)}` };
  change(policy);
  const canonical = Buffer.from(`${canonicalJson(policy as unknown as Json)}\n`).toString('latin1');
  const text = bytes?.(canonical) ?? canonical;
  const fingerprint = (key: string) => key.replace(/^\w+:/, '');
  const wanted = new Set(Object.keys(policy.keys).map(fingerprint));
  const keyFiles = new Map(
    repo
      .git('ls-tree', '-r', POLICY, 'keys/')
      .split('\n')
      .map((line) => /^\d+ blob (\w+)\tkeys\/(.*)$/.exec(line) ?? [])
      .filter(([, , name = '']) => wanted.has(name.replace(/\.\w+$/, '')))
      .map(([, oid = '', name = '']) => [name, oid] as const),
  );
  for (const { key, armored } of added)
    keyFiles.set(`${fingerprint(key)}.${key.startsWith('ssh') ? 'pub' : 'asc'}`, store(repo, 'blob', armored));
  const files = new Map<string, string>();
  for (const signer of signers)
    files.set(`${fingerprint(signer.publicKey.key)}.sig`, store(repo, 'blob', await signer.sign(text)));
  for (const [name, armor] of Object.entries(signatures)) files.set(name, store(repo, 'blob', armor));
  const directory = (items: ReadonlyMap<string, string>) =>
    treeOf(
      repo,
      [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, oid]) => ['100644', name, oid] as const),
    );
  const tree = treeOf(repo, [
    ['40000', 'keys', directory(keyFiles)],
    ['100644', 'policy.json', store(repo, 'blob', text)],
    ['40000', 'signatures', directory(files)],
  ]);
  const commit = repo.git('commit-tree', tree, '-p', parent, '-m', 'policy');
  // Author and committer of one time zone and second, as ours are.
  repo.git('update-ref', POLICY, commit);
  return { commit, digest: `sha256:${sha256(text)}`, version: policy.version };
}

/** The event by which somebody announces a version of the policy. */
export async function announce(
  scene: Scene,
  by: Person,
  { commit, digest, version }: { commit: string; digest: string; version: number },
): Promise<string> {
  return forgeEvent(scene, by, {
    report: { type: 'policy', commit },
    change: (event) => {
      event.policy = { version, digest };
    },
  });
}
