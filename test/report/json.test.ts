import { describe, expect, test } from 'vitest';
import type { Action, AnnexEvent } from '../../src/domain/events.js';
import type { Key } from '../../src/domain/key.js';
import { ascii, type ByteString, toText } from '../../src/lib/bytes.js';
import { jsonReporter, percentage } from '../../src/report/json.js';
import { MemorySink } from '../support/memory-sink.js';

const key = 'SHA256E-s5--2cf2' as Key;
const action: Action = { command: 'get', file: ascii('a'), key, input: [ascii('.')] };

function read(events: readonly AnnexEvent[], options = { errorMessages: true, progress: true }) {
  const out = new MemorySink();
  const err = new MemorySink();
  const reporter = jsonReporter(out, err, options);
  for (const event of events) reporter.emit(event);
  return { out: toText(out.text as ByteString), err: toText(err.text as ByteString) };
}

describe('JSON', () => {
  test("has git-annex's fields in alphabetical order", () => {
    const { out } = read([
      { type: 'start', action },
      { type: 'note', action, text: 'from origin...' },
      { type: 'end', action, success: true },
    ]);
    expect(out).toBe(
      '{"command":"get","error-messages":[],"file":"a","input":["."],"key":"SHA256E-s5--2cf2",' +
        '"note":"from origin...","success":true}\n',
    );
  });

  test('joins notes with line breaks and adds what was wanting', () => {
    const { out } = read([
      { type: 'start', action },
      { type: 'note', action, text: 'unsafe' },
      { type: 'long-note', action, text: 'Could not verify' },
      { type: 'end', action, success: false, wanted: [] },
    ]);
    expect(JSON.parse(out)).toMatchObject({ note: 'unsafe\nCould not verify', success: false, wanted: [] });
  });

  test('puts errors on stderr unless asked for', () => {
    const end: AnnexEvent = {
      type: 'end',
      action,
      success: false,
      errors: ['no'],
      messageId: 'FileNotFound',
    };
    const without = read([end], { errorMessages: false, progress: false });
    expect(without.err).toBe('no\n');
    expect(JSON.parse(without.out)).toMatchObject({ 'error-messages': [], 'message-id': 'FileNotFound' });
    const withErrors = read([end]);
    expect(withErrors.err).toBe('');
    expect(JSON.parse(withErrors.out)).toMatchObject({ 'error-messages': ['no'] });
  });

  test('has each line of a problem as an error message, or quoted on stderr', () => {
    const events: AnnexEvent[] = [
      { type: 'start', action },
      { type: 'problem', action, message: ['bad ', { name: 'b\xc3\xa9' as ByteString }, '\n\tvery'] },
      { type: 'end', action, success: true, errors: ['no'] },
    ];
    expect(JSON.parse(read(events).out)).toMatchObject({ 'error-messages': ['bad bé', '\tvery', 'no'] });
    const without = read(events, { errorMessages: false, progress: false });
    expect(without.err).toBe('  bad "b\\303\\251"\n  \tvery\nno\n');
    expect(JSON.parse(without.out)).toMatchObject({ 'error-messages': [] });
  });

  test('tells progress, but not more often than ten times a second', () => {
    const { out } = read([
      { type: 'start', action },
      { type: 'progress', action, bytes: 32_752, total: 3_000_000 },
      { type: 'progress', action, bytes: 40_000, total: 3_000_000 },
      { type: 'progress', action, bytes: 3_000_000, total: 3_000_000 },
    ]);
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(records).toHaveLength(2);
    expect(out.split('\n')[0]).toBe(
      '{"action":{"command":"get","file":"a","input":["."],"key":"SHA256E-s5--2cf2"},' +
        '"byte-progress":32752,"percent-progress":"1.09%","total-size":3000000}',
    );
  });

  test('replaces bytes that are not UTF-8', () => {
    const odd: Action = { command: 'get', file: 'b\xff\x01\xc3\xa9' as ByteString };
    expect(JSON.parse(read([{ type: 'end', action: odd, success: true }]).out)).toMatchObject({
      file: 'b\uFFFD\x01é',
    });
  });

  test('decodes byte strings in further fields, and leaves text alone', () => {
    const fields = { whereis: [{ description: 'f\xc3\xbcr', text: 'für €' }], here: true };
    expect(JSON.parse(read([{ type: 'record', fields }]).out)).toEqual({
      here: true,
      whereis: [{ description: 'für', text: 'für €' }],
    });
  });

  test.each([
    [1, 3, '33.33%'],
    [1, 2, '50%'],
    [0, 0, '100%'],
    [5, 5, '100%'],
  ])('percentage of %d in %d is %s', (part, whole, text) => {
    expect(percentage(part, whole)).toBe(text);
  });
});
