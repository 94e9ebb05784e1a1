import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/*
 * Imports flow one way: bin → start; cli → flows → core ← adapters, and cli/wire.ts and its parts in cli/wire/ alone build adapters.
 * What breaks a rule is listed by file, so that a failure says what to do.
 */

const ROOT = join(import.meta.dirname, '..');
const ADAPTERS = ['git', 'portable', 'sign', 'workdir', 'gates', 'archive'];
const MAX_LINES = 250;

interface Import {
  /** A file of ours relative to the root, or the name of a package or of a `node:` module. */
  readonly target: string;
  /** Gone when the types are: `import type`, or nothing but `type` between the braces. */
  readonly typeOnly: boolean;
  /** When the code comes to it, by `import()`. */
  readonly late: boolean;
}

interface Source {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments, and with nothing between quotes. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Comments become blanks; with `keepStrings: false`, what is quoted too. Template literals keep their code. */
function strip(text: string, { keepStrings }: { keepStrings: boolean }): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=[=(,:[!&|?{};\n]\s*|return )\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;
  return text.replace(token, (found) => {
    if (found.startsWith('//') || found.startsWith('/*')) return found.replace(/[^\n]/g, ' ');
    if (found.startsWith('/')) return '/regex/';
    return keepStrings ? found : `${found[0]}${found[0]}`;
  });
}

/** The modules that a source names: `import … from`, `export … from`, `import '…'` and `import('…')`, also over several lines. */
function importsOf(text: string): (Omit<Import, 'target'> & { specifier: string })[] {
  const code = strip(text, { keepStrings: true });
  const found: ReturnType<typeof importsOf> = [];
  for (const [, clause = '', specifier = ''] of code.matchAll(
    /^[ \t]*(?:import|export)\b([^'";()]*?)\bfrom\s*['"]([^'"]+)['"]/gm,
  )) {
    const names = /^\s*\{([\s\S]*)\}\s*$/.exec(clause)?.[1];
    const named = names?.split(',').filter((name) => name.trim() !== '') ?? [];
    const typeOnly = /^\s*type\s/.test(clause) || (named.length > 0 && named.every((name) => /^\s*type\s/.test(name)));
    found.push({ specifier, typeOnly, late: false });
  }
  for (const [, specifier = ''] of code.matchAll(/^[ \t]*import\s*['"]([^'"]+)['"]/gm))
    found.push({ specifier, typeOnly: false, late: false });
  for (const [, query, specifier = ''] of code.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ specifier, typeOnly: query !== undefined, late: true });
  }
  return found;
}

function readSources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .map((name) => {
      const path = `${folder}/${name.replaceAll('\\', '/')}`;
      const text = readFileSync(join(ROOT, path), 'utf8');
      const imports = importsOf(text).map(({ specifier, ...rest }) => ({
        ...rest,
        target: specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), specifier)) : specifier,
      }));
      return { path, text, code: strip(text, { keepStrings: false }), imports };
    });
}

const sources = readSources('src');
const isNode = (target: string) => target.startsWith('node:') || builtinModules.includes(target);
const isOurs = (target: string) => target.startsWith('src/');
/** The package that a module is of: `@noble/hashes/sha2.js` is of `@noble/hashes`. */
const packageOf = (target: string) => /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target;
const layerOf = (path: string) => path.split('/')[1] ?? '';

/** Imports of the files that `from` picks which `allowed` does not, as `file → target`. */
function broken(
  from: (path: string) => boolean,
  allowed: (target: string, source: Source, typeOnly: boolean) => boolean,
): string[] {
  return sources
    .filter(({ path }) => from(path))
    .flatMap((source) =>
      source.imports
        .filter(({ target, typeOnly }) => !allowed(target, source, typeOnly))
        .map(({ target }) => `${source.path} → ${target}`),
    );
}

/** Lines of code in which `pattern` is found, as `file:line`. */
function linesWith(pattern: RegExp, picked: readonly Source[] = sources): string[] {
  return picked.flatMap(({ path, code }) =>
    code.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );
}

