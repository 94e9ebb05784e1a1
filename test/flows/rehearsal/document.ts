import type { z } from 'zod';
import type { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';

/** What `rehearse --json` prints. */
export type RehearsalDocument = z.infer<(typeof DOCUMENTS)['rehearse']>;
