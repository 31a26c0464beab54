import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A folder for PATH with a `git-annex-ts` that knows the commands which git calls, and nothing else. */
export async function buildFilterProgram(name: string): Promise<{ folder: string; remove(): void }> {
  const folder = join(root, 'node_modules', `.filters-${name}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const commands = ['smudge', 'filter-process', 'pre-commit', 'post-receive'];
  const table = commands.map(
    (command) => `'${command}': () => import('./src/operations/git-filters/${command}.ts')`,
  );
  await build({
    stdin: {
      contents: `
        const table = { ${table.join(', ')} };
        const [name, ...argv] = process.argv.slice(2);
        try { process.exitCode = await (await table[name]()).run(argv); }
        catch (error) { console.error('git-annex: ' + error.message); process.exitCode = 1; }`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: folder,
    entryNames: 'program',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    logLevel: 'error',
  });
  const program = join(folder, 'git-annex-ts');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'program.mjs')}' "$@"\n`);
  chmodSync(program, 0o755);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
