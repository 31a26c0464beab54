import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { rawArguments } from '../../../src/commands/options/raw-arguments.js';

test('UTF-8 arguments become their bytes', () => {
  expect(rawArguments(['a', 'ü'])).toEqual(['a', '\xc3\xbc']);
});

test('arguments that are not UTF-8 keep their bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raw-arguments-'));
  try {
    const module = fileURLToPath(new URL('../../../src/commands/options/raw-arguments.ts', import.meta.url));
    const entry = `import { rawArguments } from ${JSON.stringify(module)};
      process.stdout.write(Buffer.from(JSON.stringify(rawArguments(process.argv.slice(2)))));`;
    writeFileSync(join(folder, 'entry.ts'), entry);
    const outfile = join(folder, 'entry.mjs');
    await build({
      entryPoints: [join(folder, 'entry.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
    });
    const script = `"${process.execPath}" "${outfile}" a $'b\\xff' ü`;
    expect(JSON.parse(execFileSync('bash', ['-c', script], { encoding: 'utf8' }))).toEqual([
      'a',
      'b\xff',
      '\xc3\xbc',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
