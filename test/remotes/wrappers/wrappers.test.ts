import { describe, expect, it } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import type { Key } from '../../../src/domain/key.js';
import type { StallRule } from '../../../src/domain/rate.js';
import { fromText } from '../../../src/lib/bytes.js';
import { retried } from '../../../src/remotes/wrappers/retried.js';
import { throttled } from '../../../src/remotes/wrappers/throttled.js';
import { watched } from '../../../src/remotes/wrappers/watched.js';
import { withTransferRules } from '../../../src/remotes/wrappers/with-transfer-rules.js';
import { createSettings } from '../../../src/repository/settings/open-settings.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createScriptedRemote, key, lost, type Step, transferAll } from './scripted-remote.js';

/** What the user asked for. */
function steeringOf() {
  const state = { all: false, remote: false, keys: new Set<Key>(), old: false, cancelled: new Set<Key>() };
  return {
    state,
    paused: () => state.all || state.remote,
    pausedKey: (one: Key) => state.keys.has(one),
    pausedBefore: (_: number, __: string, one?: Key) =>
      state.old && (state.all || state.remote || (one !== undefined && state.keys.has(one))),
    cancelled: (one: Key) => state.cancelled.has(one),
  };
}

function watchedScene(rule: StallRule, script: (name: string, attempt: number) => readonly Step[]) {
  const clock = createFakeClock();
  const inner = createScriptedRemote(clock, script);
  const steering = steeringOf();
  const told: string[] = [];
  const watch = {
    stall: { download: rule, upload: rule },
    steering,
    waitsSince: 0,
    clock,
    tell: (t: string) => told.push(t),
  };
  return { clock, inner, steering: steering.state, told, remote: watched(inner, watch) };
}

describe('throttled', () => {
  it('spreads bytes over time, and lets go on at once what was there already', async () => {
    const clock = createFakeClock();
    const inner = createScriptedRemote(clock, (name) =>
      name === 'resumed' ? [{ resume: 900 }, { bytes: 100 }] : [{ bytes: 500 }, { bytes: 500 }],
    );
    const rate = () => ({ bytes: 200, seconds: 2 });
    const remote = throttled(inner, { download: rate, upload: undefined }, clock);
    expect(await clock.until(transferAll(remote, ['a', 'b', 'resumed']))).toHaveLength(3);
    expect(clock.now()).toBeGreaterThan(20_900);
    expect(clock.now()).toBeLessThan(21_100);
  });

  it('shares the bandwidth among transfers at the same time, and follows a limit that changes', async () => {
    const clock = createFakeClock();
    const inner = createScriptedRemote(clock, () => [{ bytes: 1000 }]);
    const rate = () => (clock.now() < 5000 ? { bytes: 100, seconds: 1 } : undefined);
    const remote = throttled(inner, { download: rate, upload: undefined }, clock);
    await clock.until(Promise.all([transferAll(remote, ['a']), transferAll(remote, ['b'])]));
    expect(clock.now()).toBe(5000);
  });

  it('ends a wait for bandwidth when a transfer is cancelled or paused', async () => {
    const { clock, remote, steering } = watchedScene('off', () => [{ bytes: 1000 }, { bytes: 1 }]);
    const slow = throttled(remote, { download: () => ({ bytes: 10, seconds: 1 }), upload: undefined }, clock);
    const done = transferAll(slow, ['a'], { size: 1001 });
    await clock.advance(3000);
    steering.cancelled.add(key('a', 1001));
    expect(await clock.until(done)).toEqual(['a: transfer-cancelled']);
    expect(clock.now()).toBeLessThan(4000);
  });

  it('ends a wait when the transfer is aborted', async () => {
    const clock = createFakeClock();
    const inner = createScriptedRemote(clock, () => [{ bytes: 1000 }]);
    const remote = throttled(inner, { download: () => ({ bytes: 1, seconds: 1 }), upload: undefined }, clock);
    const controller = new AbortController();
    const done = transferAll(remote, ['a'], { signal: controller.signal }).catch((error: unknown) => error);
    await clock.advance(3000);
    controller.abort(new AnnexError('interrupted', 'stop'));
    expect(await clock.until(done)).toMatchObject({ code: 'interrupted' });
    expect(clock.now()).toBeLessThan(4000);
  });
});

