// Runs ours and the others by turns, and makes rows of what they took.

/** How often each takes part, of `--runs` N: all that is slow seldom, so that a full run ends within half an hour. */
function runsFor({ runs, slow, foreign }) {
  if (foreign) return Math.min(runs, 2);
  return slow ? Math.min(runs, 3) : runs;
}

/**
 * Measures contenders `{ tool, prepare?, command, target?, foreign? }`, of which the first is ours; `prepare` is not
 * timed, `command` may be a function of the round. `before(round)` comes before each round. Gives one row for each of
 * the others; targets are for the full scale only.
 */
export async function compare(lab, { name, contenders, runs, scale, slow = false, before, say }) {
  const taken = new Map(contenders.map(({ tool }) => [tool, []]));
  for (let round = 0; round < runsFor({ runs, slow, foreign: false }); round++) {
    await before?.(round);
    for (const contender of turned(contenders, round)) {
      if (round >= runsFor({ runs, slow, foreign: contender.foreign ?? false })) continue;
      await contender.prepare?.(round);
      await lab.settle();
      const { command } = contender;
      const result = await lab.run(typeof command === 'function' ? command(round) : command);
      taken.get(contender.tool).push(result);
      say(`  ${name}: ${contender.tool} ${Math.round(result.ms)} ms`);
    }
  }
  const [ours, ...others] = contenders;
  const oursSummary = summarize(taken.get(ours.tool), ours.per);
  return others.map(({ tool, target, per }) =>
    row({ name, tool, target: scale === 'full' ? target : undefined }, oursSummary, summarize(taken.get(tool), per)),
  );
}

/** Every second round starts with another contender: who comes first finds the caches as someone else left them. */
function turned(contenders, round) {
  const by = round % contenders.length;
  return [...contenders.slice(by), ...contenders.slice(0, by)];
}

/** `per`: what the run did so many times over; the summary is of one. */
function summarize(results, per = 1) {
  const sorted = results.map(({ ms }) => ms / per).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return {
    medianMs: sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    minMs: sorted[0],
    runs: sorted.length,
    peakBytes: results.some(({ peakBytes }) => peakBytes === undefined)
      ? undefined
      : Math.max(...results.map(({ peakBytes }) => peakBytes)),
  };
}

function row({ name, tool, target }, ours, peer) {
  const ratio = { ofMedians: ours.medianMs / peer.medianMs, ofMinima: ours.minMs / peer.minMs };
  const met = target === undefined ? undefined : ratio.ofMinima <= target;
  return { operation: name, peerName: tool, ours, peer, ratio, target, met };
}
