import { utf8Encode } from '../../core/byte-string.ts';
import type { Machine, WrittenPlace } from '../../core/doctor/port.ts';
import { once } from '../../core/once.ts';
import type { Repository } from '../../git/open-repository.ts';
import { runGit } from '../../git/run-git.ts';
import type { DirectoryTree } from '../../workdir/closed-directory.ts';
import { userDirectory } from './context.ts';
import type { Surroundings } from './files.ts';

/** What a checkup asks of the machine, by adapters that only look. */
export function createMachine(repository: Repository, { io }: Surroundings): Machine {
  const { gitDir, commonDir, objectDirectory, topLevel, format } = repository;
  const configDir = userDirectory(io.env);
  const writtenTo = (place: WrittenPlace): readonly [DirectoryTree, ...DirectoryTree[]] => {
    const all = Number.POSITIVE_INFINITY;
    switch (place) {
      case 'refs':
        return [
          { path: `${commonDir}/refs`, depth: all },
          { path: commonDir, depth: 0 },
        ];
      case 'objects':
        return [{ path: objectDirectory, depth: 1 }];
      case 'records':
        return [gitDir, commonDir].map((path) => ({ path: `${path}/snapshot`, depth: all })) as [DirectoryTree];
      case 'user':
        return [{ path: utf8Encode(configDir), depth: 1 }];
      default:
        return [{ path: `${topLevel ?? gitDir}/${place.directory}`, depth: 0 }];
    }
  };
  return {
    nodeVersion: process.version,
    gitVersion: async () => {
      const { stdout } = await runGit(repository.place, ['--version']);
      return stdout
        .toString('utf8')
        .trim()
        .replace(/^git version /, '');
    },
    objectFormat: format.name,
    isShallow: repository.isShallow,
    config: once(async () => (await import('../../git/repository-config.ts')).readConfig(repository)),
    freeBytes: async (place) => {
      const { freeBytes } = await import('../../workdir/free-bytes.ts');
      return freeBytes(writtenTo(place)[0].path);
    },
    closedDirectory: async (place) => {
      const { closedDirectory } = await import('../../workdir/closed-directory.ts');
      return closedDirectory(writtenTo(place));
    },
    lookThrough: async ({ path, exclude }) => {
      const { lookThrough } = await import('../../workdir/look-through.ts');
      return lookThrough(`${topLevel ?? gitDir}/${path}`, { exclude: exclude.map(utf8Encode) });
    },
    hasSigned: async () => {
      const { hasKeyDirectory } = await import('../../sign/key-file.ts');
      if (hasKeyDirectory(configDir)) return true;
      return (await import('../../git/recorded-here.ts')).recordedHere(repository);
    },
    openToOthers: async () => (await import('../../sign/open-to-others.ts')).openToOthers(configDir),
    linkedRelease: async (path, inReleases) => {
      const { liveDirectory } = await import('../../workdir/releases/live-directory.ts');
      return liveDirectory(`${topLevel ?? gitDir}/${path}`, inReleases)?.release;
    },
    isThere: async (path) => {
      const { lstat } = await import('../../workdir/replace/disk.ts');
      return lstat(`${topLevel ?? gitDir}/${path}`) !== undefined;
    },
    surplusReleases: async ({ name, path, releases }) => {
      const { surplusReleases } = await import('../../workdir/releases/prune-releases.ts');
      const places = { home: `${gitDir}/snapshot`, set: name, root: `${topLevel ?? gitDir}/${path}` };
      return surplusReleases(places, releases);
    },
    isIgnored: async (path) => (await import('../../git/is-ignored.ts')).isIgnored(repository, path),
    lock: async (set) => (await import('../../workdir/replace/lock-state.ts')).lockState(gitDir, set),
    cache: async (set) => {
      const { cacheHealth } = await import('../../workdir/stat-cache/cache-health.ts');
      return cacheHealth(`${gitDir}/snapshot/cache/${set}`, {
        format,
        authenticator: async () => {
          const { hasMemoryKey, openCacheAuthenticator } = await import('../../sign/memory-key.ts');
          // It would make a key where there is none.
          return (await hasMemoryKey(configDir)) ? openCacheAuthenticator(configDir, { gitDir, set }) : undefined;
        },
      });
    },
  };
}
