import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { deflateSync } from 'node:zlib';

const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;
const PIECE_BYTES = 1 << 22;

/** Objects for one pack of a repository, which git takes in at the end. */
export class PackStream {
  #pieces: Buffer[] = [];
  #recent: Buffer[] = [];
  #recentBytes = 0;
  #count = 0;

  add(type: keyof typeof TYPES, body: string): void {
    const bytes = Buffer.from(body, 'latin1');
    const header: number[] = [];
    let byte = (TYPES[type] << 4) | (bytes.length & 15);
    for (let left = bytes.length >>> 4; left > 0; left >>>= 7) {
      header.push(byte | 0x80);
      byte = left & 0x7f;
    }
    header.push(byte);
    const entry = Buffer.concat([Buffer.from(header), deflateSync(bytes, { level: 1 })]);
    this.#recent.push(entry);
    this.#recentBytes += entry.length;
    this.#count++;
    if (this.#recentBytes > PIECE_BYTES) this.#join();
  }

  #join(): void {
    this.#pieces.push(Buffer.concat(this.#recent));
    this.#recent = [];
    this.#recentBytes = 0;
  }

  /** @param directory - of the repository, one with SHA-1 */
  async store(directory: string): Promise<void> {
    this.#join();
    const head = Buffer.alloc(12);
    head.write('PACK');
    head.writeUInt32BE(2, 4);
    head.writeUInt32BE(this.#count, 8);
    const hash = createHash('sha1').update(head);
    for (const piece of this.#pieces) hash.update(piece);
    const git = spawn('git', ['index-pack', '--stdin'], { cwd: directory, stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(git, 'close');
    for (const piece of [head, ...this.#pieces, hash.digest()])
      if (!git.stdin.write(piece)) await once(git.stdin, 'drain');
    git.stdin.end();
    const [code] = await ended;
    if (code !== 0) throw new Error(`git index-pack ended with ${code}`);
  }
}
