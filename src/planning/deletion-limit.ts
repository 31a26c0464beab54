/** How much may vanish at once (`--max-delete`). */
export type DeletionLimit = { readonly count: number } | { readonly percent: number };

/** Reads `N` or `N%`; undefined when it is neither. */
export function parseDeletionLimit(text: string): DeletionLimit | undefined {
  const match = /^(\d{1,15})(%?)$/.exec(text.trim());
  if (match === null) return undefined;
  const number = Number(match[1]);
  return match[2] === '%' ? { percent: Math.min(100, number) } : { count: number };
}

/** Whether so many deletions, of all there is, are more than the limit lets through. */
export function exceedsLimit(deleted: number, total: number, limit: DeletionLimit): boolean {
  if ('count' in limit) return deleted > limit.count;
  return deleted > (total * limit.percent) / 100;
}

/** The limit as the user writes it. */
export function limitText(limit: DeletionLimit): string {
  return 'count' in limit ? `${limit.count}` : `${limit.percent}%`;
}

/** From so many files on, nearly all of them being gone is suspicious; below that, only all of them. */
const FEW = 10;
const NEARLY_ALL = 0.95;

/** Whether so many of the tracked files are missing that rather the drive is gone, or somebody made a mistake. */
export function looksEmptied(missing: number, tracked: number): boolean {
  if (tracked < 2) return false;
  return missing >= tracked || (tracked >= FEW && missing >= tracked * NEARLY_ALL);
}
