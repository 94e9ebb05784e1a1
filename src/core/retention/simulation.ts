import * as z from 'zod';
import { escapeText } from '../byte-string.ts';
import { LabelText } from '../policy/retention-schema.ts';
import { parseLabel } from '../snapshot/label.ts';
import { parseIsoTime } from './iso-time.ts';
import type { Candidate } from './plan.ts';

const Time = z.string().transform((text, { addIssue }) => {
  const atSec = parseIsoTime(text);
  if (atSec !== undefined) return atSec;
  addIssue('not a time such as 2026-01-05T13:00:00Z');
  return z.NEVER;
});

/** Snapshots that somebody made up, or wrote down from elsewhere, to try rules on. */
const SimulatedSnapshots = z.array(
  z.strictObject({ id: z.string().min(1, 'is empty').max(200), time: Time, labels: z.array(LabelText).optional() }),
);

/** The snapshots of a simulation, or what is wrong with them: a line each, which begins with the index of the snapshot. */
export type SimulationReading =
  | { readonly ok: true; readonly snapshots: readonly Candidate[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads `[{"id": …, "time": …, "labels": ["k=v"]}]`. */
export function readSimulation(text: string): SimulationReading {
  const document = parseJson(text);
  if (document === undefined) return { ok: false, faults: ['not JSON'] };
  const parsed = SimulatedSnapshots.safeParse(document);
  if (!parsed.success) return { ok: false, faults: parsed.error.issues.flatMap(describe) };
  const twice = repeatedIds(parsed.data);
  if (twice.length > 0) return { ok: false, faults: twice };
  return {
    ok: true,
    snapshots: parsed.data.map(({ id, time, labels = [] }) => ({
      id,
      atSec: time,
      labels: labels.map(parseLabel),
      protections: [],
    })),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  const [index, ...path] = issue.path.map(String);
  if (index === undefined) return ['not a list of snapshots'];
  const where = `snapshot ${index}`;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => escapeText(`${where}: no field is called '${key}'`));
  const fault = issue.message.endsWith('received undefined')
    ? 'is missing'
    : issue.message.replace(/^Invalid input: /, '');
  return [escapeText(path.length === 0 ? `${where}: ${fault}` : `${where}: ${path.join('.')}: ${fault}`)];
}

function repeatedIds(snapshots: readonly { readonly id: string }[]): string[] {
  const first = new Map<string, number>();
  return snapshots.flatMap(({ id }, i) => {
    const before = first.get(id);
    if (before === undefined) first.set(id, i);
    return before === undefined ? [] : [escapeText(`snapshot ${i}: has the id '${id}' of snapshot ${before}`)];
  });
}
