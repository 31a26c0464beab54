import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  /** Peak resident memory of the command's own process in MiB (its git children not counted). */
  readonly peakMiB: number;
}

/** The high-water mark the kernel keeps for a process, in KiB; 0 when it has ended. */
const highWaterKiB = (pid: number): number => statusKiB(pid, /^VmHWM:\s+(\d+) kB/m);
/** What a process needs now, in KiB: of pages that it shares with others its part. */
const shareKiB = (pid: number): number => statusKiB(pid, /^Pss:\s+(\d+) kB/m, 'smaps_rollup');

function statusKiB(pid: number, line: RegExp, file = 'status'): number {
  try {
    return Number(line.exec(readFileSync(`/proc/${pid}/${file}`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What processes of a server needed at most, in MiB. */
export interface ServerMemory {
  /** The largest of them. */
  readonly largest: number;
  /** All of them at the same moment; pages that they share are counted once. */
  readonly together: number;
}

/** Looks ten times a second at the processes whose command line `isServer` takes, until it is asked for the sum. */
export function watchServers(isServer: (commandLine: string) => boolean): () => ServerMemory {
  let largest = 0;
  let together = 0;
  const look = (): void => {
    let sum = 0;
    for (const pid of readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)) {
      if (!isServer(commandLineOf(pid))) continue;
      largest = Math.max(largest, highWaterKiB(pid));
      sum += shareKiB(pid);
    }
    together = Math.max(together, sum);
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    return { largest: largest / 1024, together: together / 1024 };
  };
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Runs a command to its end with its output discarded. Throws with the end of stderr when it fails. */
export async function measure(
  argv: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Measured> {
  const [program = '', ...args] = argv;
  const start = process.hrtime.bigint();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let peak = 0;
  const sample = (): void => {
    if (child.pid !== undefined) peak = Math.max(peak, highWaterKiB(child.pid));
  };
  const timer = setInterval(sample, 15);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(timer);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}`);
  return { seconds, peakMiB: peak / 1024 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
