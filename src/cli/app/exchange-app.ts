import type { ExportFormat } from '../../core/exchange/port.ts';
import type { ExportResult, ImportResult } from '../../flows/exchange/results.ts';

/** Snapshots as files, for backup and archive. */
export interface ExchangeApp {
  exportSnapshot(options: {
    readonly set: string | undefined;
    /** A selector. */
    readonly snapshot: string;
    readonly format: ExportFormat;
    /** Undefined: named after the snapshot; `-`: standard output. */
    readonly file: string | undefined;
    readonly force: boolean;
  }): Promise<ExportResult>;
  importSnapshot(options: { readonly file: string; readonly dryRun: boolean }): Promise<ImportResult>;
}

/** What `verify --bundle` looks at. */
export interface ExportToVerify {
  /** As it was typed. */
  readonly file: string;
  /** Only what the tags and the log say; no content is read. */
  readonly quick: boolean;
}
