import { readFileSync } from 'node:fs';

/** Names this process so that a later one can tell whether it still runs: `PID:START`. */
export function ownMark(): string {
  return `${process.pid}:${startOf(process.pid)}`;
}

/** Whether a process other than this one that gave itself that mark still runs. */
export function runsElsewhere(mark: string): boolean {
  const [pid = 0, start = 0] = mark.split(':').map(Number);
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === 0 || start === 0 || now === start;
}

/** The kernel's time of start, which tells apart processes that had the same number; 0 where it is not known. */
function startOf(pid: number): number {
  try {
    // The name, in parentheses, may hold anything; the 22nd field is the 20th after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[19] ?? 0);
  } catch {
    return 0;
  }
}
