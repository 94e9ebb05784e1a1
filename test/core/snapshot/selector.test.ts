import { describe, expect, test } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { parseSelector } from '../../../src/core/snapshot/selector.ts';

const ID = '20261122T143000Z-0123456789ab';

describe('parseSelector', () => {
  test.each([
    ['latest', { set: undefined, by: 'latest', back: 0 }],
    ['latest~2', { set: undefined, by: 'latest', back: 2 }],
    ['current', { set: undefined, by: 'current' }],
    ['models/current', { set: 'models', by: 'current' }],
    ['models/latest~0', { set: 'models', by: 'latest', back: 0 }],
    [ID, { set: undefined, by: 'id', prefix: ID }],
    ['2', { set: undefined, by: 'id', prefix: '2' }],
    [`models/${ID}`, { set: 'models', by: 'id', prefix: ID }],
    [`refs/snapshots/models/${ID}`, { set: 'models', by: 'id', prefix: ID }],
    ['sha256:01ab', { set: undefined, by: 'manifest', prefix: '01ab' }],
    ['a.b/sha256:01ab', { set: 'a.b', by: 'manifest', prefix: '01ab' }],
    ['label:team/x=a=b c/d', { set: undefined, by: 'label', key: 'team/x', value: 'a=b c/d' }],
    ['models/label:a=b', { set: 'models', by: 'label', key: 'a', value: 'b' }],
    ['@production', { set: undefined, by: 'environment', environment: 'production', back: 0 }],
    ['models/@production~1', { set: 'models', by: 'environment', environment: 'production', back: 1 }],
  ])('reads %j', (text, selector) => expect(parseSelector(text)).toEqual(selector));

  test.each([
    ...[
      '',
      '/',
      '/latest',
      'models/',
      'latest~',
      'latest~-1',
      'latest~1.5',
      'latest~9999999',
      'latest^',
      'Latest',
      'late',
      'current~1',
      'currently',
    ],
    ...[
      'sha256:',
      'sha256:abc',
      `sha256:${'a'.repeat(65)}`,
      'sha256:ABCD',
      'sha1:abcd',
      'label:',
      'label:a',
      'label:=b',
      'label:a=',
    ],
    ...[
      '@',
      '@Production',
      '@a..b',
      '@a~',
      '@a~b',
      'a/b/latest',
      'A/latest',
      '../latest',
      '-/latest',
      `${ID}0`,
      '2g',
      'x2',
      '2\n',
    ],
    ...['--help', '$(id)', 'HEAD', 'refs/heads/main', 'refs/snapshots/latest/', 'latest\n', '\x1b[2J', 'label:a=b\nc'],
  ])('refuses %j', (text) => {
    expect(() => parseSelector(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => parseSelector(text)).toThrow(SnapshotError);
  });
});
