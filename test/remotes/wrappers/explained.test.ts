import { describe, expect, it } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii } from '../../../src/lib/bytes.js';
import { streamOf } from '../../../src/lib/in-batches.js';
import { createUnreachableRemote } from '../../../src/remotes/unreachable-remote.js';
import { explained } from '../../../src/remotes/wrappers/explained.js';
import { key } from './scripted-remote.js';

function scene(error: AnnexError) {
  const told: string[] = [];
  const identity = { name: ascii('origin'), uuid: ascii('u') as Uuid, cost: 200, readonly: false };
  return { told, remote: explained(createUnreachableRemote(identity, error), (text) => told.push(text)) };
}

const signal = new AbortController().signal;

describe('a remote that explains itself', () => {
  it('says once why it is out of reach, and what to do', async () => {
    const { told, remote } = scene(new AnnexError('remote-unavailable', 'no route', { hint: 'Plug it in.' }));
    const presences = [];
    for await (const { presence } of remote.presence(streamOf([key('a'), key('b')]), { signal }))
      presences.push(presence);
    const lock = await remote.lockContent(key('a'));
    expect(presences.every((presence) => presence instanceof AnnexError)).toBe(true);
    expect(lock).toBeInstanceOf(AnnexError);
    expect(told).toEqual(['origin: no route\nPlug it in.']);
  });

  it('leaves what went wrong with one content to the operation', async () => {
    const { told, remote } = scene(new AnnexError('remote-refused', 'not now'));
    for await (const result of remote.retrieve(streamOf([{ key: key('a'), file: undefined }]), { signal }))
      expect(result.ok).toBe(false);
    expect(told).toEqual([]);
  });
});
