/** `ok`: as it should be. `note`: nothing is wrong, but it is worth knowing. `wrong`: something will fail, or could be lost. */
export const CHECK_VERDICTS = ['ok', 'note', 'wrong'] as const;
/** One of {@link CHECK_VERDICTS}. */
export type CheckVerdict = (typeof CHECK_VERDICTS)[number];

/** Something that was looked at. */
export interface Checkup {
  /** What was looked at; with the set, where it is about one. */
  readonly check: string;
  readonly verdict: CheckVerdict;
  readonly detail: string;
  /** What to type; undefined where nothing need be done. */
  readonly hint: string | undefined;
}

/** As it should be. */
export function ok(check: string, detail: string): Checkup {
  return { check, verdict: 'ok', detail, hint: undefined };
}

/** Worth knowing. */
export function note(check: string, detail: string, hint?: string): Checkup {
  return { check, verdict: 'note', detail, hint };
}

/** Something will fail, or could be lost. */
export function wrong(check: string, detail: string, hint: string): Checkup {
  return { check, verdict: 'wrong', detail, hint };
}
