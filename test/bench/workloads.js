// Directories to measure on, the same on every machine and in every run.
import { createCipheriv } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';

const MIB = 1024 * 1024;

/** Sizes in bytes. `large`: every second file cannot be compressed. */
export const WORKLOADS = {
  full: {
    W1: { directories: 100, filesEach: 100, minBytes: 1024, maxBytes: 16 * 1024 },
    W2: { directories: 1000, filesEach: 100, minBytes: 512, maxBytes: 4 * 1024 },
    W3: { directories: 1, filesEach: 40, minBytes: 50 * MIB, maxBytes: 50 * MIB, large: true },
  },
  small: {
    W1: { directories: 10, filesEach: 20, minBytes: 1024, maxBytes: 16 * 1024 },
    W2: { directories: 20, filesEach: 50, minBytes: 512, maxBytes: 4 * 1024 },
    W3: { directories: 1, filesEach: 4, minBytes: 2 * MIB, maxBytes: 2 * MIB, large: true },
  },
};

/** Writes the whole workload into an empty directory. */
export async function writeWorkload(root, workload) {
  const random = randomNumbers(`files ${workload.directories} ${workload.minBytes}`);
  for (let directory = 0; directory < workload.directories; directory++) {
    mkdirSync(join(root, directoryName(directory)), { recursive: true });
    for (let file = 0; file < workload.filesEach; file++) {
      writeFileSync(join(root, fileName(directory, file)), content(random, workload, file));
    }
    // Lets a signal through: all else here is synchronous.
    await breathe();
  }
}

/**
 * Changes one file in a hundred of a pristine or already changed directory: of these eight in ten get other content,
 * one is deleted, one is added. Another `round`, another choice.
 */
export function changeOnePercent(root, workload, round) {
  const random = randomNumbers(`change ${round}`);
  const total = workload.directories * workload.filesEach;
  const count = Math.max(10, Math.round(total / 100));
  const chosen = new Set();
  while (chosen.size < count) chosen.add(below(random, total));
  let nth = 0;
  for (const index of chosen) {
    const directory = Math.floor(index / workload.filesEach);
    const file = index % workload.filesEach;
    const kind = nth++ % 10;
    const path = join(root, kind === 9 ? fileName(directory, file, `-new${round}`) : fileName(directory, file));
    if (kind === 8) rmSync(path, { force: true });
    else writeFileSync(path, content(random, workload, file));
  }
}

function directoryName(directory) {
  return join(`part-${Math.floor(directory / 50)}`, `group-${directory}`);
}

function fileName(directory, file, suffix = '') {
  return join(directoryName(directory), `item-${file}${suffix}.${file % 2 === 0 ? 'json' : 'txt'}`);
}

function content(random, { minBytes, maxBytes, large }, file) {
  const bytes = minBytes + below(random, maxBytes - minBytes + 1);
  if (large && file % 2 === 1) return noise(random, bytes);
  const line = large ? logLine : file % 2 === 0 ? record : sentence;
  const buffer = Buffer.allocUnsafe(bytes);
  for (let used = 0; used < bytes; ) used += buffer.latin1Write(line(random), used);
  return buffer;
}

const NOUNS = (
  'model prompt schema adapter token layer batch sample vector matrix weight bias shard index cache router ' +
  'query answer document chapter order customer invoice ticket region cluster sensor window signal channel'
).split(' ');
const VERBS = 'loads reads writes ranks scores splits joins moves keeps drops sorts checks maps folds sends'.split(' ');

function record(random) {
  const [id, score] = [below(random, 1e9), below(random, 1e6) / 1e4];
  return `{"id":${id},"kind":"${pick(random, NOUNS)}","parent":"${pick(random, NOUNS)}-${below(random, 9999)}","score":${score}}\n`;
}

function sentence(random) {
  const words = [pick(random, NOUNS), pick(random, VERBS), 'the', pick(random, NOUNS), 'of', pick(random, NOUNS)];
  return below(random, 4) === 0 ? `${words.join(' ')} ${below(random, 1e5)}.\n` : `${words.join(' ')}, and `;
}

const LOG_TAILS = Array.from({ length: 512 }, (_, index) => {
  const random = randomNumbers(`log ${index}`);
  return Array.from({ length: 3 }, () => record(random).trim()).join(' ');
});

/** No line twice, so that nobody gains by finding equal pieces in different files. */
function logLine(random) {
  return `${random()} ${pick(random, LOG_TAILS)}\n`;
}

function noise(random, bytes) {
  const key = Buffer.alloc(16);
  for (let offset = 0; offset < key.length; offset += 4) key.writeUInt32LE(random(), offset);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

function pick(random, list) {
  return list[below(random, list.length)];
}

function below(random, limit) {
  return random() % limit;
}

/** Numbers of 32 bits that depend on nothing but the seed: AES in counter mode. */
function randomNumbers(seed) {
  const key = Buffer.alloc(16);
  key.write(seed.slice(0, 16));
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(64 * 1024);
  let block = zeros;
  let offset = zeros.length;
  return () => {
    if (offset === block.length) {
      block = cipher.update(zeros);
      offset = 0;
    }
    offset += 4;
    return block.readUInt32LE(offset - 4);
  };
}
