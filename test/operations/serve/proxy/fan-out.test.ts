import { expect, it } from 'vitest';
import type { Uuid } from '../../../../src/domain/uuid.js';
import { fanOut, type Target } from '../../../../src/operations/serve/proxy/cluster/fan-out.js';
import { plainly } from '../../../../src/protocol/outcome.js';
import { serveMemory } from '../../../support/served-memory.js';

const PIECE = Buffer.alloc(256 << 10);

/** A node that takes so many milliseconds for a piece. */
function target(name: string, milliseconds: number, taken: Map<string, number>): Target {
  const uuid = name as Uuid;
  const load = { active: 0, bytesPerSecond: undefined, laggedAt: 0 };
  const nothing = async () => undefined;
  return {
    member: {
      uuid,
      name,
      gateway: undefined,
      nodes: new Set([uuid]),
      hops: 0,
      readonly: false,
      waitedFor: false,
      load,
      content: serveMemory({}),
    },
    reception: {
      offset: 0,
      async write(bytes) {
        if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
        taken.set(name, (taken.get(name) ?? 0) + bytes.length);
      },
      finish: async () => plainly(true),
      discard: nothing,
      leave: nothing,
    },
  };
}

it('a node that is far slower than the others holds a large content up no longer than it is let, whatever came before', async () => {
  const taken = new Map<string, number>();
  const failures: string[] = [];
  const targets = [target('fast', 0, taken), target('slow', 20, taken), target('brisk', 0, taken)];
  const reception = fanOut({
    targets,
    patience: 50,
    failed: ({ name }) => void failures.push(name),
    stored: async (nodes) => ({ success: true, also: nodes }),
  });
  await reception.begin?.(PIECE.length * 200);
  for (let i = 0; i < 200; i++) await reception.write(PIECE);
  expect(failures).toEqual(['slow']);
  expect(taken.get('slow')).toBeLessThan(PIECE.length * 60);
  expect(await reception.finish()).toEqual({ success: true, also: ['fast', 'brisk'] });
  expect(taken.get('fast')).toBe(PIECE.length * 200);
});
