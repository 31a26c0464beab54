import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { applyConfigOverrides } from '../../../src/commands/base/config-overrides.js';

test('git sees the overrides, after those it was given already', () => {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'annex.first',
    GIT_CONFIG_VALUE_0: 'one',
  };
  applyConfigOverrides(['annex.second=a=b', 'annex.third'], env);
  const get = (name: string) => execFileSync('git', ['config', name], { env, encoding: 'utf8' }).trim();
  expect([get('annex.first'), get('annex.second'), get('annex.third')]).toEqual(['one', 'a=b', 'true']);
});

test('no overrides change nothing', () => {
  const env: NodeJS.ProcessEnv = {};
  applyConfigOverrides([], env);
  expect(env).toEqual({});
});
