import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tempGnupg } from '../support/gnupg.ts';
import { tempDir } from '../support/temp-repo.ts';
import type { Attack } from './support/attack.ts';
import { body, forgeSnapshot, putTag, splitTag, store, treeOf } from './support/forge.ts';
import { expectBadForGit, expectGoodForGit } from './support/plain-git.ts';
import { expectRefusal } from './support/refusal.ts';
import { type PersonName, type Scene, tryRun } from './support/scene.ts';

const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;

interface Change {
  readonly id: string;
  readonly attack: string;
  /** Whether `verify-tag` is happy. */
  readonly goodForGit: boolean;
  readonly plainGit?: string;
  readonly product: string;
  readonly change: (tag: string, scene: Scene) => string | Promise<string>;
  readonly checks: readonly string[];
  readonly says: RegExp;
}

/** Somebody with push access changes the bytes of a good tag. */
const changed = ({ id, attack, goodForGit, plainGit, product, change, checks, says }: Change): Attack => ({
  id,
  class: 'tags',
  attack,
  plainGit: plainGit ?? (goodForGit ? '`verify-tag` is happy, and the object id is another' : '`verify-tag` says no'),
  product,
  run: async (scene) => {
    const { repo, good } = scene;
    const tag = body(repo, 'tag', good.tag);
    const forged = await change(tag, scene);
    expect(forged).not.toBe(tag);
    putTag(repo, good, forged);
    if (goodForGit) expectGoodForGit(scene, good.ref);
    else expectBadForGit(scene, good.ref);
    await expectRefusal(scene, {
      snapshot: good,
      verify: { [nameOf(good)]: checks },
      says,
      log: /event 3 tells of .* and it is at/,
    });
  },
});

