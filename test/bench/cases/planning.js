// Planning what to keep.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../compare.js';
import { pruneArgv } from '../ours.js';

const TEN_YEARS_SEC = 10 * 365 * 86_400;
const NOW = '2026-11-22T12:00:00Z';
const RULES = {
  'the last 20': ['--keep-last', '20'],
  'hourly to yearly': 'last 20 hourly 48 daily 14 weekly 8 monthly 24 yearly unlimited'
    .split(' ')
    .map((word, i) => (i % 2 === 0 ? `--keep-${word}` : word)),
  'every window': ['', '-hourly', '-daily', '-weekly', '-monthly', '-yearly'].flatMap((rule) => [
    `--keep-within${rule}`,
    '1y2m3d4h',
  ]),
};

/** By several sets of rules, in a zone whose clocks are changed, against only reading the same file. */
export async function planMany(bench) {
  const count = bench.scale === 'full' ? 100_000 : 1000;
  const file = join(bench.lab.directory('planning'), 'snapshots.json');
  const nowSec = Date.parse(NOW) / 1000;
  const snapshots = Array.from({ length: count }, (_, i) => ({
    id: `s${i}`,
    time: new Date((nowSec - Math.floor((i * TEN_YEARS_SEC) / count)) * 1000).toISOString(),
  }));
  writeFileSync(file, JSON.stringify(snapshots));
  const rows = [];
  for (const [name, words] of Object.entries(RULES)) {
    const argv = [...pruneArgv, '--simulate', file, '--now', NOW, '--timezone', 'Europe/Vienna', '--json', ...words];
    const read = 'process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(process.argv[1], "utf8"))))';
    rows.push(
      ...(await compare(bench.lab, {
        ...bench,
        name: `plan over ${count.toLocaleString('en')}: ${name}`,
        contenders: [
          { tool: 'ours', command: { argv } },
          { tool: 'node, reading and printing them', command: { argv: [process.execPath, '-e', read, file] } },
        ],
      })),
    );
  }
  return rows;
}
