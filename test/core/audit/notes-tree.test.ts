import { describe, expect, test } from 'vitest';
import { describeEvent } from '../../../src/core/audit/describe-event.ts';
import type { AuditEvent } from '../../../src/core/audit/event.ts';
import { noteItem, noteLine, notePlace, withItems } from '../../../src/core/audit/notes-tree.ts';
import type { ByteString } from '../../../src/core/byte-string.ts';
import { parseTree } from '../../../src/core/git/tree.ts';
import { type ObjectType, type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { runTool } from '../../support/gnupg.ts';
import { tempRepo } from '../../support/temp-repo.ts';

function policyEvent(seq: number, commit: Oid): AuditEvent {
  return {
    format: 1,
    seq,
    at: '2026-11-22T14:30:00Z',
    repository: 'b'.repeat(64),
    actor: 'ada',
    key: `openpgp:${'A'.repeat(40)}`,
    policy: { version: seq, digest: `sha256:${'e'.repeat(64)}` },
    type: 'policy',
    commit,
  };
}

describe.each([SHA1, SHA256])('notes in a repository of $name', (format) => {
  test('are read by git, also when others stand beside them', () => {
    const repo = tempRepo(`--object-format=${format.name}`);
    const write = (type: ObjectType, input: ByteString) =>
      runTool('git', ['-C', repo.dir, 'hash-object', '-w', '-t', type, '--stdin'], { input }).trim() as Oid;
    const objects = Array.from({ length: 40 }, (_, i) => write('blob', `object ${i}`));

    let root: ByteString = '';
    const directories = new Map<string, ByteString>();
    const put = (event: AuditEvent, object: string) => {
      const { directory, name } = notePlace(object);
      const inside = directories.get(directory) ?? '';
      const note = write('blob', noteLine(event, describeEvent(event)));
      const body = withItems(parseTree(inside, format, 'notes'), [noteItem(name, note, 'note')]);
      directories.set(directory, body);
      root = withItems(parseTree(root, format, 'notes'), [noteItem(directory, write('tree', body), 'directory')]);
    };
    for (const [i, object] of objects.entries()) put(policyEvent(i + 1, object), object);
    put(policyEvent(99, objects[3] as Oid), objects[3] as Oid);

    repo.git('update-ref', 'refs/notes/snapshots', repo.git('commit-tree', '-m', 'notes', write('tree', root)));
    for (const [i, object] of objects.entries()) {
      const seq = i === 3 ? 99 : i + 1;
      expect(repo.git('notes', '--ref=snapshots', 'show', object)).toBe(
        `2026-11-22T14:30:00Z #${seq} ada: policy: version ${seq}`,
      );
    }
    const listed = repo.git('notes', '--ref=snapshots', 'list').split('\n');
    expect(listed.map((line) => line.split(' ')[1]).toSorted()).toEqual(objects.toSorted());
    expect(repo.git('fsck', '--strict', '--no-dangling')).toBe('');
    repo.git('notes', '--ref=snapshots', 'append', '-m', 'by hand', objects[0] ?? '');
    expect(repo.git('notes', '--ref=snapshots', 'show', objects[0] ?? '')).toContain('by hand');
  });
});

test('a note is a line, whatever people wrote', () => {
  const event: AuditEvent = {
    ...policyEvent(1, 'f'.repeat(40) as Oid),
    type: 'snapshot',
    set: 'artifacts',
    snapshot: { id: '20261122T143000Z-0123456789ab', tag: 'd'.repeat(40) as Oid, payload: `sha256:${'c'.repeat(64)}` },
    manifest: `sha256:${'a'.repeat(64)}`,
    subject: 'ä\n\x1b[2J',
  } as AuditEvent;
  expect(noteLine(event, describeEvent(event))).toBe(
    '2026-11-22T14:30:00Z #1 ada: snapshot: artifacts/20261122T143000Z-0123456789ab: \xc3\xa4\\u{a}\\u{1b}[2J\n',
  );
});