const OUTSIDER: readonly Attack[] = [
  changed({
    id: 'bytes-after-the-armor',
    attack: 'Text after the signature',
    goodForGit: true,
    plainGit: '`verify-tag` is happy, and `for-each-ref` shows the text as part of the message',
    product: 'refuses (`format`)',
    change: (tag) => `${tag}and so everything is allowed\n`,
    checks: ['format'],
    says: /the signature is not the last thing in the tag/,
  }),
  changed({
    id: 'second-armor',
    attack: 'The same signature once more',
    goodForGit: false,
    product: 'refuses (`format`)',
    change: (tag) => tag + splitTag(tag).armor,
    checks: ['format'],
    says: /more than one signature/,
  }),
  changed({
    id: 'armor-comment',
    attack: 'A comment in the armor',
    goodForGit: true,
    product: 'refuses: an armor has one spelling (`signature`, `log`)',
    change: (tag) => tag.replace('SIGNATURE-----\n\n', 'SIGNATURE-----\nComment: approved by everybody\n\n'),
    checks: ['log', 'signature'],
    says: /armor/,
  }),
  changed({
    id: 'armor-spelling',
    attack: 'The armor in lines of another length',
    goodForGit: true,
    product: 'refuses: an armor has one spelling (`signature`, `log`)',
    change: (tag) => tag.replace(/(SIGNATURE-----\n\n)(.{20})/, '$1$2\n'),
    checks: ['log', 'signature'],
    says: /armor/,
  }),
  changed({
    id: 'armor-spaces',
    attack: 'Spaces at the ends of the armor’s lines',
    goodForGit: true,
    product: 'refuses (`format`)',
    change: (tag) => tag.replace(/(\n-----END PGP SIGNATURE-----)\n$/, '$1  \n'),
    checks: ['format'],
    says: /the signature is (?:not the last thing in the tag|malformed)/,
  }),
  changed({
    id: 'unhashed-subpacket',
    attack: 'Another subpacket in the part of the signature that is not signed',
    goodForGit: true,
    product: 'refuses: that part holds the key id and nothing else (`signature`, `log`)',
    change: (tag) => {
      const { payload, armor } = splitTag(tag);
      const bytes = Buffer.from(armor.replace(/-----.*-----|^=.*$|\n/gm, ''), 'base64');
      return payload + armorOf(withUnhashed(bytes));
    },
    checks: ['log', 'signature'],
    says: /signature: .*(?:canonical|form|unhashed|hashed)/,
  }),
  changed({
    id: 'stripped',
    attack: 'The signature is taken away',
    goodForGit: false,
    product: 'refuses: "unsigned" is never a warning (`format`)',
    change: (tag) => splitTag(tag).payload,
    checks: ['format'],
    says: /the tag is not signed/,
  }),
  changed({
    id: 'empty-signature',
    attack: 'An armor with nothing in it',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag) => `${splitTag(tag).payload}-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n`,
    checks: ['log', 'signature'],
    says: /signature: /,
  }),
  changed({
    id: 'other-format',
    attack: 'An OpenPGP signature that is declared as one by SSH',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag) => tag.replaceAll('PGP SIGNATURE', 'SSH SIGNATURE'),
    checks: ['log', 'signature'],
    says: /signature: /,
  }),
  changed({
    id: 'mixed-format',
    attack: 'An armor that begins as OpenPGP and ends as SSH',
    goodForGit: true,
    product: 'refuses (`format`)',
    change: (tag) => tag.replace('END PGP', 'END SSH'),
    checks: ['format'],
    says: /the signature is malformed/,
  }),
  changed({
    id: 'another-payload',
    attack: 'The good signature of another tag',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag, { repo, other }) => splitTag(tag).payload + splitTag(body(repo, 'tag', other.tag)).armor,
    checks: ['log', 'signature'],
    says: /does not match the content/,
  }),
  changed({
    id: 'changed-signature',
    attack: 'A byte of the signature changed',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag) =>
      tag.replace(/(SIGNATURE-----\n\n.{60})(.)/, (_, before: string, c: string) => before + (c === 'A' ? 'B' : 'A')),
    checks: ['log', 'signature'],
    says: /signature: /,
  }),
  changed({
    id: 'changed-message',
    attack: 'Another message under the same signature',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag) => tag.replace('\n\ngood\n', '\n\nevil\n'),
    checks: ['log', 'signature'],
    says: /does not match the content/,
  }),
  changed({
    id: 'changed-mode',
    attack: 'Other permissions under the same signature',
    goodForGit: false,
    product: 'refuses (`signature`)',
    change: (tag) => tag.replace(/^Mode: 600/m, 'Mode: 666'),
    checks: ['log', 'manifest', 'signature'],
    says: /does not match the content/,
  }),
  changed({
    id: 'more-headers-unsigned',
    attack: 'A header `gpgsig-sha256` in the tag, which git leaves out when it verifies',
    goodForGit: true,
    product: 'refuses: such a tag has four headers (`format`)',
    change: (tag) => tag.replace('\n\n', '\ngpgsig-sha256 x\n\n'),
    checks: ['format'],
    says: /headers that are not allowed/,
  }),
  changed({
    id: 'stranger',
    attack: 'Signed by a key that is not in the policy',
    goodForGit: true,
    product: 'refuses (`signature`, `log`)',
    change: async (tag, { people }) => {
      const { payload } = splitTag(tag);
      return payload + (await people.eve.sign(payload));
    },
    checks: ['log', 'signature'],
    says: /the key openpgp:[0-9A-F]{40} is not in the policy/,
  }),
];