describe('watched', () => {
  it('aborts a transfer that hangs, and goes on with the others', async () => {
    const { clock, remote, inner } = watchedScene({ bytes: 1000, seconds: 30 }, (name) =>
      name === 'b' ? [{ bytes: 10 }, { hang: true }] : [{ bytes: 1000 }],
    );
    expect(await clock.until(transferAll(remote, ['a', 'b', 'c']))).toEqual([
      'a: ok',
      'b: transfer-stalled',
      'c: ok',
    ]);
    expect(inner.attempts).toEqual(['a', 'b', 'c']);
    expect(clock.now()).toBeLessThan(32_000);
  });

  it('aborts what never shows progress after three periods, and leaves slow but sufficient ones', async () => {
    const slow: Step[] = [{ bytes: 10 }];
    for (let at = 0; at < 9; at++) slow.push({ wait: 9000 }, { bytes: 110 });
    const { clock, remote } = watchedScene({ bytes: 100, seconds: 10 }, (name) =>
      name === 'slow' ? slow : [{ hang: true }],
    );
    expect(await clock.until(transferAll(remote, ['slow', 'dead']))).toEqual([
      'slow: ok',
      'dead: transfer-stalled',
    ]);
    expect(clock.now()).toBeGreaterThan(81_000 + 29_000);
  });

  it('abandons a remote that does not even end when it is told to, and asks it again for the rest', async () => {
    const { clock, inner, steering } = watchedScene('off', () => [{ bytes: 1 }]);
    let calls = 0;
    const retrieve: typeof inner.retrieve = async function* (requests, context) {
      calls++;
      for await (const request of requests) {
        context.onStart?.(request);
        if (calls === 1) await new Promise(() => undefined);
        yield { request, ok: true, moved: true };
      }
    };
    const asked = { ...steeringOf(), cancelled: (one: Key) => steering.cancelled.has(one) };
    const rules = { stall: { download: 'off', upload: 'off' }, clock, tell: () => undefined } as const;
    const done = transferAll(watched({ ...inner, retrieve }, { ...rules, waitsSince: 0, steering: asked }), [
      'a',
      'b',
    ]);
    await clock.advance(1000);
    steering.cancelled.add(key('a'));
    expect(await clock.until(done)).toEqual(['a: transfer-cancelled', 'b: ok']);
  });

  it('only tells of a stall where no rule is set, once', async () => {
    const { clock, remote, told } = watchedScene('hint', () => [
      { bytes: 10 },
      { wait: 400_000 },
      { bytes: 990 },
    ]);
    expect(await clock.until(transferAll(remote, ['a', 'b']))).toEqual(['a: ok', 'b: ok']);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('remote.slow.annex-stalldetection');
  });

  it('does not take its own wait for bandwidth, or the check at the end, for a stall', async () => {
    const { clock, remote } = watchedScene({ bytes: 100, seconds: 10 }, () => [
      { bytes: 500 },
      { bytes: 500 },
      { wait: 500_000 },
    ]);
    const slow = throttled(remote, { download: () => ({ bytes: 5, seconds: 1 }), upload: undefined }, clock);
    expect(await clock.until(transferAll(slow, ['a']))).toEqual(['a: ok']);
  });

  it('cancels one transfer, and continues the others', async () => {
    const { clock, remote, steering, inner } = watchedScene('off', (name) => [
      { bytes: 10 },
      ...(name === 'b' ? [{ hang: true } as const] : []),
    ]);
    const done = transferAll(remote, ['a', 'b', 'c']);
    await clock.advance(1000);
    steering.cancelled.add(key('b'));
    expect(await clock.until(done)).toEqual(['a: ok', 'b: transfer-cancelled', 'c: ok']);
    expect(inner.attempts).toEqual(['a', 'b', 'c']);
  });

  it('pauses everything, and continues what was under way', async () => {
    const { clock, remote, steering, inner, told } = watchedScene('off', (name, attempt) =>
      name === 'b' && attempt === 1 ? [{ bytes: 10 }, { hang: true }] : [{ bytes: 1000 }],
    );
    const done = transferAll(remote, ['a', 'b', 'c']);
    await clock.advance(1000);
    steering.all = true;
    await clock.advance(60_000);
    expect(inner.attempts).toEqual(['a', 'b']);
    expect(told).toHaveLength(1);
    steering.all = false;
    expect(await clock.until(done)).toEqual(['a: ok', 'b: ok', 'c: ok']);
    expect(inner.attempts).toEqual(['a', 'b', 'b', 'c']);
  });

  it('leaves a paused key for later, and ends a wait when interrupted', async () => {
    const { clock, remote, steering } = watchedScene('off', () => [{ bytes: 1000 }]);
    steering.keys.add(key('b'));
    const done = transferAll(remote, ['a', 'b', 'c']);
    await clock.advance(5000);
    steering.keys.clear();
    expect(await clock.until(done)).toEqual(['a: ok', 'c: ok', 'b: ok']);
    steering.all = true;
    const controller = new AbortController();
    const stopped = transferAll(remote, ['a'], { signal: controller.signal }).catch(
      (error: unknown) => error,
    );
    await clock.advance(5000);
    controller.abort(new AnnexError('interrupted', 'stop'));
    expect(await clock.until(stopped)).toMatchObject({ code: 'interrupted' });
  });
});

