import type { StdinOption, StdoutStderrOption } from 'execa';

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; this process's own without it. */
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads on stdin; without it, what `stdin` says. */
  readonly input?: Uint8Array;
  readonly stdin?: StdinOption;
  readonly stdout?: StdoutStderrOption;
  readonly stderr?: StdoutStderrOption;
}

export interface ProgramEnd {
  /** Undefined: it could not be started, or a signal ended it. */
  readonly exitCode: number | undefined;
  /** Empty unless `stdout` is `pipe`. */
  readonly stdout: Uint8Array;
  /** Why it could not be started. */
  readonly problem: string | undefined;
}

/** Runs a program of the user's to its end, no shell between. How it ends is an answer, not an error. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input, stdin = 'ignore', stdout = 'ignore', stderr = 'inherit' }: ProgramOptions,
): Promise<ProgramEnd> {
  const { execa } = await import('execa');
  const ended = await execa(program, args, {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env, extendEnv: false }),
    ...(input === undefined ? { stdin } : { input }),
    stdout,
    stderr,
    encoding: 'buffer',
    reject: false,
    stripFinalNewline: false,
  });
  return {
    exitCode: ended.exitCode,
    stdout: ended.stdout instanceof Uint8Array ? ended.stdout : new Uint8Array(),
    problem: ended.exitCode === undefined && ended.signal === undefined ? ended.shortMessage : undefined,
  };
}
