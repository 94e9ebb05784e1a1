import { resolve } from 'node:path';
import { SnapshotError } from '../../core/errors.ts';
import type { Exporting } from '../../core/exchange/port.ts';
import type { Context } from '../../flows/context.ts';
import type { VerifyResult } from '../../flows/results.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { AppSettings } from '../app/app.ts';
import type { ExchangeApp, ExportToVerify } from '../app/exchange-app.ts';
import { beforeExit } from '../before-exit.ts';
import type { Io } from '../terminal/io.ts';
import { createContext } from './context.ts';
import { forgetful, type Surroundings, withFile } from './files.ts';

/** The part of the app that is about files. */
export function exchangeApp(ctx: Context, repository: Repository, around: Surroundings): ExchangeApp {
  return {
    exportSnapshot: async (options) => {
      const { exportSnapshot } = await import('../../flows/exchange/export-snapshot.ts');
      const result = await exportSnapshot(ctx, await exporting(repository, around), options);
      // Whoever named no file should not have to look for it.
      const isNamed = options.file !== undefined || result.file === undefined;
      return isNamed ? result : { ...result, file: resolve(around.settings.directory, result.file) };
    },
    importSnapshot: async ({ file, dryRun }) => {
      const { importSnapshot } = await import('../../flows/exchange/import-snapshot.ts');
      return withFile(around, { file, isToStay: true }, async ({ received, ctx: own, from }) => {
        const opened: Context[] = [];
        const open = (place: Repository) => {
          const context = createContext(around.io, around.settings, place);
          opened.push(context);
          return context;
        };
        try {
          return await importSnapshot(
            ctx,
            {
              // What was said of this place holds for what a file brings there.
              file: {
                received,
                ctx: { ...own, trust: { ...own.trust, place: ctx.trust.place, read: ctx.trust.read } },
              },
              preview: forgetful(open(withObjectsOf(repository, from)), ctx.trust),
              bringObjects: async () => {
                const { bringObjects } = await import('../../git/exchange/bring-objects.ts');
                const { durabilityOf, readConfig } = await import('../../git/repository-config.ts');
                const { fsync } = durabilityOf(await readConfig(repository));
                await bringObjects({ from, to: repository, fsync });
              },
              reopen: async () => open(repository),
            },
            { dryRun },
          );
        } finally {
          for (const { store } of opened) await store.close();
        }
      });
    },
  };
}

/** Verifies an export with no repository at all: nothing but the file, and what this user trusts. */
export async function verifyExport(
  io: Io,
  settings: AppSettings,
  { file, quick }: ExportToVerify,
): Promise<VerifyResult> {
  const { verifyFile } = await import('../../flows/exchange/verify-file.ts');
  return withFile(
    { io, settings },
    { file, isToStay: false },
    async (taken) => (await verifyFile(taken, { quick })).result,
  );
}

async function exporting(repository: Repository, { io, settings }: Surroundings): Promise<Exporting> {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { streamBlobs } = await import('../../git/exchange/stream-blobs.ts');
  const { writeBundle, writeProof } = await import('../../git/exchange/write-bundle.ts');
  const { writeTar } = await import('../../archive/tar/write-tar.ts');
  const { writeZip } = await import('../../archive/zip/write-zip.ts');
  const { openOutputFile } = await import('../../archive/output-file.ts');
  return {
    openOutput: async (file, { force }) =>
      file === undefined
        ? standardOutput(io)
        : openOutputFile(resolve(settings.directory, file), { name: file, force, beforeExit }),
    bundle: (refs) => writeBundle(repository, refs),
    proof: (parts) => writeProof(repository, parts),
    blobs: (oids) => streamBlobs(repository, oids),
    archive: (format, members) => (format === 'tar' ? writeTar(members) : writeZip(members)),
    digest: () => {
      const hash = createHash('sha256');
      let size = 0;
      return {
        update: (chunk) => {
          hash.update(chunk);
          size += chunk.length;
        },
        result: () => ({ sha256: hash.digest('hex'), size }),
      };
    },
  };
}

/** @throws {SnapshotError} of kind `usage` where it is a terminal */
function standardOutput({ stdout }: Io): Awaited<ReturnType<Exporting['openOutput']>> {
  if (stdout.isTTY) {
    throw new SnapshotError('usage', 'an export is no text, and standard output is a terminal', {
      hint: 'Name a file with --output, or send it on: "git snapshot export --output - | …".',
    });
  }
  return {
    name: 'standard output',
    write: async (chunk) => {
      stdout.write(chunk);
    },
    commit: async () => undefined,
    abandon: () => undefined,
  };
}

/** A repository that has the objects of another too. Nothing may be written to it. */
function withObjectsOf(repository: Repository, other: Repository): Repository {
  const { env } = repository.place;
  const more = env['GIT_ALTERNATE_OBJECT_DIRECTORIES'];
  const directory = Buffer.from(other.objectDirectory, 'latin1').toString('utf8');
  // Quoted, since a colon would be the end of it.
  const quoted = `"${directory.replace(/["\\]/g, '\\$&')}"`;
  return {
    ...repository,
    place: {
      ...repository.place,
      env: { ...env, GIT_ALTERNATE_OBJECT_DIRECTORIES: more ? `${quoted}:${more}` : quoted },
    },
  };
}
