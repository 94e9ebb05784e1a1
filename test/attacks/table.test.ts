import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONFIGURATION_ATTACKS } from './configuration.ts';
import { CONTENT_ATTACKS } from './content.ts';
import { LOG_ATTACKS } from './log.ts';
import { POLICY_ATTACKS } from './policy.ts';
import { PROMOTION_ATTACKS } from './promotions.ts';
import { REF_ATTACKS } from './refs.ts';
import { RETENTION_ATTACKS } from './retention.ts';
import { HOLD_ATTACKS } from './rollback-holds.ts';
import { ATTACK_CLASSES, type AttackClass } from './support/attack.ts';
import { TAG_ATTACKS } from './tags.ts';

const ATTACKS = [
  ...REF_ATTACKS,
  ...TAG_ATTACKS,
  ...POLICY_ATTACKS,
  ...PROMOTION_ATTACKS,
  ...HOLD_ATTACKS,
  ...RETENTION_ATTACKS,
  ...LOG_ATTACKS,
  ...CONTENT_ATTACKS,
  ...CONFIGURATION_ATTACKS,
];
const BEGIN = '<!-- The tables are written by test/attacks/table.test.ts -->\n';
const END = '<!-- End of the tables -->\n';

function tables(): string {
  return Object.entries(ATTACK_CLASSES)
    .map(([name, title]) => `### ${title}\n\n${tableOf(name as AttackClass)}`)
    .join('\n');
}

function tableOf(name: AttackClass): string {
  const rows = ATTACKS.filter((attack) => attack.class === name).map(({ attack, plainGit, product }) =>
    [attack, plainGit, product].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
  );
  return ['attack | plain git | git snapshot', '---|---|---', ...rows].map((row) => `| ${row} |\n`).join('');
}

// Update with: npx vitest run test/attacks/table.test.ts -u
test('docs/security.md has a row of each attack', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const [before = '', rest = ''] = text.split(BEGIN);
  const [, after = ''] = rest.split(END);
  await expect(`${before}${BEGIN}\n${tables()}\n${END}${after}`).toMatchFileSnapshot('../../docs/security.md');
});

test('each attack has a name of its own, and is told of in one line', () => {
  expect(new Set(ATTACKS.map(({ id }) => id)).size).toBe(ATTACKS.length);
  for (const { attack, plainGit, product } of ATTACKS) {
    for (const line of [attack, plainGit, product]) expect(line).toMatch(/^\S[^\n]*\S$/);
  }
});
