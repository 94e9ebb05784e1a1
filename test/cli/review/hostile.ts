import { deflateSync } from 'node:zlib';
import type { Files } from './scene.ts';

/** What must not take effect anywhere: markup, mentions, addresses, escape sequences, bidirectional formatting. */
export const HOSTILE_TEXT = [
  '<script>document.title = "owned"</script>',
  '<img src=x onerror=alert(1)>',
  '</code></pre></details><h1>owned</h1>',
  '[click](javascript:alert(1)) ![x](https://evil.example/x.png)',
  '@octocat #1 GH-1 octo/repo#2 https://evil.example www.evil.example owner@evil.example',
  '``` ` ~~~ ```````',
  '| a | b |',
  '&lt;b&gt; &#64;octocat \\`not code\\`',
  'user \u202e\u2066// admin\u2069 \u200b',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u009b2J',
].join('\n');

const HOSTILE_NAMES = [
  '<script>alert(1)<',
  ']( javascript:alert(1))',
  '``` `x` .md',
  '@octocat #1 | x |',
  'bidi\u202etxt.exe',
  'esc\u001b[31m\u009b.txt',
  'line\nfeed\r\ttab',
  '"quoted" \'and\' &amp;',
  '</summary></details>',
];

/** The first state of a hostile directory, and the second. */
export function hostileFiles(): [Files, Files] {
  const names: (string | Buffer)[] = [
    ...HOSTILE_NAMES.map((name) => name.replaceAll('/', '\u2215')),
    Buffer.from([0x66, 0xff, 0xfe]),
  ];
  const long = 'x'.repeat(1 << 19);
  const before = new Map<string | Buffer, string | Buffer>([
    [
      'prompts/system.md',
      '# System prompt\n\nYou are a helpful assistant.\nAnswer in at most three sentences.\nNever guess.\n',
    ],
    ['config/model.json', `${JSON.stringify({ temperature: 0.7, max_tokens: 1024, stop: ['END'] }, null, 2)}\n`],
    ['images/plot.png', png(120, 80, [200, 60, 60])],
    ['images/icon.svg', svg('tomato')],
    ['model.bin', Buffer.alloc(3000, 1)],
    ['gone.txt', 'this goes away\n'],
    ['long.txt', `${long}1\n${long}2\nshort\n`],
    ['latin1.txt', Buffer.from('caf\xe9 one\n', 'latin1')],
    ['text.md', 'harmless\n'],
  ]);
  const after = new Map<string | Buffer, string | Buffer | undefined>([
    [
      'prompts/system.md',
      '# System prompt\n\nYou are a careful assistant.\nAnswer in at most five short sentences.\nNever guess.\nSay so when you do not know.\n',
    ],
    ['config/model.json', `${JSON.stringify({ temperature: 0.2, max_tokens: 2048, stop: ['END'] }, null, 2)}\n`],
    ['images/plot.png', png(160, 80, [60, 120, 200])],
    ['images/icon.svg', svg('steelblue')],
    ['model.bin', Buffer.alloc(5000, 2)],
    ['gone.txt', undefined],
    ['new.txt', 'a new file\nof two lines\n'],
    ['long.txt', `${long}1\n${long}3\nshort\n`],
    ['latin1.txt', Buffer.from('caf\xe9 two\n', 'latin1')],
    ['text.md', HOSTILE_TEXT],
    ['nul.bin', 'text\0<script>alert(1)</script>'],
    ...names.map((name) => [name, `${HOSTILE_TEXT}\n`] as const),
  ]);
  return [before, after];
}

function svg(colour: string): string {
  const script = '<script>document.title = "owned"; alert(1)</script><image href="https://evil.example/x.png"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" onload="alert(1)">${script}<circle cx="45" cy="30" r="25" fill="${colour}"/></svg>\n`;
}

/** An image of one colour. */
export function png(width: number, height: number, rgb: readonly [number, number, number]): Buffer {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(rgb))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunks = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, sum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
