import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One of the two programs that are compared. */
export interface Subject {
  readonly name: 'git-annex' | 'git-annex-ts';
  /** Words that come before the subcommand. */
  readonly command: readonly string[];
}

/** A scratch folder with an environment that no configuration of the machine's user reaches. */
export class Scene {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  private count = 0;

  constructor(parent = tmpdir()) {
    this.root = mkdtempSync(join(parent, 'annex-bench-'));
    this.env = {
      PATH: process.env.PATH,
      HOME: this.root,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'bench',
      GIT_AUTHOR_EMAIL: 'bench@example.com',
      GIT_COMMITTER_NAME: 'bench',
      GIT_COMMITTER_EMAIL: 'bench@example.com',
      LC_ALL: 'C.UTF-8',
    };
    writeFileSync(
      join(this.root, '.gitconfig'),
      '[init]\n\tdefaultBranch = master\n[gc]\n\tauto = 0\n[safe]\n\tdirectory = *\n',
    );
  }

  /** A fresh path below the scratch folder. */
  path(name: string): string {
    this.count += 1;
    return join(this.root, `${name}-${this.count}`);
  }

  run(cwd: string, ...argv: string[]): string {
    const [program = '', ...args] = argv;
    return execFileSync(program, args, {
      cwd,
      env: this.env,
      encoding: 'latin1',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  annex(subject: Subject, cwd: string, ...args: string[]): string {
    return this.run(cwd, ...subject.command, ...args);
  }

  /** An initialised repository; made by git-annex so that both programs start from the same. */
  init(name: string): string {
    const dir = this.path(name);
    this.run(this.root, 'git', 'init', '-q', dir);
    this.run(dir, 'git-annex', 'init', name);
    return dir;
  }

  /** Has git's filters and hooks run that program. */
  filterBy(subject: Subject, dir: string): void {
    const program = subject.command.map((word) => `'${word}'`).join(' ');
    this.run(dir, 'git', 'config', 'filter.annex.smudge', `${program} smudge -- %f`);
    this.run(dir, 'git', 'config', 'filter.annex.clean', `${program} smudge --clean -- %f`);
    this.run(dir, 'git', 'config', 'filter.annex.process', `${program} filter-process`);
    for (const hook of ['post-checkout', 'post-merge']) {
      writeFileSync(join(dir, '.git/hooks', hook), `#!/bin/sh\nexec ${program} smudge --update\n`);
    }
  }

  clone(source: string, name: string): string {
    const dir = this.path(name);
    this.run(this.root, 'git', 'clone', '-q', source, dir);
    this.run(dir, 'git-annex', 'init', name);
    return dir;
  }

  remove(dir: string): void {
    unlock(dir);
    // A sync that a hook started may still be at work.
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  close(): void {
    this.remove(this.root);
  }
}

/** Object folders are read-only; nothing in them can be deleted before they are writable. */
function unlock(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(dir, entry.name);
    chmodSync(path, 0o755);
    unlock(path);
  }
}

/** `count` different small files, a hundred to a folder. */
export function smallFiles(dir: string, count: number, seed = ''): void {
  for (let i = 0; i < count; i++) {
    const folder = join(dir, `d${seed}${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, `f${i}.dat`),
      `${seed}${i}\n${createHash('md5').update(`${seed}${i}`).digest('hex')}\n`,
    );
  }
}

/** One file of `bytes` bytes that does not compress. */
export function bigFile(path: string, bytes: number): void {
  const block = Buffer.alloc(1 << 20);
  const file = openSync(path, 'w');
  for (let done = 0, i = 0; done < bytes; done += block.length, i++) {
    createHash('sha512')
      .update(String(i))
      .digest()
      .copy(block, (i * 64) % (block.length - 64));
    writeSync(file, block, 0, Math.min(block.length, bytes - done));
  }
  closeSync(file);
}
