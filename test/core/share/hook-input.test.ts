import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GOVERNED_REFS } from '../../../src/core/refs.ts';
import { GOVERNED_ROOTS, governedRoot } from '../../../src/core/share/governed-refs.ts';
import { parsePushed, parseReceived, parseTransaction } from '../../../src/core/share/hook-input.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(64);
const ZERO = '0'.repeat(40);

describe('what git tells hooks', () => {
  test('is read', () => {
    expect(parseReceived(`${ZERO} ${A} refs/x\n${A} ${ZERO} refs/y`)).toEqual([
      { from: null, to: A, ref: 'refs/x' },
      { from: A, to: null, ref: 'refs/y' },
    ]);
    expect(parsePushed(`:/fix refs/x bug ${A} refs/x\u00e9 ${ZERO}\n(delete) ${ZERO} refs/y ${A}\n`)).toEqual([
      { localRef: ':/fix refs/x bug', localOid: A, remoteRef: 'refs/x\u00e9', remoteOid: null },
      { localRef: '(delete)', localOid: null, remoteRef: 'refs/y', remoteOid: A },
    ]);
    expect(parseTransaction(`${ZERO} ${B} HEAD\nref:refs/heads/a ref:refs/heads/b HEAD\n`)).toEqual([
      { old: ZERO, new: B, ref: 'HEAD' },
      { old: 'ref:refs/heads/a', new: 'ref:refs/heads/b', ref: 'HEAD' },
    ]);
    for (const parse of [parseReceived, parsePushed, parseTransaction]) expect(parse('')).toEqual([]);
  });

  test.each([
    `${A} ${A}`,
    `${A} ${A} `,
    `${A}  ${A} refs/x`,
    `${A.slice(1)} ${A} refs/x`,
    'x',
    '\n',
    `${A} ${A} refs/x y`,
  ])('is refused where it is anything else: %j', (line) => {
    for (const parse of [parseReceived, parsePushed, parseTransaction]) {
      expect(() => parse(`${line}\n`)).toThrow(expect.objectContaining({ kind: 'untrusted' }));
    }
  });

  test('any name of a ref comes through', () => {
    const ref = fc.stringMatching(/^refs\/[^\s\0]{1,40}$/);
    fc.assert(
      fc.property(fc.array(ref), (refs) => {
        const lines = refs.map((name) => `${A} ${ZERO} ${name}\n`).join('');
        expect(parseReceived(lines).map((update) => update.ref)).toEqual(refs);
      }),
    );
  });
});

test('a ref is governed by whole parts of its name', () => {
  for (const ref of ['refs/snapshots', 'refs/snapshots/a/b', 'refs/notes/snapshots', 'refs/tags/promotions/x'])
    expect(governedRoot(ref)).toBeDefined();
  for (const ref of [
    'refs/snapshots-2/a',
    'refs/notes/snapshots2',
    'refs/tags/promotions-x',
    'refs/heads/refs/snapshots/a',
  ])
    expect(governedRoot(ref)).toBeUndefined();
});

test('the roots are those of what the log and the policy govern', () => {
  expect([...GOVERNED_ROOTS].sort()).toEqual(GOVERNED_REFS.map((ref) => ref.replace(/\/$/, '')).sort());
});
