import type { Running } from './scene.js';

/** Waits until what a program wrote to stdout so far matches, in whatever pieces it comes; fails when the program ends before. */
export function stdoutOf({ child, ended }: Running, wanted: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (wanted.test(seen)) resolve();
    });
    ended.then(
      ({ status, stderr }) => reject(new Error(`exit ${status} without ${wanted}: ${seen}${stderr}`)),
      reject,
    );
  });
}