describe('the reader of imports', () => {
  test('finds them in every form', () => {
    const text = `
      import a from 'a'; // import no from 'no'
      import { b, type c } from "b";
      import {
        type d,
        type e,
      } from './d.ts';
      import type { f } from './f.ts';
      import * as g from 'g';
      import 'h';
      export { i } from './i.ts';
      export * from './j.ts';
      export type { k } from './k.ts';
      const l = await import('./l.ts');
      const m: typeof import('m') = x;
      const n = async () => (await import("n")).n('/* not a comment', /[/"']/);
      /* import p from 'p'; */
      const q = "import r from 'r'";
    `;
    expect(
      importsOf(text)
        .map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`)
        .toSorted(),
    ).toEqual(
      [
        './d.ts type',
        './f.ts type',
        './i.ts',
        './j.ts',
        './k.ts type',
        './l.ts',
        'a',
        'b',
        'g',
        'h',
        'm type',
        'n',
      ].toSorted(),
    );
  });

  test('misses none in the sources', () => {
    // Whatever follows `from` or stands in `import(` must have been read; a name that is computed cannot be.
    for (const { path, text, imports } of sources) {
      const code = strip(text, { keepStrings: true });
      const mentions =
        code.match(/(?<=[\s}*])from\s*['"]\.*[\w@/:.-]+['"]|\bimport\s*\(|^\s*import\s*['"]/gm)?.length ?? 0;
      expect([path, imports.length]).toEqual([path, mentions]);
    }
  });

  test('sees the whole of the sources, and every file that they name', () => {
    expect(sources.length).toBeGreaterThan(100);
    const paths = new Set(sources.map(({ path }) => path));
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => (isOurs(target) ? !paths.has(target) : target.startsWith('..')))
        .map(({ target }) => `${path} → ${target}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('imports', () => {
  test('the core imports the core and zod', () => {
    expect(
      broken(
        (path) => layerOf(path) === 'core',
        (target) => layerOf(target) === 'core' || target === 'zod',
      ),
    ).toEqual([]);
  });

  test('flows import flows and the core, nothing of node and no package', () => {
    expect(
      broken(
        (path) => layerOf(path) === 'flows',
        (target) => isOurs(target) && ['core', 'flows'].includes(layerOf(target)),
      ),
    ).toEqual([]);
  });

  test.each(ADAPTERS)('the adapter %s imports the core, itself, node and packages', (adapter) => {
    expect(
      broken(
        (path) => layerOf(path) === adapter,
        (target) => !isOurs(target) || ['core', adapter].includes(layerOf(target)),
      ),
    ).toEqual([]);
  });

  test('in the command line, only wire.ts and its parts import adapters, statically or not', () => {
    const inCli = (path: string) => layerOf(path) === 'cli' && !/^src\/cli\/wire(?:\.ts$|\/)/.test(path);
    expect(broken(inCli, (target) => !isOurs(target) || ['cli', 'flows', 'core'].includes(layerOf(target)))).toEqual(
      [],
    );
  });

  test('index.ts imports wire.ts, what makes its options optional, types, and errors that callers may want to tell from others', () => {
    expect(
      broken(
        (path) => path === 'src/index.ts',
        (target, _, typeOnly) =>
          isOurs(target) &&
          (typeOnly ||
            target === 'src/cli/wire.ts' ||
            target === 'src/cli/app/with-defaults.ts' ||
            layerOf(target) === 'core' ||
            /^src\/flows\/.*-error\.ts$/.test(target)),
      ),
    ).toEqual([]);
  });

  test('verify.ts imports flows, the core, and the adapter without node; nothing of them needs node', () => {
    const fromVerify = ['core', 'flows', 'portable'];
    const allowed = (target: string) => isOurs(target) && fromVerify.includes(layerOf(target));
    expect(broken((path) => path === 'src/verify.ts', allowed)).toEqual([]);
    const inPortable = (path: string) => layerOf(path) === 'portable';
    expect(broken(inPortable, (target) => !isNode(target))).toEqual([]);
    expect(
      linesWith(
        /\bBuffer\b|\bprocess\./,
        sources.filter(({ path }) => inPortable(path)),
      ),
    ).toEqual([]);
  });

  test('what starts the programs imports itself and node', () => {
    const inStart = (path: string) => layerOf(path) === 'start';
    expect(broken(inStart, (target) => isNode(target) || layerOf(target) === 'start')).toEqual([]);
  });

  test('every folder of the sources has a place in this order', () => {
    const layers = new Set(sources.map(({ path }) => layerOf(path)));
    const known = ['start', 'cli', 'flows', 'core', 'index.ts', 'verify.ts', ...ADAPTERS];
    expect([...layers].filter((layer) => !known.includes(layer))).toEqual([]);
  });

  test('the programs import nothing but what is built', () => {
    const programs = readSources('bin');
    expect(programs.length).toBeGreaterThan(0);
    const other = programs.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => !target.startsWith('dist/') && !isNode(target))
        .map(({ target }) => `${path} → ${target}`),
    );
    expect(other).toEqual([]);
  });

  test('every package is a dependency, and node’s modules are named as such', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const packages = Object.keys(manifest.dependencies);
    expect(
      broken(
        () => true,
        (target) => isOurs(target) || target.startsWith('node:') || packages.includes(packageOf(target)),
      ),
    ).toEqual([]);
  });

  test('no file needs itself to be loaded, however far round', () => {
    const graph = new Map(
      sources.map(({ path, imports }) => [
        path,
        imports.filter(({ typeOnly, late }) => !typeOnly && !late).map(({ target }) => target),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      else if (!done.has(path)) {
        for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
        done.add(path);
      }
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe('code', () => {
  test('the core and the flows know no clock, no chance, no process and no Buffer', () => {
    const pure = sources.filter(({ path }) => ['core', 'flows'].includes(layerOf(path)));
    const impure =
      /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|crypto\.|process\.|Buffer[.(]|globalThis|setTimeout|setInterval|setImmediate|console\.|fetch\(|require\()/;
    expect(linesWith(impure, pure)).toEqual([]);
  });

  test('no default exports, no "any", no enums, no silenced checks', () => {
    expect(linesWith(/\bexport default\b|\bas any\b|[:<,|]\s*any\b(?!\s*\()|^\s*(?:export )?(?:const )?enum /)).toEqual(
      [],
    );
    const silenced = sources.filter(({ text }) =>
      /@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable/.test(text),
    );
    expect(silenced.map(({ path }) => path)).toEqual([]);
  });

  test('only main.ts ends the process', () => {
    const others = sources.filter(({ path }) => path !== 'src/cli/main.ts');
    expect(linesWith(/\bprocess\.(?:exit\b|exitCode|abort|reallyExit)/, others)).toEqual([]);
  });
});

describe('files', () => {
  test(`have no more than ${MAX_LINES} lines`, () => {
    const long = sources.filter(({ text }) => text.split('\n').length - 1 > MAX_LINES);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('are named in kebab-case, and no folder is for odds and ends', () => {
    const name = /^(?:[a-z0-9]+-)*[a-z0-9]+$/;
    const odd = sources
      .map(({ path }) => path)
      .filter(
        (path) =>
          !path
            .replace(/\.ts$/, '')
            .split('/')
            .every((part) => name.test(part)),
      );
    expect(odd).toEqual([]);
    const vague = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|lib)(?:\/|\.ts$)/;
    expect(sources.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  test('what the core exports is documented', () => {
    const undocumented = sources
      .filter(({ path }) => layerOf(path) === 'core')
      .flatMap(({ path, text }) => {
        const lines = text.split('\n');
        return lines.flatMap((line, i) => {
          if (!/^export (?:async )?(?:abstract )?(?:function|class|interface|type|const) \*?\s*\w/.test(line))
            return [];
          const before = lines[i - 1] ?? '';
          return before.trimEnd().endsWith('*/') ? [] : [`${path}:${i + 1}: ${line.slice(0, 80)}`];
        });
      });
    expect(undocumented).toEqual([]);
  });
});

test('there is something to judge', () => {
  for (const folder of ['src/core', 'src/flows', 'src/cli/wire.ts', 'src/git', 'src/sign', 'src/workdir', 'bin']) {
    expect([folder, existsSync(join(ROOT, folder))]).toEqual([folder, true]);
  }
});
