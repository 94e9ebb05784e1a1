import { createHash } from 'node:crypto';
import type { ByteString } from '../../core/byte-string.ts';

/** A script of ours, as it is found. */
export interface InstalledScript {
  /** The version of this program that wrote it. */
  readonly version: string;
  /** Whether the directory of the hooks was made for it. */
  readonly madeDirectory: boolean;
  /** The script without the line that tells all this. */
  readonly body: ByteString;
  /** Whether it is as it was written. */
  readonly isIntact: boolean;
}

const MARKER =
  /^# Installed by git-snapshot (\S+)( in a directory that it made)?; "git snapshot hooks uninstall" takes it out\. sha256:([0-9a-f]{64}) of the other lines\n/m;

/** A script as it is installed: its second line says whose it is, and what the others were. */
export function markScript(
  body: ByteString,
  { version, madeDirectory }: Pick<InstalledScript, 'version' | 'madeDirectory'>,
): ByteString {
  const firstEnd = body.indexOf('\n') + 1;
  const made = madeDirectory ? ' in a directory that it made' : '';
  const marker = `# Installed by git-snapshot ${version}${made}; "git snapshot hooks uninstall" takes it out. sha256:${digest(body)} of the other lines\n`;
  return body.slice(0, firstEnd) + marker + body.slice(firstEnd);
}

/** Reads what {@link markScript} wrote, wherever the line is by now. Undefined: none of ours. */
export function readScript(text: ByteString): InstalledScript | undefined {
  const found = MARKER.exec(text);
  if (found === null) return undefined;
  const [marker, version = '', made, sha256] = found;
  const body = text.slice(0, found.index) + text.slice(found.index + marker.length);
  const script = { version, madeDirectory: made !== undefined, body };
  return { ...script, isIntact: sha256 === digest(body) && markScript(body, script) === text };
}

function digest(body: ByteString): string {
  return createHash('sha256').update(body, 'latin1').digest('hex');
}