describe('what can be had elsewhere', () => {
  const elsewhere = ({ key: one }: { readonly key: Key }) => one !== key('only here');

  it('does not wait for a remote that is paused, also while it is under way', async () => {
    const { clock, remote, steering, inner } = watchedScene('off', (name, attempt) =>
      name === 'b' && attempt === 1 ? [{ bytes: 10 }, { hang: true }] : [{ bytes: 1000 }],
    );
    const outcomes: string[] = [];
    const done = transferAll(remote, ['a', 'b', 'only here', 'c'], { elsewhere, outcomes });
    await clock.advance(1000);
    steering.remote = true;
    await clock.advance(60_000);
    expect(outcomes).toEqual(['a: ok', 'b: transfer-deferred', 'c: transfer-deferred']);
    steering.remote = false;
    expect(await clock.until(done)).toEqual([...outcomes.slice(0, 3), 'only here: ok']);
    expect(inner.attempts).toEqual(['a', 'b', 'only here']);
  });

  it('goes there where a key is paused only here', async () => {
    const { clock, remote, steering } = watchedScene('off', () => [{ bytes: 1000 }]);
    steering.keys.add(key('b'));
    expect(await clock.until(transferAll(remote, ['a', 'b'], { elsewhere }))).toEqual([
      'a: ok',
      'b: transfer-deferred',
    ]);
  });

  it('fails instead of waiting where it was paused before the command began', async () => {
    const { clock, remote, steering, told } = watchedScene('off', () => [{ bytes: 1000 }]);
    steering.old = true;
    steering.keys.add(key('b'));
    expect(await clock.until(transferAll(remote, ['a', 'b', 'c']))).toEqual([
      'a: ok',
      'c: ok',
      'b: transfer-paused',
    ]);
    steering.remote = true;
    expect(await clock.until(transferAll(remote, ['only here', 'c'], { elsewhere }))).toEqual([
      'only here: transfer-paused',
      'c: transfer-deferred',
    ]);
    expect(told).toEqual([
      'Transfers with slow are paused; git annex-ts transfer-status --resume lets them go on.',
    ]);
  });

  it('goes there after a stall, until something moves here again', async () => {
    let stalls = true;
    const { clock, remote, inner } = watchedScene({ bytes: 1000, seconds: 30 }, () =>
      stalls ? [{ hang: true }] : [{ bytes: 1000 }],
    );
    expect(await clock.until(transferAll(remote, ['a', 'b', 'c'], { elsewhere }))).toEqual([
      'a: transfer-stalled',
      'b: transfer-deferred',
      'c: transfer-deferred',
    ]);
    stalls = false;
    expect(await clock.until(transferAll(remote, ['b'], { elsewhere }))).toEqual(['b: transfer-deferred']);
    expect(await clock.until(transferAll(remote, ['only here'], { elsewhere }))).toEqual(['only here: ok']);
    expect(await clock.until(transferAll(remote, ['c'], { elsewhere }))).toEqual(['c: ok']);
    expect(inner.attempts).toEqual(['a', 'only here', 'c']);
  });
});

