import { expect, test } from 'vitest';
import { commandHelp, overview } from '../../../src/cli/parse/help.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';

const WIDTHS = [44, 60, 80, 100];

test.each(WIDTHS)(
  'at %i cells the list of commands goes on below its text, and never beyond the edge',
  async (cells) => {
    const lines = (await overview(cells)).split('\n');
    expect(lines.filter((line) => line.length > cells)).toEqual([]);
    const list = lines.slice(lines.indexOf('Take:'), lines.indexOf('Options:'));
    const start = list.find((line) => line.startsWith('  create '))?.indexOf('Take') ?? 0;
    for (const line of list) expect(line).toMatch(new RegExp(`^(|[A-Z][a-z ]+:|  [a-z]+ +\\S.*| {${start}}\\S.*)$`));
    // Each command is there whole, however many lines it takes.
    const text = list.join(' ').replace(/ +/g, ' ');
    for (const { name, summary } of COMMAND_SPECS) expect(text).toContain(`${name} ${summary}`);
  },
);

test.each(WIDTHS)(
  'at %i cells no help of a command begins a line that belongs to another at the edge',
  async (cells) => {
    for (const spec of COMMAND_SPECS) {
      const text = await commandHelp(spec, cells);
      const from = text.indexOf('\nArguments:\n');
      if (from === -1) continue;
      const [, ...words] = text.slice(from + 1, text.indexOf('\n\n', from)).split('\n');
      for (const line of words) expect(line, spec.name).toMatch(/^ {2,}\S/);
    }
  },
);
