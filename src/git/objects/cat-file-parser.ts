/** Receives one answer of `git cat-file --batch`. `data` may be called any number of times, then `end` once. */
export interface ObjectSink {
  /** The object's type and size, before its content. */
  begin(type: string, size: number): void;
  data(chunk: Buffer): void;
  end(): void;
  /** Git has no such object. */
  missing(): void;
}

const LINE_FEED = 10;

/**
 * Cuts the output of `git cat-file --batch` into objects, without holding one.
 *
 * @param next - gives the sink of the answer that begins now; an answer nobody asked for is an error
 */
export function catFileParser(next: () => ObjectSink): (chunk: Buffer) => void {
  let header = '';
  let sink: ObjectSink | undefined;
  let left = 0;

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (sink === undefined) {
        const lineEnd = chunk.indexOf(LINE_FEED, at);
        header += chunk.toString('latin1', at, lineEnd === -1 ? chunk.length : lineEnd);
        if (lineEnd === -1) return;
        at = lineEnd + 1;
        const [name, type, size] = header.split(' ');
        header = '';
        sink = next();
        if (type === 'missing' || type === 'ambiguous' || size === undefined) {
          if (name === undefined || type !== 'missing') throw new Error('unexpected answer of git cat-file');
          sink.missing();
          sink = undefined;
          continue;
        }
        left = Number(size);
        sink.begin(type ?? '', left);
      }
      if (left > 0) {
        const piece = chunk.subarray(at, Math.min(chunk.length, at + left));
        sink.data(piece);
        left -= piece.length;
        at += piece.length;
      }
      if (left === 0 && at < chunk.length) {
        // The line feed after the content is in: only now is the answer whole.
        at++;
        sink.end();
        sink = undefined;
      }
    }
  };
}
