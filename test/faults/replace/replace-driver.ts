// A program that replaces a directory, or takes up what another run left: what the fault tests kill.
// Arguments: replace | apply (and no more) | arm (and no more) | continue | revert, the git directory, the set's directory,
// and for the layout of releases how many stay.
import { realpathSync } from 'node:fs';
import { SnapshotError } from '../../../src/core/errors.ts';
import { planRollback } from '../../../src/core/rollback/plan.ts';
import type { StagedReplacement } from '../../../src/core/rollback/port.ts';
import { openDirectoryReplacer } from '../../../src/workdir/replace/directory-replacer.ts';
import { restoreFrom, scanDirectory, targetEntries } from '../../support/directory-state.ts';
import { EXCLUDED, NEW } from './replace-states.ts';

const [verb = '', gitDir = '', root = '', keep] = process.argv.slice(2);
const releases = keep === undefined ? undefined : { keep: Number(keep) };
const replacer = openDirectoryReplacer({ gitDir, set: 'artifacts', root, releases });

/** As a store does: what fails is an error for people. */
function restore(blobs: StagedReplacement['blobs']): void {
  try {
    restoreFrom(NEW, blobs);
  } catch (error) {
    throw new SnapshotError('git', `cannot restore: ${error}`, { cause: error });
  }
}

function arm(staged: StagedReplacement) {
  try {
    restore(staged.blobs);
    return staged.arm({ from: 'old', to: 'new', startedAtSec: 1, context: { who: 'a test' } });
  } catch (error) {
    staged.discard();
    throw error;
  }
}

async function run(): Promise<string> {
  const lock = replacer.lock();
  try {
    const pending = lock.pending();
    if (verb === 'replace' || verb === 'apply' || verb === 'arm') {
      if (pending !== undefined) return 'pending';
      const { [EXCLUDED]: _, ...target } = NEW;
      const live = scanDirectory(realpathSync(root), [EXCLUDED]);
      const plan = planRollback({ live, target: targetEntries(target), excluded: [EXCLUDED] });
      const armed = arm(lock.stage({ plan, operation: '0123456789abcdef' }));
      if (verb === 'arm') return 'armed';
      const applied = await armed.apply();
      if (verb === 'apply') return 'applied';
      return `new ${applied.finish().files.length}`;
    }
    if (pending === undefined) return 'none';
    if (verb === 'revert') return `old ${(await pending.revert()).files.length}`;
    return `new ${(await pending.apply()).finish().files.length}`;
  } finally {
    lock.release();
  }
}

run().then(
  (outcome) => process.stdout.write(outcome),
  (error: unknown) => {
    const expected = error instanceof SnapshotError;
    process.stdout.write(
      expected ? `error ${error.kind} ${error.message}` : `bug ${error instanceof Error ? error.stack : error}`,
    );
    process.exitCode = expected ? 5 : 70;
  },
);
