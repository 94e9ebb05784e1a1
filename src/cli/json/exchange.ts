import type { ExportResult, ImportResult } from '../../flows/exchange/results.ts';

/** Of `export --json`. */
export function exportJson({ set, id, format, file, bytes, digest, refs }: ExportResult) {
  return { set, id, format, file: file ?? null, bytes, digest, refs };
}

/** Of `import --json`. */
export function importJson({ outcome, set, id, refs, log, missing }: ImportResult) {
  return { outcome, set, id, refs, log, missing };
}
