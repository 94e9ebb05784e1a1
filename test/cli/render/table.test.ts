import { expect, test } from 'vitest';
import { type Column, renderTable } from '../../../src/cli/render/table.ts';
import { PLAIN } from '../../../src/cli/terminal/output.ts';

interface Row {
  readonly name: string;
  readonly count: number;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'COUNT', align: 'right', spare: true, text: ({ count }) => String(count) },
  { title: 'SIZE', align: 'right', spare: true, text: ({ count }) => `${count} KiB` },
  { title: 'NOTE', text: ({ note }) => note },
];
const ROWS: readonly Row[] = [
  { name: 'one', count: 7, note: 'a note of some length' },
  { name: 'zwölf', count: 1200, note: '短い' },
];

const at = (widthCells: number | undefined) => renderTable({ ...PLAIN, widthCells }, COLUMNS, ROWS);

test('a table is whole where it is not on a terminal, or fits', () => {
  const whole = [
    'NAME   COUNT      SIZE  NOTE',
    'one        7     7 KiB  a note of some length',
    'zwölf   1200  1200 KiB  短い',
  ];
  expect(at(undefined)).toEqual(whole);
  expect(at(45)).toEqual(whole);
});

test('the last column is cut at the edge where nothing more can be spared', () => {
  expect(at(26)[1]).toBe('one    a note of some len…');
  expect(at(26)[1]).toHaveLength(26);
});

test('what can be spared goes before the last column is too short to be read, the last of it first', () => {
  expect(at(35)).toEqual(['NAME   COUNT  NOTE', 'one        7  a note of some length', 'zwölf   1200  短い']);
  expect(at(25)).toEqual(['NAME   NOTE', 'one    a note of some le…', 'zwölf  短い']);
  expect(at(10)).toEqual(['NAME   NOTE', 'one    a note of s…', 'zwölf  短い']);
});
