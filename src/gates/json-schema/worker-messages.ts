import type { ByteString } from '../../core/byte-string.ts';

/** What the worker begins with. */
export interface SchemaMessage {
  /** The schema's file. */
  readonly schema: ByteString;
}

/** A document to be checked. */
export interface DocumentMessage {
  readonly bytes: ByteString;
}

/** What is wrong with a part of a document. */
export interface DocumentViolation {
  readonly pointer: string | undefined;
  readonly message: string;
}

/** What the worker says to each document: what is wrong with it, or why it cannot tell. */
export type SchemaReply =
  | { readonly violations: readonly DocumentViolation[]; readonly total: number; readonly error?: undefined }
  | { readonly error: string };
