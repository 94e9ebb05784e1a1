import { SnapshotError } from '../../core/errors.ts';
import type { App } from './app.ts';

/** What an option is that is not given: as on the command line. */
const DEFAULTS = {
  create: { set: undefined, message: undefined, labels: [], force: false, dryRun: false },
  status: { set: undefined },
  list: { set: undefined, limit: undefined, labels: [], sinceSec: undefined },
  summarize: { set: undefined, limit: undefined, labels: [], sinceSec: undefined },
  show: { set: undefined },
  diff: { set: undefined, to: undefined, paths: [] },
  manifest: { set: undefined },
  verify: { set: undefined, snapshots: [], all: false, quick: false },
  restore: { set: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined },
  rollback: {
    set: undefined,
    snapshot: undefined,
    steps: undefined,
    message: undefined,
    paths: [],
    dryRun: false,
    confirm: undefined,
  },
  continueRollback: { set: undefined },
  abortRollback: { set: undefined },
  undoRollback: { set: undefined, message: undefined, dryRun: false, confirm: undefined },
  log: { set: undefined, limit: undefined, types: [], sinceSec: undefined, actor: undefined, snapshot: undefined },
} as const satisfies { readonly [Name in Method]?: Readonly<Partial<OptionsOf<Name>>> };

/** Options that there is no default for. */
const NEEDED: Readonly<Partial<Record<Method, readonly string[]>>> = {
  show: ['snapshot'],
  diff: ['from'],
  manifest: ['snapshot'],
  restore: ['snapshot'],
};
/** Options that may be missing by their type. */
const OPTIONAL: Readonly<Partial<Record<Method, readonly string[]>>> = {
  restore: ['pastGates'],
  rollback: ['pastGates'],
};

type Method =
  | 'create'
  | 'status'
  | 'list'
  | 'summarize'
  | 'show'
  | 'diff'
  | 'manifest'
  | 'verify'
  | 'restore'
  | 'rollback'
  | 'continueRollback'
  | 'abortRollback'
  | 'undoRollback'
  | 'log';
type OptionsOf<Name extends Method> = Parameters<App[Name]>[0];
type Defaulted<Name extends Method> = keyof (typeof DEFAULTS)[Name] & keyof OptionsOf<Name>;
type Lenient<Name extends Method> = Omit<OptionsOf<Name>, Defaulted<Name>> & {
  readonly [Option in Defaulted<Name>]?: OptionsOf<Name>[Option] | undefined;
};

/** An open repository: an {@link App} whose usual methods take only the options that are to be different. */
export type Snapshots = Omit<App, Method> & {
  readonly [Name in Method]: Partial<Lenient<Name>> extends Lenient<Name>
    ? (options?: Lenient<Name>) => ReturnType<App[Name]>
    : (options: Lenient<Name>) => ReturnType<App[Name]>;
};

/** @throws {SnapshotError} `usage`, from each method, for options that there are not, that are missing, or of another type */
export function withDefaults(app: App): Snapshots {
  const lenient = Object.entries(DEFAULTS).map(([name, defaults]) => {
    const method = app[name as Method] as (options: object) => Promise<unknown>;
    return [name, async (options: object = {}) => method(complete(name as Method, options, defaults))] as const;
  });
  return Object.assign(Object.create(app), Object.fromEntries(lenient));
}

function complete(name: Method, options: object, defaults: Readonly<Record<string, unknown>>): object {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const needed = NEEDED[name] ?? [];
  const known = [...Object.keys(defaults), ...needed, ...(OPTIONAL[name] ?? [])];
  for (const [option, value] of Object.entries(given)) {
    if (!known.includes(option)) throw misuse(name, `has no option '${option}'`, `There are: ${known.join(', ')}.`);
    const usual = defaults[option];
    if (usual !== undefined && kindOf(value) !== kindOf(usual))
      throw misuse(name, `takes ${kindOf(usual)} as '${option}'`, `It was given ${kindOf(value)}.`);
  }
  const missing = needed.find((option) => typeof given[option] !== 'string');
  if (missing !== undefined) throw misuse(name, `needs '${missing}'`, 'Give a selector: an id, or "latest".');
  return { ...defaults, ...given };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
}

function misuse(method: Method, what: string, hint: string): SnapshotError {
  return new SnapshotError('usage', `'${method}' ${what}`, { hint });
}
