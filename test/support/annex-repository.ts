import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteString } from '../../src/lib/bytes.js';
import { fromText } from '../../src/lib/bytes.js';

/** A temporary folder with real repositories in it. */
export interface Sandbox {
  readonly directory: string;
  /** `git init`, then `git annex init` with these arguments; gives the path. */
  annex(name: string, ...initArguments: string[]): string;
  /** Deletes it all, read-only objects too. */
  remove(): void;
}

/** @param parent an existing folder, to which the sandbox is added */
export function createSandbox(parent: string = tmpdir()): Sandbox {
  const directory = mkdtempSync(join(parent, 'annex-ts-'));
  return {
    directory,
    annex(name, ...initArguments) {
      const path = join(directory, name);
      run('git', ['init', '-q', '-b', 'main', path], directory);
      run('git', ['config', 'user.name', 'Tester'], path);
      run('git', ['config', 'user.email', 'tester@example.com'], path);
      run('git', ['annex', 'init', '-q', ...initArguments], path);
      return path;
    },
    remove() {
      spawnSync('chmod', ['-R', 'u+rwX', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Output of a program that must succeed, without the newline at its end. */
export function run(program: string, args: readonly string[], cwd: string, input = ''): string {
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe'];
  return execFileSync(program, args, {
    cwd,
    input,
    stdio,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  }).replace(/\n$/, '');
}

/** How a program ends, whether it succeeds or not. */
export function attempt(program: string, args: readonly string[], cwd: string, input = '') {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    input,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

export const bytes = (text: string): ByteString => fromText(text);
