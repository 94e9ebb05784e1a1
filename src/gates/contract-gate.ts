import { displayBytes, quoteText, utf8Encode } from '../core/byte-string.ts';
import type { BytePath } from '../core/entry.ts';
import { DIRECTORY, FILE, fileType } from '../core/entry.ts';
import { SnapshotError } from '../core/errors.ts';
import { compileGlob } from '../core/gates/glob.ts';
import type { GateSubject } from '../core/gates/port.ts';
import { count, Findings } from './findings.ts';
import type { GateAnswer, GateRun } from './gate-run.ts';

/** Files are held in memory while they are searched. What is larger cannot be searched, which is an error. */
export const MAX_SEARCHED_BYTES = 256 * 1024 * 1024;

/** What every snapshot must have, and must not. */
export async function runContractGate({ gate, subject, checkTime }: GateRun<'contract'>): Promise<GateAnswer> {
  const findings = new Findings();
  checkGlobs({ gate, subject, checkTime, findings });
  checkLimits({ gate, subject, findings });
  for (const key of gate.labels ?? []) {
    if (!subject.labels.some((label) => label.key === key)) findings.add(`there is no label '${key}'`);
  }
  await searchTexts({ gate, subject, checkTime, findings });
  const labels = subject.labels.map(({ key, value }) => ({ key, value }));
  return { findings, looked: count(subject.entries.length, 'path'), inputs: { labels } };
}

type Checks = Pick<GateRun<'contract'>, 'gate' | 'subject' | 'checkTime'> & { readonly findings: Findings };

function checkGlobs({ gate: { required = [], forbidden = [] }, subject: { entries }, checkTime, findings }: Checks) {
  for (const glob of required) {
    const matches = compileGlob(utf8Encode(glob));
    checkTime();
    const picked = entries.filter(({ path, mode }) => fileType(mode) !== DIRECTORY && matches(path));
    if (picked.length === 0) findings.add(`no file matches '${glob}', which is required`);
    for (const { path, mode } of picked)
      if (fileType(mode) !== FILE) findings.add(`is not a regular file, and '${glob}' is required`, { path });
  }
  for (const glob of forbidden) {
    const matches = compileGlob(utf8Encode(glob));
    // Directories are there only by what is in them.
    const directories = new Map<BytePath, boolean>();
    const isForbidden = (path: BytePath): boolean => {
      const known = directories.get(path);
      if (known !== undefined) return known;
      const slash = path.lastIndexOf('/');
      const found = matches(path) || (slash > 0 && isForbidden(path.slice(0, slash)));
      directories.set(path, found);
      return found;
    };
    for (const { path } of entries) {
      checkTime();
      if (isForbidden(path)) findings.add(`matches '${glob}', which is forbidden`, { path });
    }
  }
}

function checkLimits({ gate, subject: { entries }, findings }: Pick<Checks, 'gate' | 'subject' | 'findings'>) {
  const { maxFileBytes = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = gate;
  const { maxFiles = Number.POSITIVE_INFINITY } = gate;
  let files = 0;
  let bytes = 0;
  for (const { path, mode, size } of entries) {
    if (fileType(mode) === DIRECTORY) continue;
    files += 1;
    bytes += size;
    if (size > maxFileBytes) findings.add(`has ${size} bytes, more than ${maxFileBytes}`, { path });
  }
  if (bytes > maxBytes) findings.add(`there are ${bytes} bytes, more than ${maxBytes}`);
  if (files > maxFiles) findings.add(`there are ${files} files, more than ${maxFiles}`);
}

/** @throws {SnapshotError} of kind `gate` if a file is too large to be searched */
async function searchTexts({ gate: { forbiddenText = [] }, subject, checkTime, findings }: Checks): Promise<void> {
  const texts = forbiddenText.map((text) => ({ text, bytes: utf8Encode(text) }));
  if (texts.length === 0) return;
  for (const { path, mode, size } of subject.entries) {
    if (fileType(mode) === DIRECTORY) continue;
    checkTime();
    const content = await readSearched(subject, path, size);
    for (const { text, bytes } of texts) {
      const at = content.indexOf(bytes);
      if (at >= 0) findings.add(`has ${quoteText(text)} at byte ${at}, which is forbidden`, { path });
    }
  }
}

async function readSearched(subject: GateSubject, path: BytePath, size: number): Promise<string> {
  if (size <= MAX_SEARCHED_BYTES) return subject.read(path, MAX_SEARCHED_BYTES);
  throw new SnapshotError('gate', `'${displayBytes(path)}' has ${size} bytes, too many to be searched for text`);
}
