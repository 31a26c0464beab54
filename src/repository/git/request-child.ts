import type { ChildProcess } from 'node:child_process';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { maskCredentials } from './environment.js';
import { startFailure } from './run-git.js';

/** Finds answers in what a child prints: called with each chunk, calls `answer` once per complete answer, in order. */
export type AnswerParser<R> = (chunk: Buffer, answer: (answer: R | AnnexError) => void) => void;

/** A long-lived child that answers one request after the other, in order. */
export interface RequestChild<R> {
  /** Sends a request (its terminator included). Requests of one turn of the event loop travel in one write. */
  ask(request: ByteString): Promise<R>;
  /** Requests not yet answered. */
  readonly pending: number;
  /** True once it ended for whatever reason; `ask` then rejects. */
  readonly ended: boolean;
  /** Undefined until it ended by itself. */
  readonly exitCode: number | undefined;
  pause(): void;
  resume(): void;
  /** Ends it kindly, after what was asked. */
  close(): Promise<void>;
  /** Ends it now; what was asked is rejected. */
  kill(): void;
}

interface Waiting<R> {
  readonly resolve: (answer: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Wraps a child with piped stdin, stdout and stderr. An idle child does not keep the process alive.
 * @param flushRequest sent after the requests of each turn: makes a child that gathers its answers give them out
 */
export function createRequestChild<R>(
  child: ChildProcess,
  args: readonly string[],
  parse: AnswerParser<R>,
  flushRequest = '',
): RequestChild<R> {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null)
    throw new AnnexError('internal', 'a request child needs pipes');
  const queue: Waiting<R>[] = [];
  let head = 0;
  let outgoing: string[] = [];
  let ended = false;
  let complaint = '';
  let exitCode: number | undefined;

  const settle = (answer: R | AnnexError): void => {
    const waiting = queue[head++];
    if (waiting === undefined)
      return end(new AnnexError('git-failed', `git ${name(args)} gave an answer nobody asked for`));
    if (head > 1024 && head * 2 > queue.length) {
      queue.splice(0, head);
      head = 0;
    }
    if (head === queue.length) keepAlive(false);
    if (answer instanceof AnnexError) waiting.reject(answer);
    else waiting.resolve(answer);
  };
  const end = (error: AnnexError): void => {
    if (ended) return;
    ended = true;
    outgoing = [];
    for (const waiting of queue.splice(0).slice(head)) waiting.reject(error);
    head = 0;
    child.kill();
  };
  const keepAlive = (busy: boolean): void => {
    for (const handle of [child, stdin, stdout, stderr] as unknown as { ref?(): void; unref?(): void }[]) {
      if (busy) handle.ref?.();
      else handle.unref?.();
    }
  };
  const flush = (): void => {
    if (outgoing.length === 0 || ended) return;
    stdin.write(outgoing.join('') + flushRequest, 'latin1');
    outgoing = [];
  };

  const closed = new Promise<void>((resolve) => {
    child.on('close', (code) => {
      exitCode = code ?? undefined;
      const reason = complaint.trim().split('\n').at(-1) || `exit code ${code ?? 'unknown'}`;
      end(new AnnexError('git-failed', `git ${name(args)} ended: ${maskCredentials(reason)}`));
      resolve();
    });
    child.on('error', (error) => {
      end(startFailure(error, args));
      resolve();
    });
  });
  stdin.on('error', () => undefined);
  stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000);
  });
  stdout.on('data', (chunk: Buffer) => {
    try {
      parse(chunk, settle);
    } catch (error) {
      end(error instanceof AnnexError ? error : new AnnexError('internal', String(error), { cause: error }));
    }
  });
  keepAlive(false);

  return {
    ask(request) {
      if (ended)
        return Promise.reject(
          new AnnexError('git-failed', `git ${name(args)} has ended: ${complaint.trim()}`),
        );
      if (head === queue.length) keepAlive(true);
      outgoing.push(request);
      if (outgoing.length === 1) setImmediate(flush);
      return new Promise((resolve, reject) => queue.push({ resolve, reject }));
    },
    get pending() {
      return queue.length - head;
    },
    get ended() {
      return ended;
    },
    get exitCode() {
      return exitCode;
    },
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
    async close() {
      if (ended) return;
      keepAlive(true);
      flush();
      stdout.resume();
      stdin.end();
      await closed;
    },
    kill: () => end(new AnnexError('interrupted', `git ${name(args)} was stopped`)),
  };
}

function name(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? '';
}
