import type { RehearsalReport, RehearsedSnapshot } from '../../flows/rehearsal/results.ts';

/** Why a snapshot was rehearsed, in a few words. */
export function purposeText({ purpose, environment, start }: RehearsedSnapshot): string {
  const why = {
    named: '',
    rollback: 'where a rollback would go',
    environment: `where a rollback of ${environment ?? ''} would go`,
    live: `live in ${environment ?? ''}`,
    sample: 'drawn at random',
  }[purpose];
  const from = start === 'empty' ? 'into an empty directory' : '';
  return [why, from].filter((part) => part !== '').join(', ');
}

/** What failed, a line for each criterion that was not met. */
export function failedText({ rehearsals }: Pick<RehearsalReport, 'rehearsals'>): string[] {
  return rehearsals.flatMap(({ snapshot, criteria }) =>
    criteria
      .filter(({ ok }) => !ok)
      .map(({ criterion, limit, value }) => `${criterion} of ${snapshot}: ${value} (limit: ${limit})`),
  );
}