describe('retried', () => {
  const scene = (retries: number, forwardRetries: number, script: (name: string, n: number) => Step[]) => {
    const clock = createFakeClock();
    const inner = createScriptedRemote(clock, script);
    const told: string[] = [];
    const rules = { retries, forwardRetries, delay: 1 };
    return { clock, inner, told, remote: retried(inner, rules, clock, (text) => told.push(text)) };
  };

  it('tries again as often as allowed, with delays that double', async () => {
    const { clock, inner, remote, told } = scene(3, 0, () => [{ fail: lost() }]);
    expect(await clock.until(transferAll(remote, ['a']))).toEqual(['a: connection-lost']);
    expect(inner.attempts).toHaveLength(4);
    expect(clock.now()).toBe(1000 + 2000 + 4000);
    expect(told).toHaveLength(3);
  });

  it('tries again what got further, until it does not', async () => {
    const { clock, inner, remote } = scene(0, 5, (_, attempt) => [
      { bytes: attempt < 3 ? attempt * 100 : 200 },
      { fail: lost() },
    ]);
    expect(await clock.until(transferAll(remote, ['a']))).toEqual(['a: connection-lost']);
    expect(inner.attempts).toHaveLength(3);
  });

  it('tries what the other side refused as often as allowed, however far it came', async () => {
    const refused = new AnnexError('remote-refused', 'no');
    const { clock, inner, remote } = scene(1, 5, () => [{ bytes: 900 }, { fail: refused }]);
    expect(await clock.until(transferAll(remote, ['a']))).toEqual(['a: remote-refused']);
    expect(inner.attempts).toHaveLength(2);
  });

  it('tries all that failed together, and not what cannot go better', async () => {
    const missing = new AnnexError('content-missing', 'gone');
    const { clock, inner, remote } = scene(1, 0, (name, attempt) =>
      name === 'b' ? [{ fail: missing }] : attempt === 1 ? [{ fail: lost() }] : [{ bytes: 1000 }],
    );
    const outcome = await clock.until(transferAll(remote, ['a', 'b', 'c']));
    expect(outcome).toEqual(['b: content-missing', 'a: ok', 'c: ok']);
    expect(inner.attempts).toEqual(['a', 'b', 'c', 'a', 'c']);
    expect(clock.now()).toBe(1000);
  });

  it('tries a remote again that could not be used at all, and throws its reason in the end', async () => {
    const clock = createFakeClock();
    const good = createScriptedRemote(clock, () => [{ bytes: 1000 }]);
    let calls = 0;
    const flaky = (failing: number) => ({
      ...good,
      retrieve: async function* (...args: Parameters<typeof good.retrieve>) {
        for await (const request of args[0]) {
          calls++;
          if (calls <= failing) throw new AnnexError('remote-unavailable', 'no route to host');
          yield { request, ok: true as const, moved: true };
        }
      },
    });
    const rules = { retries: 2, forwardRetries: 0, delay: 1 };
    const once = retried(flaky(1) as typeof good, rules, clock, () => undefined);
    expect(await clock.until(transferAll(once, ['a', 'b']))).toEqual(['a: ok', 'b: ok']);
    calls = 0;
    const never = retried(flaky(99) as typeof good, rules, clock, () => undefined);
    const done = transferAll(never, ['a', 'b']).catch((error: unknown) => error);
    expect(await clock.until(done)).toMatchObject({ code: 'remote-unavailable' });
    expect(calls).toBe(3);
  });
});

