// Rows as text.

const MIB = 1024 * 1024;

export function formatRows(rows) {
  const lines = rows.map(({ operation, peerName, ours, peer, ratio, target, met }) => [
    operation,
    peerName,
    number(ratio.ofMinima),
    number(ratio.ofMedians),
    target === undefined ? '' : `<= ${target}`,
    verdict(met),
    duration(ours.minMs),
    duration(ours.medianMs),
    duration(peer.minMs),
    duration(peer.medianMs),
    `${ours.runs}/${peer.runs}`,
  ]);
  const head = 'operation|compared with|min/min|median|target|met|ours min|median|theirs min|median|runs'.split('|');
  return align([head, ...lines]);
}

export function formatMemory(rows) {
  const lines = rows.map(({ operation, peakBytes, targetMib, met }) => [
    operation,
    `${Math.round(peakBytes / MIB)} MiB`,
    `<= ${targetMib} MiB`,
    verdict(met),
  ]);
  return align([['peak memory of', 'ours', 'target', 'met'], ...lines]);
}

/** The largest that any run of an operation of ours needed, for the workloads that have a target. */
export function memoryRows(rows, scale) {
  if (scale !== 'full') return [];
  const peaks = new Map();
  for (const { operation, ours } of rows) {
    const targetMib = / W3\b/.test(operation) ? 300 : / W[245]\b/.test(operation) ? 250 : undefined;
    if (targetMib === undefined || ours.peakBytes === undefined) continue;
    peaks.set(operation, { operation, peakBytes: ours.peakBytes, targetMib, met: ours.peakBytes <= targetMib * MIB });
  }
  return [...peaks.values()];
}

function verdict(met) {
  return met === undefined ? '' : met ? 'yes' : 'NO';
}

function number(ratio) {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}

function duration(ms) {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** The first column to the left, the others to the right. */
function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  '),
    )
    .join('\n');
}
