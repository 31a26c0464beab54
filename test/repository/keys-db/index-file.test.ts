import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isIntact, readIndexEntries, sealIndex } from '../../../src/repository/keys-db/index-file.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = createSandbox();
});
afterEach(() => sandbox.remove());

const component = fc
  .oneof(
    fc.stringMatching(/^[a-z]{1,3}$/),
    fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)),
      minLength: 1,
      maxLength: 300,
    }),
  )
  .map((name) => name.replaceAll('/', '_'))
  .filter((name) => !['.', '..', '.git'].includes(name.toLowerCase()) && !/^\.git|git~/i.test(name));
const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const modes = fc.constantFrom('100644', '100755', '120000');

test.each(['2', '4'])(
  'reads what git wrote: version %s',
  (version) => {
    const repository = join(sandbox.directory, 'r');
    run('git', ['init', '-q', repository], sandbox.directory);
    const blob = run('git', ['hash-object', '-w', '--stdin'], repository, 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(path, modes), { maxLength: 12 }), (files) => {
        run('git', ['read-tree', '--empty'], repository);
        const input = files.map(([name, mode]) => `${mode} ${blob}\t${name}\0`).join('');
        run(
          'sh',
          [
            '-c',
            `iconv -f UTF-8 -t LATIN1 | git update-index --replace -z --index-info && git update-index --index-version ${version}`,
          ],
          repository,
          input,
        );
        const index = readFileSync(join(repository, '.git/index'));
        const listed = run('sh', ['-c', 'git ls-files -s -z'], repository);
        const expected = listed.split('\0').filter((line) => line.startsWith('100'));
        const entries = readIndexEntries(index, 20, (mode) => (mode & 0o170000) === 0o100000);
        const shown = entries?.map(
          ({ mode, sha, stage, path: name }) => `${mode.toString(8)} ${sha} ${stage}\t${name}`,
        );
        expect(shown).toEqual(expected);
        expect(isIntact(index, 20)).toBe(true);
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

test('whatever the bytes, it ends without an answer or with one', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(1000),
      (body, version, count) => {
        const head = Buffer.alloc(12);
        head.write('DIRC');
        head.writeUInt32BE(version, 4);
        head.writeUInt32BE(count, 8);
        readIndexEntries(Buffer.concat([head, body]), 20, () => true);
      },
    ),
    { numRuns: 1000 },
  );
});

test('a changed index is sealed again; a skipped checksum stays skipped', () => {
  const index = Buffer.alloc(60, 7);
  expect(isIntact(index, 20)).toBe(false);
  sealIndex(index, 20);
  expect(isIntact(index, 20)).toBe(true);
  index.fill(0, 40);
  expect(isIntact(index, 20)).toBe(true);
  sealIndex(index, 20);
  expect(index.subarray(40).every((byte) => byte === 0)).toBe(true);
});
