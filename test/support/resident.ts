import { spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, killGroup } from './scene.js';

const PROGRAM = fileURLToPath(new URL('resident.mjs', import.meta.url));

/** Our program in a process that stays, to spare a test Node's start for each command. */
export interface Resident {
  /**
   * Runs a command without input to its end.
   * @param args text, not byte strings
   * @param timeout milliseconds
   * @throws when that time is over, or when the command ended the process; there is no further command then
   */
  run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, timeout: number): Ended;
  /** Ends the process, and what it started. */
  stop(): void;
}

/** @param folder an existing folder; its pipes and output files have no name there once the process has them */
export function startResident(folder: string, env: NodeJS.ProcessEnv): Resident {
  const paths = ['requests', 'answers', 'stdout', 'stderr'].map((name) => join(folder, `resident-${name}`));
  const [requests, answers, stdout, stderr] = paths as [string, string, string, string];
  spawnSync('mkfifo', [requests, answers]);
  // A pipe opens when its other end does, so each is opened here, from both ends.
  const both = openSync(requests, constants.O_RDWR);
  const [questions, ask] = [openSync(requests, 'r'), openSync(requests, 'w')];
  const answer = openSync(answers, constants.O_RDONLY | constants.O_NONBLOCK);
  const reply = openSync(answers, 'w');
  const outputs = [stdout, stderr].map((path) => openSync(path, 'a+'));
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', ...outputs, questions, reply],
    env,
    detached: true,
  });
  child.unref();
  for (const descriptor of [both, questions, reply]) closeSync(descriptor);
  for (const path of paths) rmSync(path);
  const stop = () => void (child.pid !== undefined && killGroup(child.pid));
  return {
    stop,
    run(args, cwd, environment, timeout) {
      const request = Buffer.from(`${JSON.stringify({ args, cwd, env: environment })}\n`);
      for (let at = 0; at < request.length; ) at += writeSync(ask, request, at);
      const status = waitForLine(answer, Date.now() + timeout);
      const [stdout = '', stderr = ''] = outputs.map(take);
      if (status !== undefined) return { status: Number(status), stdout, stderr };
      stop();
      throw new Error(`${args.join(' ')}: takes too long, or ended its process\n${stdout}\n${stderr}`);
    },
  };
}

/** A line of a pipe that is read without blocking; undefined at its end, or when it is too late. */
function waitForLine(pipe: number, until: number): string | undefined {
  const buffer = Buffer.alloc(16);
  for (let text = ''; Date.now() < until; ) {
    try {
      const length = readSync(pipe, buffer);
      if (length === 0) return undefined;
      text += buffer.toString('latin1', 0, length);
      if (text.endsWith('\n')) return text.slice(0, -1);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
  return undefined;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What was appended to a file, as a byte string; it is empty then. */
function take(file: number): string {
  const chunks = [];
  for (let at = 0; ; ) {
    const chunk = Buffer.alloc(1 << 16);
    const length = readSync(file, chunk, 0, chunk.length, at);
    if (length === 0) break;
    chunks.push(chunk.subarray(0, length));
    at += length;
  }
  ftruncateSync(file);
  return Buffer.concat(chunks).toString('latin1');
}
