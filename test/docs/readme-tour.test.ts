import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** Every command of the blocks that show a terminal, with what it printed. */
function shownCommands(): Shown[] {
  const blocks = [...README.matchAll(/^```console\n(.*?)^```/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() };
      }),
  );
}

/** What no two runs have alike. Ids keep the part that is the digest of the content. */
function withoutChance(text: string, home: string): string {
  return text
    .replaceAll(join(home, '.config'), '~/.config')
    .replace(/\d{8}T\d{6}Z-/g, 'TIME-')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'MINUTE')
    .replace(/\((\d+ ms|[\d.]+ s)\)/g, '(DURATION)')
    .replace(/[0-9A-F]{40}/g, 'KEY')
    .replace(/[0-9a-f]{64}/g, 'DIGEST')
    .trimEnd();
}

test('the two minutes of the README go as it shows them', async () => {
  const { dir } = tempRepo();
  const home = tempDir();
  const at = (path: string) => join(dir, 'artifacts', path);
  for (const name of ['models', 'prompts', 'schemas', 'cache']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('models/ranker-v7.onnx'), Buffer.alloc(256 * 1024, 7));
  symlinkSync('ranker-v7.onnx', at('models/current'));
  writeFileSync(at('prompts/summary.txt'), 'Summarize the text in three sentences.\r\n');
  writeFileSync(at('schemas/order.json'), '{ "type": "object" }\n');
  writeFileSync(at('token'), 'not-a-real-secret\n', { mode: 0o600 });
  const upgrade = () => {
    for (const name of ['schemas', 'cache', 'models/current']) rmSync(at(name), { recursive: true });
    writeFileSync(at('prompts/summary.txt'), 'oops\n');
    writeFileSync(at('models/current'), 'junk\n');
    chmodSync(at('token'), 0o644);
  };

  const { bin } = await programs();
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    PATH: [bin, process.env['PATH']].join(delimiter),
  };
  const shown = shownCommands();
  expect(shown.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'git snapshot init',
    'git snapshot -m',
    'git snapshot status',
    'git rollback --yes',
    'git snapshot log',
  ]);
  for (const { command, output } of shown) {
    if (command.startsWith('git snapshot status')) upgrade();
    const { stdout } = spawnSync('sh', ['-c', `exec 2>&1; ${command}`], { cwd: dir, env, encoding: 'utf8' });
    expect(withoutChance(stdout, home)).toBe(withoutChance(output, home));
  }
});
