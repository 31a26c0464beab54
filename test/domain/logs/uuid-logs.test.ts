import { afterAll, beforeAll, expect, test } from 'vitest';
import { activityLog } from '../../../src/domain/logs/activity-log.js';
import { differenceLog, hasDifferences } from '../../../src/domain/logs/difference-log.js';
import { groupLog } from '../../../src/domain/logs/group-log.js';
import type { UuidLog } from '../../../src/domain/logs/lines-by-uuid.js';
import { multicastLog } from '../../../src/domain/logs/multicast-log.js';
import { preferredContentLog, requiredContentLog } from '../../../src/domain/logs/preferred-content-log.js';
import { remoteLog } from '../../../src/domain/logs/remote-log.js';
import { scheduledEvents, scheduleLog } from '../../../src/domain/logs/schedule-log.js';
import { trustLog } from '../../../src/domain/logs/trust-log.js';
import { descriptionLog } from '../../../src/domain/logs/uuid-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { VectorClock } from '../../../src/domain/vector-clock.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { ascii } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

let judge: Judge;
let here: Uuid;
beforeAll(() => {
  judge = createJudge();
  here = judge.uuid as Uuid;
});
afterAll(() => judge.dispose());

const clock = '5.25' as VectorClock;

/** Every value at every kind of end that a line can have, and lines of the same uuid at different times. */
function hostileLines(values: readonly string[]): string {
  const ends = [
    'timestamp=1s',
    'timestamp=2.50s',
    'timestamp=-3s',
    'timestamp=3',
    'timestamp=xs',
    '',
    'timestamp=1s ',
    ' timestamp=4s',
    'timestamp=1s timestamp=2s',
  ];
  const lines: string[] = [];
  values.forEach((value, v) => {
    ends.forEach((end, e) => {
      lines.push(`uuid-${(v * 7 + e * 3) % 40} ${value}${end === '' ? '' : ` ${end}`}`);
      if (value === '') lines.push(`only-${e} ${end}`);
    });
  });
  lines.push(
    '',
    'lonely',
    ' blank foo timestamp=1s',
    'tab\tfoo timestamp=1s',
    'nul\0 foo timestamp=1s',
    'cr foo timestamp=1s\r',
    `${'9'.repeat(500)} long timestamp=${'9'.repeat(500)}s`,
    `big ${'x'.repeat(1_000_000)} timestamp=1s`,
  );
  lines.push('tie one timestamp=7s', 'tie two timestamp=7s', 'tie2', 'tie2 x');
  return `${lines.join('\n')}\n`;
}

function setByBoth<V>(
  log: UuidLog<V>,
  content: string,
  value: V,
  command: readonly string[],
): [string, string] {
  judge.journal(log.path, content);
  judge.annex(command, { env: { GIT_ANNEX_VECTOR_CLOCK: clock } });
  return [
    log.set(ascii(content), here, value, clock),
    judge.git(['cat-file', '-p', `git-annex:${log.path}`]),
  ];
}

const texts = ['foo', 'two  words', '', ' ', 'a=b', '\xc3\xa9', '\xff', 'timestamp=', 'x timestamp=1s y'];

test('uuid.log', () => {
  const [ours, theirs] = setByBoth(descriptionLog, hostileLines(texts), ascii('new  d '), [
    'describe',
    'here',
    'new  d ',
  ]);
  expect(ours).toBe(theirs);
});

test('a value set again or by a clock behind the log is a second newer than before', () => {
  const [ours, theirs] = setByBoth(descriptionLog, `${here} x timestamp=9.5s\n`, ascii('y'), [
    'describe',
    'here',
    'y',
  ]);
  expect(ours).toBe(`${here} y timestamp=10.5s\n`);
  expect(ours).toBe(theirs);
});

test('trust.log', () => {
  const content = hostileLines(['1', '0', '?', 'X', 'Y', '', '11', 'foo', '1 0', ' 1', '1 ']);
  const [ours, theirs] = setByBoth(trustLog, content, 'untrusted', ['untrust', 'here']);
  expect(ours).toBe(theirs);
});

