import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { greet } from '../../src/protocol/client.js';
import { connectToService, waitForChange } from '../../src/protocol/client-services.js';
import { createStreamWire } from '../../src/remotes/transport/stream-wire.js';

/** A client to a server that says this and no more. */
async function connected(says: string) {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  toClient.end(`AUTH-SUCCESS u\nVERSION 4\n${says}`);
  const session = await greet(createStreamWire(toClient, toServer));
  return { session, said: () => String(toServer.read() ?? '') };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
async function* words(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('want\n');
  yield Buffer.from('done\n');
}

describe('a service of git over the protocol', () => {
  it('is told everything, and heard to its end', async () => {
    const { session, said } = await connected('DATA 3\nabcDATA 0\nDATA 2\nCOCONNECTDONE 7\n');
    let heard = '';
    const output = (bytes: Uint8Array) => {
      heard += Buffer.from(bytes).toString();
      return undefined;
    };
    expect(await connectToService(session, 'git-upload-pack', { input: words(), output })).toBe(7);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toBe('abcCO');
    expect(said()).toMatch(/^VERSION 4\nCONNECT git-upload-pack\n/);
  });

  it.each([
    ['ERROR unknown\n', 'remote-refused'],
    ['DATA 5\nab', 'connection-lost'],
    ['SUCCESS\n', 'protocol'],
    ['', 'connection-lost'],
  ])('fails after %j', async (says, code) => {
    const { session } = await connected(says);
    const streams = { input: nothing(), output: () => undefined };
    await expect(connectToService(session, 'git-receive-pack', streams)).rejects.toMatchObject({ code });
  });
});

it('tells of changed branches', async () => {
  const { session } = await connected('CHANGED refs/heads/main refs/heads/git-annex\n');
  expect(await waitForChange(session)).toEqual(['refs/heads/main', 'refs/heads/git-annex']);
});

it.each([
  ['AUTH-FAILURE\n', 'permission'],
  ['ERROR go away\n', 'remote-refused'],
  ['VERSION 4\n', 'protocol'],
  ['', 'connection-lost'],
])('does not greet a server that begins with %j', async (says, code) => {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  toClient.end(says);
  await expect(greet(createStreamWire(toClient, toServer))).rejects.toMatchObject({ code });
});
