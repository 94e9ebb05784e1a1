import { expect, test } from 'vitest';
import { remoteFailure } from '../../../src/git/remote/remote-failure.ts';

const failed = (own: readonly string[], said: readonly string[] = []) =>
  remoteFailure(
    { code: 128, stdout: Buffer.alloc(0), words: { own: [...own], said: [...said] } },
    { remote: 'origin', action: 'fetch', isNamed: true },
  );

test.each([
  ['a full disk', ['fatal: write error: No space left on device', 'fatal: index-pack failed']],
  [
    'a pack that cannot be made',
    ['error: unable to create temporary file: Permission denied', 'fatal: index-pack failed'],
  ],
  ['a ref that cannot be moved', ["error: cannot update ref 'refs/x': couldn't set 'refs/x'"]],
])('%s here is no fault of the remote', (_, own) => {
  const { kind, message, hint } = failed(own);
  expect([kind, message]).toEqual(['git', expect.stringContaining('cannot fetch: git could not write here: ')]);
  expect(hint).toContain('Is the disk full');
});

test('a full disk there, and damaged objects, are no fault of this side', () => {
  expect(failed(['fatal: the remote end hung up unexpectedly'], ['fatal: No space left on device'])).toMatchObject({
    message: expect.stringContaining("'origin' cannot be reached"),
  });
  expect(failed(['error: object 1234: badTree: broken', 'fatal: index-pack failed'])).toMatchObject({
    kind: 'untrusted',
  });
});

test('a lock that another git holds here is named', () => {
  const lock = '/repo/.git/refs/x.lock';
  const { kind, message } = failed([`error: cannot lock ref 'refs/x': Unable to create '${lock}': File exists.`]);
  expect([kind, message]).toEqual(['conflict', expect.stringContaining(lock)]);
});

test('whatever else git says has a hint, too', () => {
  for (const line of ['fatal: something new', "error: cannot lock ref 'refs/x': is at 1111 but expected 2222"])
    expect(failed([line])).toMatchObject({ kind: 'git', hint: expect.stringContaining('git says') });
});
