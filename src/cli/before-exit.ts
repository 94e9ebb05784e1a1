/**
 * Has something done before this process ends: by itself, by an error, or by a signal.
 *
 * @returns takes the wish back
 */
export function beforeExit(act: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    forget();
    act();
    // It ends as it would have ended without us.
    process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off('exit', act);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', act);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return forget;
}

// Ctrl-C ends the program by its own exit.
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;
