import { quoteText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import { isName } from '../refs.ts';

/** How a person names a snapshot on the command line. */
export type Selector = { readonly set: string | undefined } & (
  | { readonly by: 'latest'; readonly back: number }
  | { readonly by: 'current' }
  | { readonly by: 'id'; readonly prefix: string }
  | { readonly by: 'manifest'; readonly prefix: string }
  | { readonly by: 'label'; readonly key: string; readonly value: string }
  | { readonly by: 'environment'; readonly environment: string; readonly back: number }
);

/**
 * Parses `[SET/]SNAP`: an id or the beginning of one, `latest`, `latest~2`, `current` (what the directory should be), `sha256:PREFIX` of the manifest,
 * `label:key=value`, `@production`, `@production~1`.
 *
 * @throws {SnapshotError} of kind `usage`
 */
export function parseSelector(text: string): Selector {
  const bare = text.startsWith('refs/snapshots/') ? text.slice('refs/snapshots/'.length) : text;
  const slash = bare.startsWith('label:') ? -1 : bare.indexOf('/');
  const set = slash < 0 ? undefined : bare.slice(0, slash);
  const name = bare.slice(slash + 1);
  if (set === undefined || isName(set)) {
    const selector = parseName(name);
    if (selector !== undefined) return { set, ...selector };
  }
  throw new SnapshotError('usage', `${quoteText(text)} does not name a snapshot`, {
    hint: 'Use an id or the beginning of one, current, latest, latest~2, @ENVIRONMENT, @ENVIRONMENT~1, sha256:PREFIX or label:KEY=VALUE; another set as SET/latest.',
  });
}

type WithoutSet<T> = T extends unknown ? Omit<T, 'set'> : never;

function parseName(name: string): WithoutSet<Selector> | undefined {
  const latest = /^latest(?:~(\d{1,6}))?$/.exec(name);
  if (latest !== null) return { by: 'latest', back: Number(latest[1] ?? 0) };
  if (name === 'current') return { by: 'current' };
  const environment = /^@([^~]+)(?:~(\d{1,6}))?$/.exec(name);
  if (environment !== null && isName(environment[1] ?? '')) {
    return { by: 'environment', environment: environment[1] ?? '', back: Number(environment[2] ?? 0) };
  }
  const manifest = /^sha256:([0-9a-f]{4,64})$/.exec(name);
  if (manifest !== null) return { by: 'manifest', prefix: manifest[1] ?? '' };
  const label = /^label:([^=]+)=(.+)$/.exec(name);
  if (label !== null) return { by: 'label', key: label[1] ?? '', value: label[2] ?? '' };
  if (/^[0-9][0-9TZa-f-]{0,28}$/.test(name)) return { by: 'id', prefix: name };
  return undefined;
}
