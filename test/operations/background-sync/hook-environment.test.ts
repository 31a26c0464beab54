import { expect, it } from 'vitest';
import { leaveCommit } from '../../../src/operations/background-sync/hook-environment.js';

it('forgets the commit that the hook was run for', () => {
  const env = {
    PATH: '/bin',
    GIT_DIR: '/r',
    GIT_INDEX_FILE: '.git/index',
    GIT_PREFIX: 'sub/',
    GIT_EDITOR: ':',
    GIT_AUTHOR_NAME: 'Other',
    GIT_AUTHOR_EMAIL: 'other@example.com',
    GIT_AUTHOR_DATE: '@1 +0000',
  };
  leaveCommit(env);
  expect(env).toEqual({ PATH: '/bin', GIT_DIR: '/r' });
});

it('keeps an identity that the environment holds', () => {
  const env = { GIT_AUTHOR_NAME: 'Other', GIT_COMMITTER_NAME: 'Me', GIT_COMMITTER_EMAIL: 'me@example.com' };
  leaveCommit(env);
  expect(env).toEqual({
    GIT_AUTHOR_NAME: 'Me',
    GIT_AUTHOR_EMAIL: 'me@example.com',
    GIT_COMMITTER_NAME: 'Me',
    GIT_COMMITTER_EMAIL: 'me@example.com',
  });
});
