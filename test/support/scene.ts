import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { isUtf8 } from 'node:buffer';
import { subjectCommand } from './program.js';
import { type Resident, startResident } from './resident.js';

/** Milliseconds that a command may take when nothing else is said: long on any machine, short of a test's own time. */
const LONGEST = 60_000;

/** Who does a step: our program, or the real git-annex. */
export type Annex = 'ours' | 'real';

/** How a program ended. Outputs are byte strings: one char per byte. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Byte string for stdin; without it stdin is empty. */
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until SIGKILL. */
  readonly timeout?: number;
  /** A command line put before the program, such as `['setpriv', ...]`. */
  readonly under?: readonly string[];
}

/** A program at work. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A temporary folder with real repositories, a HOME and a git identity of its own. */
export interface Scene {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  path(...names: string[]): string;
  /** Runs a program to its end. Arguments and input are byte strings. `cwd` is inside the scene. */
  run(program: string, args: readonly string[], cwd: string, options?: RunOptions): Ended;
  annex(who: Annex, args: readonly string[], cwd: string, options?: RunOptions): Ended;
  /** Runs a command of ours in the process that stays, where it can. */
  resident(args: readonly string[], cwd: string, options?: RunOptions): Ended;
  /** Starts a program in a process group of its own. */
  start(who: Annex | 'git', args: readonly string[], cwd: string, options?: RunOptions): Running;
  repository(name: string): Repository;
  /** `git init`, then `init` by that program (or none). */
  create(name: string, init?: { by?: Annex | 'none'; bare?: boolean; description?: string }): Repository;
  /** `git clone` (of a path relative to the scene), origin's URL being relative: a copy of the scene works. */
  clone(
    from: string,
    name: string,
    init?: { by?: Annex | 'none'; bare?: boolean; description?: string },
  ): Repository;
  /** A copy of a folder with repositories, with the modes and times a user's `cp -a` keeps. */
  copy(from: string, to: string): void;
  /** Deletes it all, read-only objects too. */
  remove(): void;
}

/** A repository of a scene. */
export interface Repository {
  readonly path: string;
  /** `.git`, or the bare repository itself. */
  readonly gitDirectory: string;
  /** Output of a git command that must succeed, without the newline at its end. */
  git(...args: string[]): string;
  annex(who: Annex, ...args: string[]): Ended;
  ours(...args: string[]): Ended;
  real(...args: string[]): Ended;
  resident(...args: string[]): Ended;
  inOneProcess(...commands: (readonly string[])[]): Ended[];
  /** Output of a command that must succeed. */
  must(who: Annex, ...args: string[]): string;
  /** Writes a file of the work tree; the name is a byte string. */
  write(name: string, content: string | Buffer): void;
  /** The path of a file of the work tree as the file system wants it. */
  file(name: string): Buffer;
}

/**
 * A folder for a test. `remove` ends whatever the test started and did not end, then deletes it.
 *
 * With `resident` our commands run one after the other in a process that stays, unless they read input, to spare Node's
 * start for each: for tests of what commands do, not of the program as a process.
 */
export function createScene({ resident = false } = {}): Scene {
  const directory = mkdtempSync(join(tmpdir(), 'annex-ts-'));
  const env = environment(directory);
  const running = new Set<ChildProcess>();
  let staying: Resident | undefined;
  const scene: Scene = {
    directory,
    env,
    path: (...names) => join(directory, ...names),
    run(program, args, cwd, options = {}) {
      const [file = program, ...rest] = [...(options.under ?? []), program, ...args];
      const command = asBytes(file, rest);
      const { status, signal, stdout, stderr, error } = spawnSync(command.file, command.args, {
        cwd,
        env: { ...env, ...options.env },
        input: Buffer.from(options.input ?? '', 'latin1'),
        encoding: 'latin1',
        maxBuffer: 1 << 28,
        timeout: options.timeout ?? LONGEST,
        killSignal: 'SIGKILL',
      });
      if (error !== undefined) throw new Error(`${program} ${args.join(' ')}: ${error.message}\n${stderr}`);
      return { status: signal === null ? status : null, stdout, stderr };
    },
    annex(who, args, cwd, options) {
      if (who === 'ours' && resident) return scene.resident(args, cwd, options);
      return scene.run(...commandOf(who, args), cwd, options);
    },
    resident(args, cwd, options = {}) {
      const words = needsOwnProcess(options) ? undefined : asTexts(args);
      if (words === undefined) return scene.run(...commandOf('ours', args), cwd, options);
      const program = staying ?? startResident(directory, env);
      staying = undefined;
      const ended = program.run(words, cwd, { ...env, ...options.env }, options.timeout ?? LONGEST);
      staying = program;
      return ended;
    },
    start(who, args, cwd, options = {}) {
      const [file, words] = who === 'git' ? ['git', args] : commandOf(who, args);
      const [first = file, ...rest] = [...(options.under ?? []), file, ...words];
      const command = asBytes(first, rest);
      const child = spawn(command.file, command.args, {
        cwd,
        env: { ...env, ...options.env },
        detached: true,
      });
      running.add(child);
      if (options.input !== undefined) child.stdin.end(Buffer.from(options.input, 'latin1'));
      const output = { stdout: '', stderr: '' };
      child.stdin.on('error', () => {});
      child.stdout.on('data', (chunk: Buffer) => {
        output.stdout += chunk.toString('latin1');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        output.stderr += chunk.toString('latin1');
      });
      const ended = new Promise<Ended>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (status) => {
          running.delete(child);
          resolve({ status, ...output });
        });
      });
      return { child, ended };
    },
    repository: (name) => openRepository(scene, join(directory, name)),
    create(name, init = {}) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      must(
        scene.run('git', ['init', '-q', ...(init.bare ? ['--bare'] : []), path], directory),
        `init ${name}`,
      );
      return initialise(scene.repository(name), init, name);
    },
    clone(from, name, init = {}) {
      const path = join(directory, name);
      const source = join(directory, from);
      must(
        scene.run('git', ['clone', '-q', ...(init.bare ? ['--bare'] : []), source, path], directory),
        `clone ${name}`,
      );
      const clone = scene.repository(name);
      clone.git('remote', 'set-url', 'origin', relative(path, source));
      return initialise(clone, init, name);
    },
    copy(from, to) {
      must(scene.run('cp', ['-a', join(directory, from), join(directory, to)], directory), `copy ${from}`);
    },
    remove() {
      staying?.stop();
      for (const child of running) if (child.pid !== undefined) killGroup(child.pid);
      spawnSync('chmod', ['-R', 'u+rwX', directory], { stdio: 'ignore' });
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return scene;
}

