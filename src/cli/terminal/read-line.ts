import { StringDecoder } from 'node:string_decoder';
import { SnapshotError } from '../../core/errors.ts';
import type { Io } from './io.ts';

const CONTROL = { interrupt: '\u0003', end: '\u0004', erase: '\u007f', backspace: '\b', eraseLine: '\u0015' };

/** Reads a line. Without echo the terminal is raw, so the keys that edit and interrupt are handled here. */
export function readLine({ stdin }: Io, echo: boolean): Promise<string> {
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void) => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      if (!echo) stdin.setRawMode?.(false);
      stdin.pause();
      settle();
    };
    const onEnd = () => finish(() => reject(new SnapshotError('interrupted', 'no answer: end of input')));
    const onData = (chunk: string | Uint8Array) => {
      for (const key of typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))) {
        if (key === '\n' || key === '\r') return finish(() => resolve(typed));
        if (!echo && key === CONTROL.interrupt)
          return finish(() => reject(new SnapshotError('interrupted', 'interrupted')));
        if (!echo && key === CONTROL.end) return onEnd();
        if (!echo && (key === CONTROL.erase || key === CONTROL.backspace)) typed = [...typed].slice(0, -1).join('');
        else if (!echo && key === CONTROL.eraseLine) typed = '';
        else typed += key;
      }
    };
    if (!echo) stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
