/** Tells processes apart, also after they have ended. A port: what makes a process itself differs between systems. */
export interface Processes {
  /** A process of this machine, as one line of text that {@link isGone} understands, on any machine. */
  describe(pid: number): string;
  /** Whether the process that a text describes has ended for certain. What cannot be told counts as there. */
  isGone(text: string): boolean;
}