/** SIGKILL to a started program and to what it started. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** The outcome, when it is a success; an error that shows the output otherwise. */
export function must(ended: Ended, what: string): Ended {
  if (ended.status !== 0) {
    throw new Error(`${what}: exit ${ended.status}\n${ended.stdout}\n${ended.stderr}`);
  }
  return ended;
}

function openRepository(scene: Scene, path: string): Repository {
  const repository: Repository = {
    path,
    get gitDirectory() {
      const answer = must(scene.run('git', ['rev-parse', '--absolute-git-dir'], path), 'git dir');
      return answer.stdout.replace(/\n$/, '');
    },
    git: (...args) => must(scene.run('git', args, path), `git ${args.join(' ')}`).stdout.replace(/\n$/, ''),
    annex: (who, ...args) => scene.annex(who, args, path),
    ours: (...args) => scene.annex('ours', args, path),
    real: (...args) => scene.annex('real', args, path),
    resident: (...args) => scene.resident(args, path),
    inOneProcess: (...commands) => commands.map((args) => scene.resident(args, path)),
    must: (who, ...args) => must(scene.annex(who, args, path), `${who} ${args.join(' ')}`).stdout,
    write(name, content) {
      const file = repository.file(name);
      mkdirSync(Buffer.from(dirname(file.toString('latin1')), 'latin1'), { recursive: true });
      writeFileSync(file, content);
    },
    file: (name) => Buffer.from(`${Buffer.from(path).toString('latin1')}/${name}`, 'latin1'),
  };
  return repository;
}

function initialise(
  repository: Repository,
  init: { by?: Annex | 'none'; description?: string },
  name: string,
): Repository {
  const by = init.by ?? 'real';
  if (by !== 'none') repository.must(by, 'init', init.description ?? name);
  return repository;
}

/** Whether a command of ours cannot run in the process that stays. */
const needsOwnProcess = (options: RunOptions): boolean =>
  options.input !== undefined || options.under !== undefined || !!process.env['ANNEX_TS_SUBJECT'];

/** Byte strings as texts, if all of them are. */
function asTexts(args: readonly string[]): string[] | undefined {
  const all = args.map((arg) => Buffer.from(arg, 'latin1'));
  return all.every((arg) => isUtf8(arg)) ? all.map((arg) => arg.toString()) : undefined;
}

function commandOf(who: Annex, args: readonly string[]): [program: string, args: string[]] {
  const [file, ...before] = who === 'real' ? (['git-annex'] as const) : subjectCommand();
  return [file, [...before, ...args]];
}

/** Node gives arguments to programs as UTF-8; other bytes travel in hexadecimal and through perl's exec. */
function asBytes(file: string, args: readonly string[]): { file: string; args: string[] } {
  if (args.every((arg) => isAscii(arg))) return { file, args: [...args] };
  const hex = [file, ...args].map((arg) => Buffer.from(arg, 'latin1').toString('hex'));
  return { file: 'perl', args: ['-e', 'exec { pack "H*", $ARGV[0] } map { pack "H*", $_ } @ARGV', ...hex] };
}

const isAscii = (arg: string): boolean => Buffer.byteLength(arg) === arg.length;

/** The environment of every program of a scene: nothing of the user's git, both programs in the path. */
function environment(directory: string): NodeJS.ProcessEnv {
  const home = join(directory, 'home');
  const programs = join(home, 'bin');
  mkdirSync(programs, { recursive: true });
  writeFileSync(
    join(home, '.gitconfig'),
    '[user]\n\tname = Tester\n\temail = tester@example.com\n[init]\n\tdefaultBranch = main\n' +
      '[protocol "file"]\n\tallow = always\n[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n',
  );
  const command = subjectCommand().map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  writeFileSync(join(programs, 'git-annex-ts'), `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
  chmodSync(join(programs, 'git-annex-ts'), 0o755);
  const clean = Object.entries(process.env).filter(([name]) => !/^(GIT_|XDG_|NODE_|VITEST)/.test(name));
  return {
    ...Object.fromEntries(clean),
    HOME: home,
    PATH: `${programs}:${process.env['PATH']}`,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
  };
}
