import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import { ExpectedRefs, mirrorOf } from '../../core/audit/expected-refs.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF, PROPOSAL_REFS, parseSnapshotRef } from '../../core/refs.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CheckResult } from '../results.ts';
import { readSnapshots } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge } from '../verify/judge-snapshot.ts';
import { judgeTags } from '../verify/judge-tags.ts';
import { withRefs } from './ref-view.ts';

/** What a repository with these refs is to be thought of. */
export interface JudgedState {
  readonly trusted: TrustedPolicy;
  readonly log: Log;
  /** What its refs should be, by the log. */
  readonly expected: ReadonlyMap<string, ExpectedRef>;
  /** None: all of it may be believed. */
  readonly findings: readonly Finding[];
}

/** What is to be judged. */
export interface StateToJudge {
  readonly refs: ReadonlyMap<string, Oid>;
  /** Refs that were judged before, and what they were then: tags that are still the same are not judged again. */
  readonly known: ReadonlyMap<string, Oid>;
  /** Reads all content of the snapshots that are new. */
  readonly deep: boolean;
  /** Whether this is to be remembered, and held against what was met before: not for what is not ours, or not ours yet. */
  readonly remember: boolean;
}

/**
 * Judges a repository by its governed refs alone, as it is or as it would be: policy, log, that every ref has its event and
 * every event its ref, and the tags that are new. For what comes from a remote, and for what is pushed to a server.
 *
 * Unless it is to be remembered, that the log lacks what was seen before is no finding: the caller compares it with its own.
 *
 * @throws {SnapshotError} for a policy that is not there, or not to be trusted
 */
export async function judgeState(ctx: Context, { refs, known, deep, remember }: StateToJudge): Promise<JudgedState> {
  const view: Context = { ...ctx, store: withRefs(ctx.store, refs), trust: remember ? ctx.trust : onlyReading(ctx) };
  const trusted = await loadPolicy(view);
  const log = await openLog(view, trusted);
  const { refs: expected } = new ExpectedRefs(log.events);
  const findings: Finding[] = [
    ...log.findings.filter(({ rule }) => remember || rule !== 'went-back'),
    ...strangeRefs(refs, { expected, mirrors: trusted.policy.mirrorTags === true }),
    ...missingRefs(refs, expected),
    ...(await judgeTags(view, trusted, expected, known)),
    ...(await judgeSnapshots(view, trusted, { refs, known, deep })),
  ];
  return { trusted, log, expected, findings };
}

/** The pin is asked for as ever; what was verified of our own log saves judging it again, and is not added to. */
function onlyReading({ trust }: Context): Context['trust'] {
  return {
    ...trust,
    recall: async (repository) => {
      const remembered = await trust.recall(repository);
      return remembered && { ...remembered, policy: undefined };
    },
    remember: async () => {},
    rememberEvents: async () => {},
  };
}

/** Refs that no event made, or that are not what it made them. */
function strangeRefs(
  refs: ReadonlyMap<string, Oid>,
  { expected, mirrors }: { expected: ReadonlyMap<string, ExpectedRef>; mirrors: boolean },
): Finding[] {
  const allowed = new Map<string, Oid>();
  for (const [name, told] of expected) {
    allowed.set(name, told.tag);
    const mirror = mirrorOf(told);
    if (mirror !== undefined && mirrors) allowed.set(mirror, told.tag);
  }
  return [...refs].flatMap(([name, oid]): Finding[] => {
    const tag = allowed.get(name);
    if (oid === tag || name === LOG_REF || name === POLICY_REF || name.startsWith(PROPOSAL_REFS)) return [];
    const detail =
      tag === undefined ? `'${name}' has no event in the log` : `'${name}' is at ${oid}, and the log tells of ${tag}`;
    return [{ rule: 'ref', object: oid, detail }];
  });
}

/** Refs that events made, and that are not there. */
function missingRefs(refs: ReadonlyMap<string, Oid>, expected: ReadonlyMap<string, ExpectedRef>): Finding[] {
  return [...expected].flatMap(([name, { tag, logged }]): Finding[] =>
    refs.has(name)
      ? []
      : [
          {
            rule: 'ref',
            object: logged.oid,
            detail: `event ${logged.event.seq} tells of '${name}' at ${tag}, and its ref is not there`,
          },
        ],
  );
}

/** Judges the snapshots whose refs are new, by their tags; all of their content, if `deep`. */
async function judgeSnapshots(
  ctx: Context,
  trusted: TrustedPolicy,
  { refs, known, deep }: Pick<StateToJudge, 'refs' | 'known' | 'deep'>,
): Promise<Finding[]> {
  const news = [...refs]
    .filter(([name, oid]) => parseSnapshotRef(name) !== undefined && known.get(name) !== oid)
    .map(([name, oid]) => ({ name, oid }));
  const { snapshots, malformed } = await readSnapshots(ctx, news);
  const judge = await openJudge(ctx, trusted);
  const verdicts = await Promise.all(
    snapshots.map(async (snapshot) => ({ snapshot, checks: [...(await judge(snapshot))] })),
  );
  // What nobody with the role signed is not read: it could be made to have no end.
  const isVouchedFor = ({ check, ok }: CheckResult) => ok || (check !== 'signature' && check !== 'log');
  const good = verdicts.filter(({ checks }) => checks.every(isVouchedFor));
  if (deep) {
    const content = await readContent(
      ctx,
      good.map(({ snapshot }) => snapshot),
    );
    checkContent(ctx, good, content);
  }
  return [
    ...malformed.map(
      ({ ref, reason }): Finding => ({
        rule: 'format',
        object: refs.get(ref) ?? trusted.commit,
        detail: `'${ref}': ${reason}`,
      }),
    ),
    ...verdicts.flatMap(({ snapshot: { ref, tag }, checks }) =>
      checks
        .filter(({ ok }) => !ok)
        .map(({ check, detail }): Finding => ({ rule: check, object: tag, detail: `'${ref}': ${detail}` })),
    ),
  ];
}
