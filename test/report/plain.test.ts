import { describe, expect, test } from 'vitest';
import type { Action, AnnexEvent } from '../../src/domain/events.js';
import { ascii, type ByteString } from '../../src/lib/bytes.js';
import { plainReporter } from '../../src/report/plain.js';
import type { ReportOptions } from '../../src/report/reporter.js';
import { MemorySink } from '../support/memory-sink.js';

const a: Action = { command: 'get', file: ascii('a') };
const b: Action = { command: 'get', file: ascii('b') };
const from = 'from origin...';

function read(
  events: readonly AnnexEvent[],
  options: Partial<ReportOptions> = {},
): { out: string; err: string } {
  const out = new MemorySink();
  const err = new MemorySink();
  const reporter = plainReporter(out, err, {
    concurrent: false,
    quiet: false,
    quotePath: () => true,
    ...options,
  });
  for (const event of events) reporter.emit(event);
  return { out: out.text, err: err.text };
}

describe('plain text', () => {
  test('of an action that succeeded', () => {
    const { out } = read([
      { type: 'start', action: a },
      { type: 'note', action: a, text: from },
      { type: 'end', action: a, success: true },
    ]);
    expect(out).toBe('get a (from origin...) ok\n');
  });

  test('of a failed action with long notes, as git-annex prints it', () => {
    const { out } = read([
      { type: 'start', action: a },
      { type: 'long-note', action: a, text: 'Unable to access these remotes: origin' },
      { type: 'long-note', action: a, text: 'No other repository is known to contain the file.' },
      { type: 'end', action: a, success: false },
    ]);
    expect(out).toBe(
      'get a \n  Unable to access these remotes: origin\n\n' +
        '  No other repository is known to contain the file.\nfailed\n',
    );
  });

  test('has errors on stderr', () => {
    const { out, err } = read([
      { type: 'start', action: a },
      { type: 'end', action: a, success: false, errors: ['disk full'] },
    ]);
    expect({ out, err }).toEqual({ out: 'get a \nfailed\n', err: '  disk full\n' });
  });

  test('of an error without a started action is the error alone', () => {
    const { out, err } = read([
      { type: 'end', action: a, success: false, errors: ['git-annex: a not found'] },
    ]);
    expect({ out, err }).toEqual({ out: '', err: 'git-annex: a not found\n' });
  });

  test('of overlapping actions is not mixed', () => {
    const overlapping: AnnexEvent[] = [
      { type: 'start', action: a },
      { type: 'start', action: b },
      { type: 'note', action: b, text: from },
      { type: 'note', action: a, text: from },
      { type: 'end', action: b, success: true },
      { type: 'end', action: a, success: true },
    ];
    expect(read(overlapping, { concurrent: true }).out).toBe(
      'get b (from origin...) ok\nget a (from origin...) ok\n',
    );
    expect(read(overlapping).out).toBe('get a (from origin...) ok\nget b (from origin...) ok\n');
  });

  test('has problems on stderr at once, each ending the line of its action', () => {
    const odd = 'b\xc3\xa9' as ByteString;
    const { out, err } = read([
      { type: 'start', action: a },
      { type: 'problem', action: a, message: ['No copies of ', { name: odd }, '\n\tnone'] },
      { type: 'problem', action: a, message: ['Worse'] },
      { type: 'note', action: a, text: 'checksum...' },
      { type: 'end', action: a, success: false },
      { type: 'problem', message: ['Besides'] },
    ]);
    expect(out).toBe('get a \n\n(checksum...) failed\n\n');
    expect(err).toBe('  No copies of "b\\303\\251"\n  \tnone\n  Worse\n  Besides\n');
  });

  test('has problems of concurrent actions in their place', () => {
    const concurrent: AnnexEvent[] = [
      { type: 'start', action: a },
      { type: 'start', action: b },
      { type: 'problem', action: b, message: ['Bad'] },
      { type: 'end', action: b, success: false },
      { type: 'end', action: a, success: true },
    ];
    const { out, err } = read(concurrent, { concurrent: true });
    expect({ out, err }).toEqual({ out: 'get b \nfailed\nget a ok\n', err: '  Bad\n' });
  });

  test('is only about what is wrong when quiet, on stderr', () => {
    const { out, err } = read(
      [
        { type: 'start', action: a },
        { type: 'end', action: a, success: true },
        { type: 'aside', text: 'recording state in git...' },
        { type: 'start', action: b },
        { type: 'problem', action: b, message: ['Bad'] },
        { type: 'end', action: b, success: false, errors: ['disk full'] },
        { type: 'problem', message: ['Besides'] },
      ],
      { quiet: true },
    );
    expect({ out, err }).toEqual({ out: '', err: '  Bad\n  disk full\n  Besides\n' });
  });

  test('quotes names as git does', () => {
    const odd: Action = { command: 'add', file: 'b\xff\x01\xc3\xa9 "x' as ByteString };
    const events: AnnexEvent[] = [{ type: 'start', action: odd }];
    expect(read(events).out).toBe('add "b\\377\\001\\303\\251 \\"x" ');
    expect(read(events, { quotePath: () => false }).out).toBe('add "b\xff\\001\xc3\xa9 \\"x" ');
  });

  test('writes output bytes as they are', () => {
    expect(read([{ type: 'output', bytes: '\xff\n' as ByteString }]).out).toBe('\xff\n');
  });

  test('shows the output of an action only where it shows the action', () => {
    const events: AnnexEvent[] = [
      { type: 'start', action: a },
      { type: 'output', bytes: '\n' as ByteString, action: a },
      { type: 'end', action: a, success: true },
    ];
    expect(read(events).out).toBe('get a \nok\n');
    expect(read(events, { quiet: true }).out).toBe('');
  });

  test('lets no control character of a note reach the terminal', () => {
    const { out } = read([
      { type: 'start', action: a },
      { type: 'note', action: a, text: '\x1b[31mred' },
    ]);
    expect(out).toBe('get a (\\x1b[31mred) ');
  });
});
