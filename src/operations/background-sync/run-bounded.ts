import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { gitEnvironment } from '../../repository/git/environment.js';

export interface BoundedRun {
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly cwd: ByteString;
  /** What it reads on stdin. */
  readonly input: ByteString;
  /** Milliseconds until it is ended. */
  readonly limit: number;
  /** Hears what it prints. */
  readonly onOutput: (bytes: Uint8Array) => void;
}

/** Milliseconds between asking a program to end and ending it. */
const grace = 2000;

/**
 * Runs a program in a process group of its own for a limited time; then it and what it started are ended. Whoever keeps its
 * output open after it has ended is not waited for.
 * @returns how it ended, in words; undefined: well
 */
export function runBounded({ words, cwd, input, limit, onOutput }: BoundedRun): Promise<string | undefined> {
  const [program = '', ...args] = words;
  const stdin = openSync(toPath(input), 'r');
  const child = spawn(program, args, {
    cwd: toText(cwd),
    env: gitEnvironment(),
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
  });
  closeSync(stdin);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', onOutput);
    stream?.on('error', () => undefined);
  }
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  return new Promise((resolve) => {
    let late = false;
    let killer: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      late = true;
      signalGroup('SIGTERM');
      killer = setTimeout(() => signalGroup('SIGKILL'), grace);
    }, limit);
    const end = (how: string | undefined): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      // What it started may have ignored the request.
      if (late) signalGroup('SIGKILL');
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(late ? `ended after ${limit / 1000} s` : how);
      });
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => {
      end(code === 0 ? undefined : code === null ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
}
