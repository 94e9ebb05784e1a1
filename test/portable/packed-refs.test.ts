import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedError } from '../../src/core/errors.ts';
import { SHA1, SHA256 } from '../../src/core/oid.ts';
import { parsePackedRefs } from '../../src/portable/packed-refs.ts';
import { bytes, fuzzRuns, mutated, oid } from '../core/arbitraries.ts';

const HEADER = '# pack-refs with: peeled fully-peeled sorted \n';

test.each([SHA1, SHA256])('packed refs of $name are refused, or every line of them is accounted for', (format) => {
  const names = fc.uniqueArray(
    fc.constantFrom('refs/heads/a', 'refs/snapshots/a/b', 'refs/notes/snapshots', 'refs/\xff'),
    { maxLength: 4 },
  );
  const file = fc.tuple(names, oid(format), fc.boolean()).map(
    ([list, target, peeled]) =>
      HEADER +
      list
        .sort()
        .map((name) => `${target} ${name}\n${peeled ? `^${target}\n` : ''}`)
        .join(''),
  );
  fc.assert(
    fc.property(fc.oneof(bytes({ maxLength: 120 }), file, file.chain(mutated)), (text) => {
      try {
        const refs = parsePackedRefs(text, format);
        const lines = text
          .split('\n')
          .filter((line, i) => line !== '' && !line.startsWith('^') && !(i === 0 && line.startsWith('#')));
        expect([...refs].map(([name, target]) => `${target} ${name}`)).toEqual(lines);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
      }
    }),
    fuzzRuns(1000),
  );
});
