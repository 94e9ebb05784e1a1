// The codes that commands name. All that there are, and which error leads to which: `exit-code-table.ts`.
export const DONE = 0;
export const ANSWER_IS_NO = 1;
export const GATE_SAID_NO = 7;
export const BUG = 70;
export const INTERRUPTED = 130;
