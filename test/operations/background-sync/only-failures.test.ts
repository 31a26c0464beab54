import { expect, it } from 'vitest';
import type { Action, AnnexEvent } from '../../../src/domain/events.js';
import { ascii } from '../../../src/lib/bytes.js';
import { onlyFailures } from '../../../src/operations/sync/only-failures.js';

function told(events: readonly AnnexEvent[], failed: boolean): AnnexEvent[] {
  const seen: AnnexEvent[] = [];
  const { emit, end } = onlyFailures((event) => seen.push(event));
  for (const event of events) emit(event);
  end(failed);
  return seen;
}

const push: Action = { command: 'push', subject: ascii('origin') };
const get: Action = { command: 'get', file: ascii('f') };

it('tells nothing when all went well', () => {
  const events: AnnexEvent[] = [
    { type: 'warning', text: 'an expression is odd' },
    { type: 'aside', text: 'recording state in git...' },
    { type: 'start', action: push },
    { type: 'output', bytes: ascii('\n') },
    { type: 'warning', text: 'To origin' },
    { type: 'end', action: push, success: true },
  ];
  expect(told(events, false)).toEqual([]);
});

it('tells what failed and why, each in one piece', () => {
  const events: AnnexEvent[] = [
    { type: 'warning', text: 'an expression is odd' },
    { type: 'start', action: push },
    { type: 'warning', text: 'remote: no' },
    { type: 'end', action: push, success: false, errors: ['refused', 'Ask them.'] },
    { type: 'start', action: get },
    { type: 'note', action: get, text: 'not available' },
    { type: 'end', action: get, success: false },
    { type: 'end', action: { command: 'commit', subject: ascii('') }, success: false },
    { type: 'problem', message: ['disk full'] },
  ];
  expect(told(events, true)).toEqual([
    {
      type: 'problem',
      message: ['push ', { name: 'origin' }, ': ', 'remote: no', '\n', 'refused', '\n', 'Ask them.'],
    },
    { type: 'problem', message: ['get ', { name: 'f' }, ': ', 'not available'] },
    { type: 'problem', message: ['commit', ': ', 'failed'] },
    { type: 'problem', message: ['disk full'] },
    { type: 'warning', text: 'an expression is odd' },
  ]);
});