function armorOf(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  const check = Buffer.from([(crc >> 16) & 255, (crc >> 8) & 255, crc & 255]).toString('base64');
  const lines = bytes.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN PGP SIGNATURE-----\n\n${lines}=${check}\n-----END PGP SIGNATURE-----\n`;
}

/** The signature packet with a notation in its unhashed area. */
function withUnhashed(packet: Buffer): Buffer {
  const [, length = 0] = packet;
  const body = packet.subarray(2, 2 + length);
  const hashed = body.readUInt16BE(4);
  const at = 6 + hashed;
  const unhashed = body.readUInt16BE(at);
  const notation = Buffer.concat([Buffer.from([0x80, 0, 0, 0, 0, 3, 0, 1]), Buffer.from('a@b'), Buffer.from('c')]);
  const more = Buffer.concat([Buffer.from([notation.length + 1, 20]), notation]);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(unhashed + more.length);
  const out = Buffer.concat([
    body.subarray(0, at),
    size,
    body.subarray(at + 2, at + 2 + unhashed),
    more,
    body.subarray(at + 2 + unhashed),
  ]);
  return Buffer.concat([Buffer.from([0x88, out.length]), out]);
}

/** Signs with gpg itself, as it is told to. */
function byGpg({ people }: Scene, who: readonly PersonName[], ...options: string[]): (payload: string) => string {
  const { gpg } = tempGnupg();
  for (const name of who) gpg(['--import'], people[name].armoredPrivate);
  const users = who.flatMap((name) => ['--local-user', people[name].publicKey.key.replace('openpgp:', '')]);
  return (payload) => gpg([...options, ...users, '--armor', '--detach-sign'], payload);
}

interface Insider {
  readonly id: string;
  readonly attack: string;
  readonly plainGit: string;
  readonly product: string;
  readonly by?: PersonName;
  readonly set?: string;
  readonly change?: (payload: string, scene: Scene) => string;
  readonly sign?: (scene: Scene) => (payload: string) => string | Promise<string>;
  readonly checks: readonly string[];
  readonly says: RegExp;
  /** Undefined: the log is as it should be. */
  readonly log?: RegExp;
  readonly goodForGit?: boolean;
  readonly rollbackSays?: RegExp;
  readonly rollbackCode?: number;
  readonly backup?: boolean;
  readonly also?: (scene: Scene, ref: string) => void;
}

/** Somebody of the policy makes a tag that is wrong, signs it, and tells the log of it. */
const insider = (made: Insider): Attack => ({
  id: made.id,
  class: 'tags',
  attack: made.attack,
  plainGit: made.plainGit,
  product: made.product,
  run: async (scene) => {
    const { by = 'ben', change, sign } = made;
    const snapshot = await forgeSnapshot(scene, {
      by: scene.people[by],
      ...(made.set === undefined ? {} : { set: made.set }),
      ...(change === undefined ? {} : { change: (payload) => change(payload, scene) }),
      ...(sign === undefined ? {} : { sign: sign(scene) }),
    });
    if (made.goodForGit ?? true) expectGoodForGit(scene, snapshot.ref);
    else expectBadForGit(scene, snapshot.ref);
    made.also?.(scene, snapshot.ref);
    const everything = made.log === undefined ? {} : { [nameOf(scene.good)]: ['log'], [nameOf(scene.other)]: ['log'] };
    await expectRefusal(scene, {
      snapshot,
      verify: { [nameOf(snapshot)]: made.checks, ...everything },
      says: made.says,
      log: made.log,
      ...(made.rollbackSays === undefined ? {} : { rollbackSays: made.rollbackSays }),
      ...(made.rollbackCode === undefined ? {} : { rollbackCode: made.rollbackCode }),
      ...(made.backup === undefined ? {} : { backup: made.backup }),
      ...(made.log === undefined ? {} : { create: 6 }),
    });
  },
});

const INSIDER: readonly Attack[] = [
  insider({
    id: 'unknown-header',
    attack: 'A signed tag with a header more',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`format`)',
    change: (payload) => payload.replace('\n\n', '\nencoding latin1\n\n'),
    checks: ['format'],
    says: /headers that are not allowed/,
  }),
  insider({
    id: 'doubled-header',
    attack: 'A signed tag with two `object` headers',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`format`)',
    change: (payload, { other }) => `object ${other.tree}\n${payload}`,
    checks: ['format'],
    says: /headers that are not allowed/,
    goodForGit: true,
  }),
  insider({
    id: 'signature-over-a-signature',
    attack: 'A tag signed by one person, and that as a whole by another',
    plainGit: '`verify-tag` is happy, and names the second: the last armor wins',
    product: 'refuses: exactly one signature (`format`)',
    sign:
      ({ people }) =>
      async (payload) => {
        const first = await people.eve.sign(payload);
        return first + (await people.ben.sign(payload + first));
      },
    checks: ['format'],
    says: /more than one signature/,
  }),
  insider({
    id: 'two-signatures-in-one-armor',
    attack: 'Two signatures in one armor',
    plainGit: '`gpg --verify` is happy; `verify-tag` says no',
    goodForGit: false,
    product: 'refuses: exactly one signature (`signature`)',
    sign: (scene) => byGpg(scene, ['ben', 'ada']),
    checks: ['signature'],
    says: /signature: /,
  }),
  insider({
    id: 'sha-1-signature',
    attack: 'A signature over a SHA-1 digest',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: too weak (`signature`)',
    sign: (scene) => byGpg(scene, ['ben'], '--digest-algo', 'SHA1'),
    checks: ['signature'],
    says: /the hash algorithm SHA-?1 is too weak/i,
  }),
  insider({
    id: 'text-signature',
    attack: 'A signature over text, which any line endings fit',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: not over these bytes (`signature`)',
    sign: (scene) => byGpg(scene, ['ben'], '--textmode'),
    checks: ['signature'],
    says: /the signature is not one over binary data/,
  }),
  insider({
    id: 'ssh-namespace',
    attack: 'An SSH signature by a listed key, made for another namespace (`file`)',
    plainGit: '`verify-tag` says no; `ssh-keygen -Y verify -n file` is happy',
    product: 'refuses: not made for git (`signature`)',
    sign:
      ({ ssh }) =>
      (payload) =>
        execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', ssh.file, '-n', 'file'], {
          input: Buffer.from(payload, 'latin1'),
          stdio: ['pipe', 'pipe', 'ignore'],
        }).toString('latin1'),
    goodForGit: false,
    checks: ['signature'],
    says: /made for 'file', and not for git/,
  }),
  insider({
    id: 'in-the-policy-without-a-role',
    attack: 'Signed, and told to the log, by somebody who is in the policy and has no role',
    plainGit: '`verify-tag` is happy',
    product: 'refuses the snapshot and the event (`signature`, `log`): nobody may, unless it is said',
    by: 'dan',
    checks: ['log', 'signature'],
    says: /dan \(openpgp:[0-9A-F]{40}\) does not have the role 'snapshotter'/,
    log: /^role: event 5: dan .* does not have the role 'snapshotter' for the set 'artifacts'; version 2 gives it to ada, ben, sue$/m,
  }),
  insider({
    id: 'other-set',
    attack: 'Signed by a snapshotter of another set',
    plainGit: '`verify-tag` is happy',
    product: 'refuses the snapshot and the event (`signature`, `log`)',
    by: 'cy',
    checks: ['log', 'signature'],
    says: /cy \(openpgp:[0-9A-F]{40}\) does not have the role 'snapshotter'/,
    log: /^role: event 5: cy .* for the set 'artifacts'/m,
  }),
  insider({
    id: 'set-with-people-of-its-own',
    attack: 'A snapshotter of all sets takes one of a set that has snapshotters of its own',
    plainGit: '`verify-tag` is happy',
    product: 'refuses the snapshot and the event (`signature`, `log`)',
    by: 'ben',
    set: 'models',
    checks: ['log', 'signature'],
    says: /ben \(openpgp:[0-9A-F]{40}\) does not have the role 'snapshotter'.* gives it to cy/,
    log: /^role: event 5: ben .* for the set 'models'/m,
  }),
  insider({
    id: 'unknown-set',
    attack: 'A snapshot of a set that the policy does not have',
    plainGit: '`verify-tag` is happy',
    product: 'refuses the snapshot and the event (`set`, `log`)',
    set: 'extra',
    checks: ['log', 'set'],
    says: /the policy has no set 'extra'/,
    log: /^set: event 5: the policy has no set 'extra'/m,
    rollbackSays: /no set 'extra'/,
    rollbackCode: 4,
  }),
  insider({
    id: 'older-policy-named',
    attack: 'A tag that says that it was taken under version 1 of the policy',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: another version was in force (`policy`)',
    change: (payload) => payload.replace(/^Policy: 2 /m, 'Policy: 1 '),
    checks: ['policy'],
    says: /taken under version 1 .*, in force was version 2/,
  }),
  insider({
    id: 'nested-tag',
    attack: 'A signed tag of a tag that nobody signed',
    plainGit: '`verify-tag` is happy; checkout and archive write what the inner one names',
    product: 'refuses: a snapshot is a tag of a tree (`format`)',
    change: (payload, { repo }) => {
      const tree = treeOf(repo, [['100644', 'evil', store(repo, 'blob', 'evil\n')]]);
      const inner = store(repo, 'tag', `object ${tree}\ntype tree\ntag x\ntagger x <x> 1 +0000\n\nx\n`);
      return payload.replace(/^object .*\ntype tree$/m, `object ${inner}\ntype tag`);
    },
    checks: ['format'],
    says: /the tag is not of a tree/,
    also: ({ repo }, ref) => expect(repo.git('ls-tree', '--name-only', ref)).toBe('evil'),
  }),
  insider({
    id: 'lying-type',
    attack: 'A signed tag that says `type tree` of a blob',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`tree`)',
    change: (payload, { repo }) => payload.replace(/^object .*$/m, `object ${store(repo, 'blob', 'x')}`),
    checks: ['tree'],
    says: /is a blob, not a tree/,
  }),
  insider({
    id: 'missing-tree',
    attack: 'A signed tag of a tree that is not there',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`tree`)',
    change: (payload) => payload.replace(/^object .*$/m, `object ${'12'.repeat(20)}`),
    checks: ['tree'],
    says: /object (?:12){20} is not in this repository/,
    rollbackCode: 4,
  }),
  insider({
    id: 'wrong-manifest',
    attack: 'A signed tag whose manifest is not that of its tree',
    plainGit: 'knows no manifest: `verify-tag` is happy',
    product: 'refuses (`manifest`)',
    change: (payload, { other, repo }) =>
      payload.replace(/^object .*$/m, `object ${repo.git('rev-parse', `${other.ref}^{tree}`)}`),
    checks: ['manifest'],
    says: /the content gives sha256:[0-9a-f]{64}/,
    rollbackSays: /manifest/,
    backup: true,
  }),
  insider({
    id: 'nul-in-the-message',
    attack: 'A NUL in a signed message',
    plainGit: '`verify-tag` is happy, and the message is cut there when it is shown',
    product: 'refuses (`format`)',
    change: (payload) => payload.replace('\n\ngood\n', '\n\ngo\0od\n'),
    checks: ['format'],
    says: /the message /,
  }),
  insider({
    id: 'control-and-bidi-in-the-message',
    attack: 'Escape sequences and bidi marks in a signed message',
    plainGit: '`verify-tag` is happy; `cat-file` prints them to the terminal',
    product: 'refuses (`format`), and prints nothing of that kind',
    change: (payload) => payload.replace('\n\ngood\n', `\n\n\x1b[2Jgo${Buffer.from('\u202e').toString('latin1')}od\n`),
    checks: ['format'],
    says: /^[\n -~]*the message [\n -~]*$/,
  }),
  insider({
    id: 'not-utf-8',
    attack: 'A signed message that is not UTF-8',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`format`)',
    change: (payload) => payload.replace('\n\ngood\n', '\n\ng\xffod\n'),
    checks: ['format'],
    says: /the tag is not UTF-8/,
  }),
  insider({
    id: 'unknown-trailer',
    attack: 'A signed trailer that we do not know',
    plainGit: 'knows no trailers',
    product: 'refuses (`format`)',
    change: (payload) => payload.replace('Audit:', 'Approved-By: everybody\nAudit:'),
    checks: ['format'],
    says: /trailer/,
  }),
];

export const TAG_ATTACKS: readonly Attack[] = [
  ...OUTSIDER,
  ...INSIDER,
  {
    id: 'allowed-signers-of-the-repository',
    class: 'tags',
    attack: 'An SSH signature by a stranger, and an allowed-signers file in the repository that lists the key',
    plainGit: '`verify-tag` is happy: the repository’s configuration names the file',
    product: 'refuses: trust comes from the policy, and the pin is outside the repository (`signature`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const dir = tempDir();
      tryRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(dir, 'key')], { cwd: dir });
      const { payload } = splitTag(body(repo, 'tag', good.tag));
      const sign = (text: string) =>
        execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', join(dir, 'key'), '-n', 'git'], {
          input: Buffer.from(text, 'latin1'),
          stdio: ['pipe', 'pipe', 'ignore'],
        }).toString('latin1');
      const tag = putTag(repo, good, payload + sign(payload));
      writeFileSync(join(repo.dir, 'allowed'), `* ${execFileSync('cat', [join(dir, 'key.pub')]).toString()}`);
      repo.git('config', 'gpg.ssh.allowedSignersFile', 'allowed');
      expect(tryRun('git', ['verify-tag', tag], { cwd: repo.dir }).code).toBe(0);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log', 'signature'] },
        says: /the key ssh:[0-9a-f]{64} is not in the policy/,
        log: /and it is at/,
      });
    },
  },
  {
    id: 'event-by-another',
    class: 'tags',
    attack: 'A tag by one snapshotter, told to the log by another',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: the one who signs the tag tells of it (`log`)',
    run: async (scene) => {
      const { ben, ada } = scene.people;
      const snapshot = await forgeSnapshot(scene, { by: ben, sign: ada.sign });
      expectGoodForGit(scene, snapshot.ref);
      await expectRefusal(scene, {
        snapshot,
        verify: { [nameOf(snapshot)]: ['log'] },
        says: /event 5 is by openpgp:[0-9A-F]{40}, the tag by/,
      });
    },
  },
  {
    id: 'unlogged',
    class: 'tags',
    attack: 'A good tag by a snapshotter that the log does not know',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: no event tells of it (`log`)',
    run: async (scene) => {
      const snapshot = await forgeSnapshot(scene, { by: scene.people.ben, unlogged: true });
      expectGoodForGit(scene, snapshot.ref);
      await expectRefusal(scene, {
        snapshot,
        verify: { [nameOf(snapshot)]: ['log'] },
        says: /no event tells of the payload sha256:/,
        log: /has no event in the log/,
      });
    },
  },
];
