import { expect, test } from 'vitest';
import { HASH_BACKENDS, versionText } from '../../../src/commands/base/program-version.js';
import { hashFunction } from '../../../src/repository/objects/hashers.js';

test.each([...HASH_BACKENDS])('%s is really supported', async (name) => {
  expect(await hashFunction(name)).toBeDefined();
});

test('the version of the repository is told where there is one', () => {
  expect(versionText('1.2.3', '10')).toContain(
    '\nlocal repository version: 10\ngit-annex-ts version: 1.2.3\n',
  );
  expect(versionText('1.2.3', undefined)).not.toContain('local repository');
});
