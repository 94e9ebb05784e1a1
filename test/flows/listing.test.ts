import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mintInto } from '../bench/minting/mint-into.ts';
import { around } from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/** More than are read each time. */
const COUNT = 80;

async function minted() {
  const [{ dir, git }, config] = [tempRepo(), tempDir()];
  await mintInto({ directory: dir, count: COUNT, env: { ...process.env, XDG_CONFIG_HOME: config } });
  const repo = around({ dir, git }, { XDG_CONFIG_HOME: config });
  mkdirSync(repo.root, { recursive: true });
  const file = (name: string) => join(dir, '.git/snapshot', `${name}-sha1.txt`);
  return {
    repo,
    file,
    remembered: (name: string) => readFileSync(file(name), 'utf8').split('\n').length - 2,
    messages: async (...words: string[]) => {
      const table = await repo.ok('snapshot', 'list', ...words);
      return table
        .split('\n')
        .slice(1, -1)
        .map((line) => /number \d+|new|edited/.exec(line)?.[0]);
    },
    take: (content: string) => {
      writeFileSync(join(repo.root, 'one'), content);
      return repo.take('-m', 'new');
    },
  };
}

const numbers = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => `number ${from - i}`);

describe('a list of many snapshots', () => {
  test('is remembered, in a table and as a document, each by itself', async () => {
    const { repo, file, messages, remembered } = await minted();
    expect(await messages()).toEqual(numbers(COUNT - 1, 0));
    expect(remembered('listing')).toBe(COUNT);
    const documents = await repo.json<{ message: string }[]>('snapshot', 'list');
    expect(documents.map(({ message }) => message)).toEqual(numbers(COUNT - 1, 0));
    expect(remembered('listing-whole')).toBe(COUNT);
    expect(await repo.json('snapshot', 'list')).toEqual(documents);
    // It is what was remembered that is shown.
    writeFileSync(file('listing'), readFileSync(file('listing'), 'utf8').replace('number 7\n', 'edited\n'));
    expect(await messages()).toContain('edited');
    expect(await messages('-n', '3')).toEqual(numbers(COUNT - 1, COUNT - 3));
  });

  test('has what is new first, and no more what is gone', async () => {
    const { repo, messages, remembered, take } = await minted();
    await messages();
    const { id } = await take('1');
    expect(await messages('-n', '2')).toEqual(['new', `number ${COUNT - 1}`]);
    expect(await messages()).toHaveLength(COUNT + 1);
    expect(remembered('listing')).toBe(COUNT + 1);
    const ids = (await repo.ok('snapshot', 'list', '-q')).split('\n');
    expect(ids[0]).toBe(id);
    for (const one of ids.slice(10, 30)) repo.git('update-ref', '-d', `refs/snapshots/artifacts/${one}`);
    expect(await messages()).toHaveLength(COUNT - 19);
    await take('2');
    expect(await messages('--set', 'artifacts')).toHaveLength(COUNT - 18);
    // What is not of that set may still be there; a list of all tells.
    expect(remembered('listing')).toBe(COUNT + 2);
    await take('3');
    expect(await messages()).toHaveLength(COUNT - 17);
    expect(remembered('listing')).toBe(COUNT - 17);
  });

  test('says which of them cannot be read, and lists the others', async () => {
    const { repo } = await minted();
    const odd = 'refs/snapshots/artifacts/20200101T000000Z-0123456789ab';
    repo.git('update-ref', odd, 'refs/notes/snapshots');
    const { stdout, stderr } = await repo.run(['snapshot', 'list']);
    expect(stdout.split('\n')).toHaveLength(COUNT + 2);
    expect(stderr).toBe(`warning: '${odd}' is left out: '${odd}': names a commit, not a tag\n`);
  });
});
