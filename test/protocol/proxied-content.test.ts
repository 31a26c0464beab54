import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/domain/key.js';
import type { Uuid } from '../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../src/lib/bytes.js';
import { greet } from '../../src/protocol/client.js';
import { plainly } from '../../src/protocol/outcome.js';
import { proxiedContent } from '../../src/protocol/proxied-content.js';
import { serve } from '../../src/protocol/serve.js';
import type { ServedContent } from '../../src/protocol/served-content.js';
import type { Access } from '../../src/protocol/session.js';
import { createConnections } from '../../src/remotes/p2p/connections.js';
import { createStreamWire } from '../../src/remotes/transport/stream-wire.js';
import { memoryChannels } from '../support/p2p-channels.js';
import { serveMemory } from '../support/served-memory.js';
import { talk } from '../support/talk.js';

const HERE = 'SHA256E-s13--here';
const NEW = 'SHA256E-s6--new';
const memory = () => serveMemory({ [HERE]: 'content here\n' }, { [NEW]: 'hello\n' });
const identity = { name: ascii('n'), uuid: 'server' as Uuid, cost: 100, readonly: false };

/** A gateway to a node in memory. @param clock seconds that the gateway's clock shows */
function gatewayTo(node: ServedContent, clock = () => 1000, access: Access = 'all') {
  const heard: (readonly string[])[] = [];
  let opened = 0;
  const openChannel = memoryChannels(({ input, output }) => {
    opened++;
    return serve(createStreamWire(input, output), node, access);
  });
  const connections = createConnections({ identity, openChannel });
  const content = proxiedContent({
    uuid: identity.uuid,
    clock,
    bypass: (uuids) => void heard.push(uuids),
    async connect() {
      const connection = await connections.take();
      return {
        session: connection.session,
        give: () => connections.give(connection),
        drop: () => connection.close(),
      };
    },
  });
  return { content, heard, opened: () => opened };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a repository behind a gateway', () => {
  it.each([
    ['questions', `CHECKPRESENT ${HERE}\nCHECKPRESENT ${NEW}\nGETTIMESTAMP\n`],
    ['locks', `LOCKCONTENT ${HERE}\nUNLOCKCONTENT\nLOCKCONTENT ${NEW}\nCHECKPRESENT ${HERE}\n`],
    ['contents', `GET 3 f ${HERE}\nSUCCESS\nGET 13 f ${HERE}\nSUCCESS\nGET 0 f ${NEW}\nFAILURE\n`],
    ['what is new', `PUT f ${NEW}\nDATA 6\nhello\nVALID\nPUT f ${NEW}\nGET 0 f ${NEW}\nSUCCESS\n`],
    ['what is wrong', `PUT f ${NEW}\nDATA 6\nHELLO\nVALID\nCHECKPRESENT ${NEW}\nFOO\n`],
    ['what got there otherwise', `PUT f ${NEW}\nDATA-PRESENT\nCHECKPRESENT ${HERE}\n`],
    ['removals', `REMOVE-BEFORE 1000 ${HERE}\nREMOVE-BEFORE 1001 ${HERE}\nREMOVE ${HERE}\nREMOVE ${NEW}\n`],
  ])('answers %s as if it were reached directly', async (_, session) => {
    const hello = 'VERSION 4\nBYPASS g1 g2\n';
    const direct = await talk(hello + session, memory());
    const node = memory();
    const gateway = gatewayTo(node);
    const relayed = await talk(hello + session, gateway.content);
    expect(relayed).toEqual(direct);
    expect(gateway.heard).toEqual([['g1', 'g2']]);
    await settled();
    expect(node.unfinished()).toBe(0);
  });

  it('is asked over one connection, as long as nothing goes wrong', async () => {
    const gateway = gatewayTo(memory());
    await talk(`CHECKPRESENT ${HERE}\nGET 0 f ${HERE}\nSUCCESS\nPUT f ${NEW}\nDATA 6\nhello\nVALID\n`, {
      ...gateway.content,
    });
    expect(gateway.opened()).toBe(1);
  });

  it('keeps what came when the client goes away, and its locks for a while', async () => {
    const node = memory();
    const cut = await talk(`VERSION 4\nPUT f ${NEW}\nDATA 6\nhel`, gatewayTo(node).content);
    expect(cut.error).toMatchObject({ code: 'connection-lost' });
    await settled();
    expect(node.partial.get(NEW)?.toString()).toBe('hel');
    await talk(`VERSION 4\nLOCKCONTENT ${HERE}\n`, gatewayTo(node).content);
    await settled();
    expect(node.abandoned).toEqual([HERE]);
    expect(node.unfinished()).toBe(0);
  });

  it('is told until when it may remove by its own clock', async () => {
    const times: (number | undefined)[] = [];
    const node: ServedContent = {
      ...memory(),
      now: () => 70,
      remove: async (_, before) => plainly(times.push(before) > 0),
    };
    const { content } = gatewayTo(node, () => 1000.5);
    await talk(
      `VERSION 4\nREMOVE-BEFORE 1100 ${HERE}\nREMOVE-BEFORE 1000 ${HERE}\nREMOVE ${HERE}\n`,
      content,
    );
    expect(times).toEqual([169, undefined]);
  });

  it('that is lost or refuses is told in a sentence, and the next request is tried again', async () => {
    let times = 0;
    const lost: ServedContent = {
      ...memory(),
      async present() {
        times++;
        throw new Error('gone');
      },
    };
    const { output } = await talk(
      `VERSION 4\nCHECKPRESENT ${HERE}\nCHECKPRESENT ${HERE}\n`,
      gatewayTo(lost).content,
    );
    expect(output.match(/^ERROR .*closed the connection$/gm)).toHaveLength(2);
    expect(times).toBe(2);
    const refusing = await talk(`VERSION 4\nREMOVE ${HERE}\nCHECKPRESENT ${HERE}\n`, {
      ...gatewayTo(memory(), () => 1000, 'read').content,
    });
    expect(refusing.output).toMatch(/ERROR .*read-only.*\nSUCCESS\n$/);
  });

  it('names the nodes where a content got otherwise, if it is a gateway of a cluster', async () => {
    const also = ['n1', 'n2'] as ByteString[];
    const cluster = { ...memory(), arrived: async () => ({ success: true, also }) };
    expect(await gatewayTo(cluster).content.arrived?.(NEW as Key)).toEqual({ success: true, also });
    expect(await gatewayTo(memory()).content.arrived?.(NEW as Key)).toEqual(plainly(false));
    expect(await gatewayTo(memory()).content.arrived?.(HERE as Key)).toEqual(plainly(true));
  });

  it('is greeted like any other', async () => {
    const channel = await memoryChannels(({ input, output }) =>
      serve(createStreamWire(input, output), gatewayTo(memory()).content, 'all'),
    )();
    expect(await greet(channel.wire)).toMatchObject({ uuid: 'server' as ByteString, version: 4 });
    channel.close();
  });
});
