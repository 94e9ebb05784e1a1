import type { Json } from '../canonical-json.ts';
import type { Policy } from './schema.ts';

/** One field that differs between two policies. */
export interface PolicyChange {
  /** Names from the top, joined by `.`. */
  readonly path: string;
  /** Undefined: it is not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What differs, field by field; a list of words is compared as a whole. The version always does, and is left out. */
export function diffPolicies(before: Policy, after: Policy): PolicyChange[] {
  const old = policyFields(before);
  const new_ = policyFields(after);
  return [...new Set([...old.keys(), ...new_.keys()])]
    .filter((path) => path !== 'version' && old.get(path) !== new_.get(path))
    .sort()
    .map((path) => ({ path, before: old.get(path), after: new_.get(path) }));
}

/** Every field of a policy, by its path, as a text. */
export function policyFields(policy: Policy): ReadonlyMap<string, string> {
  return flatten(policy as unknown as Json);
}

function flatten(value: Json | undefined, at = ''): Map<string, string> {
  if (value === undefined) return new Map();
  if (Array.isArray(value)) return new Map([[at, value.map((item) => listItem(item as Json)).join(', ')]]);
  if (value === null || typeof value !== 'object') return new Map([[at, text(value)]]);
  const members = Object.entries(value as Readonly<Record<string, Json | undefined>>);
  // An environment without rules is a rule too: whoever signs must see it.
  if (members.length === 0 && at !== '') return new Map([[at, '{}']]);
  return new Map(members.flatMap(([name, member]) => [...flatten(member, at === '' ? name : `${at}.${name}`)]));
}

/** Two lists must not look the same: what could be taken for more than one item stands in quotes. */
function listItem(value: Json): string {
  return typeof value === 'string' && /^$|[",]/.test(value) ? JSON.stringify(value) : text(value);
}

function text(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
