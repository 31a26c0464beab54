import type { BenchRow } from './bench-rows.js';

const HEAD = ['', 'keys', 'size each', 'total', 'per key', 'throughput', 'resumed at'];

/** The measurements of one run, as a table for people. */
export function formatTable(rows: readonly BenchRow[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

function cells({ what, keys, bytes, seconds, resumedAt }: BenchRow): string[] {
  const moves = /^(put|get)/.test(what);
  const each = keys === 0 ? 0 : bytes / keys;
  return [
    what,
    String(keys),
    size(each),
    `${seconds.toFixed(3)} s`,
    `${((seconds * 1000) / Math.max(1, keys)).toFixed(2)} ms`,
    moves && seconds > 0 ? `${size(bytes / seconds)}/s` : '',
    resumedAt === undefined ? '' : resumedAt === 0 ? 'not at all' : size(resumedAt),
  ];
}

function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
