import { stripVTControlCharacters } from 'node:util';
import { type ByteString, displayBytes, utf8Decode } from '../../core/byte-string.ts';

/** What a program printed, less the colours and the empty lines. */
export function printedLines(output: ByteString): string[] {
  return output
    .split(/[\r\n]+/)
    .map((line) => stripVTControlCharacters(utf8Decode(line) ?? displayBytes(line)).trimEnd())
    .filter((line) => line !== '');
}
