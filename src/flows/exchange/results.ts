import type { ExportFormat } from '../../core/exchange/port.ts';

/** Of `export`. */
export interface ExportResult {
  readonly set: string;
  readonly id: string;
  readonly format: ExportFormat;
  /** As it was named; undefined: standard output. */
  readonly file: string | undefined;
  readonly bytes: number;
  /** `sha256:…` of the file. */
  readonly digest: string;
  /** Names of the refs in it. */
  readonly refs: readonly string[];
}

/** Of `import`. */
export interface ImportResult {
  readonly outcome: 'imported' | 'planned' | 'nothing-to-do';
  readonly set: string;
  readonly id: string;
  /** Names of the refs that were made, or would be. */
  readonly refs: readonly string[];
  /** What becomes of the audit log: it stays, it goes on to what the file has, or there was none. */
  readonly log: 'kept' | 'advanced' | 'restored';
  /** Refs that the log tells of and that are not here: other backups have them. */
  readonly missing: number;
}
