import type { Readable, Writable } from 'node:stream';
import { AnnexError } from '../../domain/errors.js';
import type { Service } from '../../protocol/message.js';
import type { ServiceProcess } from '../../protocol/served-services.js';
import { gitEnvironment } from '../../repository/git/environment.js';
import { spawnGit } from '../../repository/git/spawn-git.js';
import type { RepositoryLocation } from '../../repository/repository.js';

/** Runs `git upload-pack` or `git receive-pack` on a repository for a client of the P2P protocol. */
export function startGitService(service: Service, location: RepositoryLocation): ServiceProcess {
  const child = spawnGit([service.slice('git-'.length), location.gitDir], {
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const input = child.stdin as Writable;
  // It may end before it has read everything: its exit code tells.
  input.on('error', () => undefined);
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', () => reject(new AnnexError('git-failed', `${service} could not be started`)));
    child.on('close', (code) => resolve(code ?? 128));
  });
  ended.catch(() => undefined);
  return {
    output: () => child.stdout as Readable,
    async write(bytes) {
      if (input.destroyed || input.write(bytes)) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          input.off('drain', done).off('close', done);
          resolve();
        };
        input.on('drain', done).on('close', done);
      });
    },
    end: () => void input.end(),
    exitCode: () => ended,
    close: () => void (child.exitCode === null && child.kill()),
  };
}
