import { readFileSync } from 'node:fs';

/** How many files this process may have open at once, as far as the system tells (Linux); otherwise a cautious guess. */
export function openFileLimit(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return match === null ? CAUTIOUS : Number(match[1]);
  } catch {
    return CAUTIOUS;
  }
}

const CAUTIOUS = 256;