describe('the settings', () => {
  async function outcome(
    settings: Record<string, string>,
    script: (name: string, n: number) => Step[],
    way: 'retrieve' | 'store' = 'retrieve',
  ) {
    const clock = createFakeClock();
    clock.week = () => ({ day: 1, minute: 9 * 60 });
    const told: string[] = [];
    const values = new Map(Object.entries(settings).map(([name, value]) => [name, [fromText(value)]]));
    const inner = createScriptedRemote(clock, script);
    const remote = withTransferRules(inner, {
      settings: createSettings(values, new Map(), async () => undefined),
      gateway: fromText('gw'),
      steering: steeringOf(),
      waitsSince: 0,
      clock,
      tell: (text) => told.push(text),
    });
    const outcomes = await clock.until(transferAll(remote, ['a'], { way }));
    return { outcomes, seconds: Math.round(clock.now() / 1000), told, attempts: inner.attempts.length };
  }
  const quick = () => [{ bytes: 1000 }];

  it('limit bandwidth by remote and direction, and by a timetable first', async () => {
    expect(await outcome({ 'annex.bwlimit': '100B' }, quick)).toMatchObject({ seconds: 10 });
    expect(
      await outcome({ 'annex.bwlimit': '100B', 'remote.slow.annex-bwlimit': '50B' }, quick),
    ).toMatchObject({ seconds: 20 });
    expect(
      await outcome({ 'annex.bwlimit-download': '500B', 'remote.slow.annex-bwlimit': '50B' }, quick),
    ).toMatchObject({ seconds: 2 });
    expect(await outcome({ 'annex.bwlimit-upload': '1B' }, quick)).toMatchObject({ seconds: 0 });
    const inherited = { 'remote.gw.annex-bwlimit': '100B', 'annex.bwlimit': '1B' };
    expect(await outcome(inherited, quick)).toMatchObject({ seconds: 10 });
    const own = { ...inherited, 'remote.slow.annex-bwlimit': '50B' };
    expect(await outcome(own, quick)).toMatchObject({ seconds: 20 });
    const table = { 'annex-ts.bwlimit-schedule': 'mon-fri 08:00-18:00 250B; else none' };
    expect(await outcome({ ...table, 'annex.bwlimit': '1B' }, quick)).toMatchObject({ seconds: 4 });
    const silent = { 'remote.slow.annex-ts-bwlimit-schedule': 'sat 1B', 'annex.bwlimit': '500B' };
    expect(await outcome(silent, quick)).toMatchObject({ seconds: 2 });
  });

  it('retry and stalldetection work together: a stalled transfer is tried again', async () => {
    const settings = { 'annex.stalldetection': '1B/10s', 'annex.retry': '1', 'annex.retry-delay': '3' };
    const script = (_: string, attempt: number): Step[] => (attempt === 1 ? [{ hang: true }] : quick());
    expect(await outcome(settings, script)).toMatchObject({ outcomes: ['a: ok'], attempts: 2, seconds: 33 });
  });

  it('can hold for uploads alone', async () => {
    const slow = (rule: string) => ({ [`remote.slow.annex-${rule}`]: '1B/10s', 'annex.forward-retry': '0' });
    const halting = (): Step[] => [{ bytes: 10 }, { wait: 40_000 }, { bytes: 990 }];
    const stalled = { outcomes: ['a: transfer-stalled'] };
    const passed = { outcomes: ['a: ok'], seconds: 40 };
    for (const [way, other] of [
      ['store', 'retrieve'],
      ['retrieve', 'store'],
    ] as const) {
      const rule = slow(`stalldetection-${way === 'store' ? 'upload' : 'download'}`);
      expect(await outcome(rule, halting, way)).toMatchObject(stalled);
      expect(await outcome(rule, halting, other)).toMatchObject(passed);
    }
    expect(await outcome({ 'annex.bwlimit-upload': '100B' }, quick, 'store')).toMatchObject({ seconds: 10 });
  });

  it('say when a rule cannot be read', async () => {
    const { told } = await outcome({ 'annex.bwlimit': 'fast', 'annex.stalldetection': '1KB' }, quick);
    expect(told.join()).toContain('annex.bwlimit');
    expect(told.join()).toContain('annex.stalldetection');
  });
});
