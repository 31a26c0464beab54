import { expect, it } from 'vitest';
import { noConnection } from '../../../src/remotes/ssh/ssh-failure.js';
import { ascii } from '../../../src/lib/bytes.js';

it('shows the command that was tried, with the options of the user as a shell takes them', () => {
  const options = ['-i', '~/keys/a', '-o', 'UserKnownHostsFile=/a b'].map(ascii);
  const error = noConnection(ascii('me@host'), 222, 'Host key verification failed.\n', options);
  expect(error.message).toBe('cannot connect to me@host: Host key verification failed.');
  expect(error.hint).toBe("Does this work? ssh -i ~/keys/a -o 'UserKnownHostsFile=/a b' -p 222 me@host");
  expect(noConnection(ascii('host'), undefined, '').hint).toBe('Does this work? ssh host');
});
