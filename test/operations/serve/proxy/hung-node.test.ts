import { describe, expect, it } from 'vitest';
import type { Uuid } from '../../../../src/domain/uuid.js';
import { ascii } from '../../../../src/lib/bytes.js';
import { channelNode } from '../../../../src/operations/serve/proxy/channel-node.js';
import { serve } from '../../../../src/protocol/serve.js';
import type { ServedContent } from '../../../../src/protocol/served-content.js';
import type { OpenChannel } from '../../../../src/remotes/p2p/channel.js';
import { createStreamWire } from '../../../../src/remotes/transport/stream-wire.js';
import { memoryChannels } from '../../../support/p2p-channels.js';
import { type ServedMemory, serveMemory } from '../../../support/served-memory.js';
import { talk } from '../../../support/talk.js';

const HERE = 'SHA256E-s13--here';
const NEW = 'SHA256E-s6--new';
const SILENT = 'ERROR the repository behind this gateway does not answer';
const identity = { name: ascii('n'), uuid: 'server' as Uuid, cost: 100, readonly: false };

const never = () => new Promise<never>(() => undefined);
const channelsTo = (content: ServedContent) =>
  memoryChannels(({ input, output }) => serve(createStreamWire(input, output), content, 'all'));
const hanging = (how: (content: ServedMemory) => Partial<ServedContent>) => {
  const content = serveMemory({ [HERE]: 'content here\n' }, { [NEW]: 'hello\n' });
  return channelsTo({ ...content, ...how(content) });
};

/** What a client is told by a gateway to a node that answers within 20 ms or never. */
async function asked(openChannel: OpenChannel, said: string, more: readonly Buffer[] = []) {
  let opened = 0;
  let isClosed = false;
  const counted: OpenChannel = async () => {
    const channel = await openChannel();
    opened++;
    const close = () => {
      isClosed = true;
      channel.close();
    };
    return { ...channel, close };
  };
  const node = channelNode({
    identity,
    openChannel: counted,
    bypass: [],
    patience: 20,
    warn: () => undefined,
  });
  async function* client() {
    yield Buffer.from(`VERSION 4\n${said}`);
    yield* more;
  }
  const { output, error } = await talk(client(), node.serve({ client: 'c' as Uuid }));
  return { told: output.split('\n').slice(2, -1), error, opened, isClosed };
}

describe('a node that takes connections and then says nothing', () => {
  it.each([
    ['greets', memoryChannels(never), `CHECKPRESENT ${HERE}\n`, 'ERROR cannot talk to remote n'],
    ['looks', hanging(() => ({ present: never })), `CHECKPRESENT ${HERE}\n`],
    ['locks', hanging(() => ({ lock: never })), `LOCKCONTENT ${HERE}\n`],
    ['removes', hanging(() => ({ remove: never })), `REMOVE ${HERE}\n`],
    ['removes in time', hanging(() => ({ remove: never })), `REMOVE-BEFORE 9999999 ${HERE}\n`],
    ['sends', hanging(() => ({ open: never })), `GET 0 f ${HERE}\n`],
    ['is sent something', hanging(() => ({ receive: never })), `PUT f ${NEW}\n`],
  ])('when it %s is told of in time, and not asked again at once', async (_, node, said, answer = SILENT) => {
    const { told, opened, isClosed } = await asked(node, said + said);
    expect(told).toEqual([answer, answer]);
    expect([opened, isClosed]).toEqual([1, true]);
  });

  it('after a part of a content ends the connection to the client', async () => {
    const part = hanging((content) => ({
      async open(...args) {
        const open = await content.open(...args);
        return (
          open && {
            ...open,
            async *pieces() {
              yield Buffer.from('cont');
              await never();
            },
          }
        );
      },
    }));
    const { told, error, isClosed } = await asked(part, `GET 0 f ${HERE}\n`);
    expect(told).toEqual(['DATA 13']);
    expect(error).toMatchObject({ code: 'remote-unavailable' });
    expect(isClosed).toBe(true);
  });

  it('when it has got all of a content, or takes no more of it, has not stored it', async () => {
    const ending = (when: 'write' | 'finish') =>
      hanging((content) => ({
        async receive(...args) {
          const answer = await content.receive(...args);
          if (answer.kind !== 'wanted') return answer;
          return { kind: 'wanted', reception: { ...answer.reception, [when]: never } };
        },
      }));
    const stored = await asked(ending('finish'), `PUT f ${NEW}\nDATA 6\nhello\nVALID\n`);
    expect(stored.told).toEqual(['PUT-FROM 0', SILENT]);
    const size = 1 << 20;
    const big = `PUT f SHA256E-s${size}--big\nDATA ${size}\n`;
    const stuck = await asked(ending('write'), big, Array(16).fill(Buffer.alloc(size / 16)));
    expect(stuck.told).toEqual(['PUT-FROM 0']);
    expect(stuck.error).toMatchObject({ code: 'remote-unavailable' });
    expect(stuck.isClosed).toBe(true);
  });
});
