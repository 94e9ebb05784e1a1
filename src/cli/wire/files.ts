import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { MalformedError } from '../../core/errors.ts';
import type { ReceivedFile } from '../../core/exchange/port.ts';
import { PROOF_DIRECTORY } from '../../core/exchange/port.ts';
import type { Context } from '../../flows/context.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { AppSettings } from '../app/app.ts';
import { beforeExit } from '../before-exit.ts';
import type { Io } from '../terminal/io.ts';
import { createContext } from './context.ts';

/** Where the program runs. */
export interface Surroundings {
  readonly io: Io;
  readonly settings: AppSettings;
}

/** A file in a repository of its own. */
interface TakenIn {
  readonly received: ReceivedFile;
  readonly ctx: Context;
  readonly from: Repository;
}

/** A file as it was typed, and whether its content may go on into a repository that stays. */
interface FileToTake {
  readonly file: string;
  readonly isToStay: boolean;
}

const STAYING_LEVEL = 3;

/** Takes a file in, does something with it, and removes all that was made for it. */
export async function withFile<T>(
  around: Surroundings,
  { file, isToStay }: FileToTake,
  act: (taken: TakenIn) => Promise<T>,
): Promise<T> {
  const { FileSource } = await import('../../archive/file-source.ts');
  const source = new FileSource(resolve(around.settings.directory, file), file);
  try {
    return await receive(around, { source, isToStay }, act);
  } finally {
    source.close();
  }
}

type Source = InstanceType<typeof import('../../archive/file-source.ts').FileSource>;

async function receive<T>(
  { io, settings }: Surroundings,
  { source, isToStay }: { source: Source; isToStay: boolean },
  act: (taken: TakenIn) => Promise<T>,
): Promise<T> {
  const { fileFormat } = await import('../../archive/file-format.ts');
  const { temporaryRepository } = await import('../../git/exchange/temporary-repository.ts');
  const { receiveBundle } = await import('../../git/exchange/receive-bundle.ts');
  const format = fileFormat(source);
  const members = await membersOf(format, source);
  const proof = (await members?.next())?.value ?? undefined;
  if (members !== undefined && !proof?.path.startsWith(`${PROOF_DIRECTORY}/`)) {
    throw new MalformedError(source.what, 'does not begin with its proof', {
      hint: 'Name a file that "git snapshot export" wrote.',
    });
  }
  const undo: (() => Promise<void> | void)[] = [];
  try {
    const { repository, refs } = await receiveBundle(proof?.content ?? source.stream(0, source.size), {
      what: source.what,
      isWhole: proof === undefined,
      repositoryFor: async (objectFormat) => {
        const parent = io.env['TMPDIR'] ?? tmpdir();
        const made = await temporaryRepository({ parent, env: io.env, format: objectFormat, beforeExit });
        undo.push(made.remove);
        return made.repository;
      },
    });
    const ctx = createContext(io, settings, repository);
    undo.push(() => ctx.store.close());
    const { takeBlobs } = await import('../../git/exchange/take-blobs.ts');
    const { countUnreached } = await import('../../git/exchange/reached-objects.ts');
    const received: ReceivedFile = {
      name: source.name,
      format,
      refs,
      proof,
      members,
      takeBlobs: () => takeBlobs(repository, { what: source.what, level: isToStay ? STAYING_LEVEL : 0 }),
      countUnreached: () => countUnreached(repository, source.what),
    };
    return await act({ received, ctx: forgetful(ctx), from: repository });
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function membersOf(format: ReceivedFile['format'], source: Source) {
  if (format === 'bundle') return undefined;
  if (format === 'tar') return (await import('../../archive/tar/read-tar.ts')).readTar(source);
  return (await import('../../archive/zip/read-zip.ts')).readZip(source);
}

/** A file says nothing of what a clone has seen, and a clone has seen nothing of what only a file has. */
export function forgetful(ctx: Context, recalling?: Context['trust']): Context {
  const unknown = async () => undefined;
  return {
    ...ctx,
    trust: {
      ...ctx.trust,
      place: recalling?.place,
      recall: recalling === undefined ? unknown : (id) => recalling.recall(id),
      remember: async () => undefined,
      recallEvents: unknown,
      rememberEvents: async () => undefined,
      forget: async () => undefined,
      repositoryOfClone: recalling === undefined ? unknown : () => recalling.repositoryOfClone(),
    },
  };
}