test('group.log', () => {
  const content = hostileLines(['a', 'b a', 'c  a c', '', 'z\0 y', '\xc3\xa9 z']);
  const [ours, theirs] = setByBoth(groupLog, content, new Set([ascii('g1')]), ['group', 'here', 'g1']);
  expect(ours).toBe(theirs);
});

test('preferred-content.log and required-content.log', () => {
  const expression = 'include=*.mp3 and  not  present';
  const content = hostileLines(['standard', 'include=* and (x  or y)', '', '((((', 'a\0b']);
  const [ours, theirs] = setByBoth(preferredContentLog, content, ascii(expression), [
    'wanted',
    'here',
    expression,
  ]);
  expect(ours).toBe(theirs);
  const required = setByBoth(requiredContentLog, content, ascii(expression), [
    'required',
    'here',
    expression,
  ]);
  expect(required[0]).toBe(required[1]);
});

test('schedule.log', () => {
  const event = 'fsck self 1h every day at 3:05 AM';
  const content = hostileLines(['garbage']);
  const [ours, theirs] = setByBoth(scheduleLog, content, ascii(event), ['schedule', 'here', event]);
  expect(ours).toBe(theirs);
  expect(scheduledEvents(ascii('a b; c'))).toEqual(['a b', 'c']);
  expect(scheduledEvents(ascii(''))).toEqual([]);
});

test('activity.log', () => {
  const content = hostileLines(['Fsck']);
  const [ours, theirs] = setByBoth(activityLog, content, ascii('Fsck'), ['fsck', '-q']);
  expect(ours).toBe(theirs);
});

test('remote.log', () => {
  const values = [
    'name=foo type=directory',
    'b=1 a=2 b=3',
    'name=a&32;b x=a=b=c y z= =q  w=1',
    'n=x&9;y&&amp;&38;&x;',
    'n=\xc3\xa9&233;',
    '',
  ];
  const url = 'a b\nc\r\xc3\xa9&= *;%';
  judge.journal(remoteLog.path, hostileLines(values));
  judge.annex(['initremote', 'web2', 'type=web', `urlinclude=${Buffer.from(url, 'latin1').toString()}`], {
    env: { GIT_ANNEX_VECTOR_CLOCK: clock },
  });
  const config = new Map([
    [ascii('urlinclude'), url as ByteString],
    [ascii('type'), ascii('web')],
    [ascii('name'), ascii('web2')],
  ]);
  const uuid = judge.git(['config', 'remote.web2.annex-uuid']).trim() as Uuid;
  const theirs = judge.git(['cat-file', '-p', 'git-annex:remote.log']);
  const ours = remoteLog.set(ascii(hostileLines(values)), uuid, config, clock);
  expect(ours).toBe(theirs);
  expect(remoteLog.values(ours).get(uuid)).toEqual(config);
});

test('reading: newest values, odd uuids left out', () => {
  const content = ascii(
    'a 1 timestamp=1s\na 0 timestamp=2s\na X timestamp=1.9s\nb 0\nnul\0 1 timestamp=1s\n',
  );
  expect([...trustLog.values(content)]).toEqual([
    ['a', 'untrusted'],
    ['b', 'untrusted'],
  ]);
  expect(trustLog.parse(content).get('a' as Uuid)?.clock).toBe('2');
});

test('logs of which nothing is known but that they are by uuid', () => {
  expect(multicastLog.values(ascii('a F1:F2 timestamp=1s\n')).get('a' as Uuid)).toBe('F1:F2');
  expect(differenceLog.values(ascii('a [X] timestamp=1s\n')).get('a' as Uuid)).toBe('[X]');
  expect(hasDifferences(ascii(''))).toBe(false);
  expect(hasDifferences(ascii('a [] timestamp=1s\n'))).toBe(false);
  expect(hasDifferences(ascii('a [ObjectHashLower] timestamp=1s\n'))).toBe(true);
});
