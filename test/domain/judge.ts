import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteString } from '../../src/lib/bytes.js';

/** A repository on which the real git-annex runs, to say what is right. */
export interface Judge {
  readonly dir: string;
  readonly uuid: string;
  /** Runs git-annex and gives its output, bytes as latin1. */
  annex(args: readonly string[], options?: JudgeOptions): string;
  git(args: readonly string[], options?: JudgeOptions): string;
  /** Puts files of the git-annex branch where git-annex looks first: the journal. */
  journal(path: string, content: string): void;
  /** A file of the git-annex branch as git-annex has it now, journal included. */
  read(path: string): ByteString;
  /** Replaces the git-annex branch by a commit with just these files, without parents, and drops all caches. */
  replaceBranch(files: ReadonlyMap<string, string>, ref?: string): void;
  dispose(): void;
}

export interface JudgeOptions {
  readonly input?: string;
  readonly env?: { readonly [name: string]: string };
  readonly allowFailure?: boolean;
}

export function createJudge(): Judge {
  const dir = mkdtempSync(join(tmpdir(), 'judge-'));
  const run = (args: readonly string[], options: JudgeOptions = {}): string => {
    try {
      const output = execFileSync('git', ['-C', dir, ...args], {
        ...(options.input === undefined ? {} : { input: Buffer.from(options.input, 'latin1') }),
        env: { ...cleanEnvironment(), ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        maxBuffer: 1 << 28,
      });
      return output.toString('latin1');
    } catch (error) {
      const stdout = (error as { stdout?: Buffer }).stdout;
      if (options.allowFailure && stdout !== undefined) return stdout.toString('latin1');
      throw error;
    }
  };
  run(['init', '-q']);
  run(['annex', 'init', '-q', 'judge'], { env: { GIT_ANNEX_VECTOR_CLOCK: '1' } });
  const journalFile = (path: string): string =>
    join(dir, '.git/annex/journal', path.replace(/_/g, '__').replace(/\//g, '_'));
  return {
    dir,
    uuid: run(['config', 'annex.uuid']).trim(),
    annex: (args, options) => run(['annex', ...args], options),
    git: run,
    journal: (path, content) => {
      mkdirSync(join(dir, '.git/annex/journal'), { recursive: true });
      writeFileSync(journalFile(path), content, 'latin1');
    },
    read: (path) => {
      const file = journalFile(path);
      if (existsSync(file)) return readFileSync(file, 'latin1') as ByteString;
      return run(['cat-file', '-p', `git-annex:${path}`], { allowFailure: true }) as ByteString;
    },
    replaceBranch: (files, ref = 'refs/heads/git-annex') => {
      run(['fast-import', '--force', '--quiet'], { input: fastImport(ref, files) });
      rmSync(join(dir, '.git/annex/index'), { force: true });
      rmSync(join(dir, '.git/annex/index.lck'), { force: true });
      rmSync(join(dir, '.git/annex/mergedrefs'), { force: true });
    },
    dispose: () => {
      execFileSync('chmod', ['-R', 'u+w', dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function fastImport(ref: string, files: ReadonlyMap<string, string>): string {
  const pieces = [`reset ${ref}\ncommit ${ref}\ncommitter t <t@t> 1 +0000\ndata 1\nx\n`];
  for (const [path, content] of files) {
    pieces.push(`M 100644 inline ${path}\ndata ${content.length}\n${content}\n`);
  }
  return pieces.join('');
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(entries),
    GIT_AUTHOR_NAME: 't',
    GIT_AUTHOR_EMAIL: 't@t',
    GIT_COMMITTER_NAME: 't',
    GIT_COMMITTER_EMAIL: 't@t',
    GIT_CONFIG_GLOBAL: '/dev/null',
    LANG: 'C.UTF-8',
  };
}
