const seconds: { readonly [unit: string]: number } = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  y: 31_536_000,
  '': 1,
};

/**
 * A duration as git-annex takes it, in seconds: `5m`, `1h5m`, `2d`, `1y`, `90`. The units may come in any order and
 * repeat. Undefined when it is none.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+[smhdy])*(?:\d+[smhdy]?)$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)([smhdy]?)/g)) {
    total += Number(number) * (seconds[unit as string] as number);
  }
  return total;
}

/** Seconds as git-annex writes durations: `1h5m`; `0s`. */
export function formatDuration(total: number): string {
  let rest = Math.max(0, Math.floor(total));
  let text = '';
  for (const unit of ['y', 'd', 'h', 'm', 's']) {
    const length = seconds[unit] as number;
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * length;
  }
  return text === '' ? '0s' : text;
}

/** Seconds in their largest unit and the one below it, as git-annex shows durations: `1d1h` also for 1d1h49m. */
export function formatDurationBriefly(total: number): string {
  const units = ['y', 'd', 'h', 'm', 's'].map((unit) => seconds[unit] as number);
  const largest = units.findIndex((length) => total >= length);
  const smallest = units[largest + 1] ?? 1;
  return formatDuration(largest === -1 ? 0 : total - (total % smallest));
}
