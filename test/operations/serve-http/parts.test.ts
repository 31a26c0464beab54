import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { formatLogLine } from '../../../src/operations/serve-http/access-log.js';
import { createHeldLocks } from '../../../src/operations/serve-http/held-locks.js';
import { checkPermission, rightsOfUser } from '../../../src/operations/serve-http/permissions.js';
import { parseRange } from '../../../src/operations/serve-http/range.js';
import { HttpRefusal } from '../../../src/operations/serve-http/refusal.js';
import { createSlots } from '../../../src/operations/serve-http/slots.js';
import { createUnlockReader } from '../../../src/operations/serve-http/unlock-messages.js';
import { parseAuthorization, takeUsers } from '../../../src/operations/serve-http/users.js';

const status = (action: () => unknown): number => {
  try {
    action();
    return 200;
  } catch (error) {
    if (!(error instanceof HttpRefusal)) throw error;
    return error.refusal.status;
  }
};

describe('permissions', () => {
  const anonymous = { access: 'read', lock: true } as const;

  it('asks for a password where one may help', () => {
    expect(status(() => checkPermission('remove', undefined, { anonymous, asksPassword: true }))).toBe(401);
    expect(status(() => checkPermission('remove', undefined, { anonymous, asksPassword: false }))).toBe(403);
    const nobody = { anonymous: undefined, asksPassword: false };
    expect(status(() => checkPermission('get', undefined, nobody))).toBe(401);
  });

  it('gives users what they may do, not what others may', () => {
    const policy = { anonymous: { access: 'all', lock: true } as const, asksPassword: true };
    const may = (access: 'read' | 'append' | 'all') =>
      (
        ['get', 'checkpresent', 'gettimestamp', 'lockcontent', 'put', 'putoffset', 'remove-before'] as const
      ).map((ask) => status(() => checkPermission(ask, rightsOfUser(access), policy)));
    expect(may('read')).toEqual([200, 200, 200, 403, 403, 403, 403]);
    expect(may('append')).toEqual([200, 200, 200, 200, 200, 200, 403]);
    expect(may('all')).toEqual([200, 200, 200, 200, 200, 200, 200]);
  });

  it('can keep others from locking', () => {
    const policy = { anonymous: { access: 'read', lock: false } as const, asksPassword: false };
    expect(status(() => checkPermission('get', undefined, policy))).toBe(200);
    expect(status(() => checkPermission('keeplocked', undefined, policy))).toBe(403);
  });
});

describe('users', () => {
  it('come from the environment, and their passwords leave it', () => {
    const environment: NodeJS.ProcessEnv = {
      GIT_ANNEX_P2PHTTP_PASSWORD_alice: 'foo:1ü',
      GIT_ANNEX_P2PHTTP_PASSWORD_bob: 'b',
      GIT_ANNEX_P2PHTTP_PERMISSIONS_bob: 'readonly',
      GIT_ANNEX_P2PHTTP_PASSWORD_none: '',
      OTHER: 'x',
    };
    const users = takeUsers(environment);
    expect(environment).toEqual({ OTHER: 'x' });
    const header = `Basic ${Buffer.from('alice:foo:1ü').toString('base64')}`;
    expect(users.rightsOf(parseAuthorization(header) ?? { name: '', password: '' })).toEqual(
      rightsOfUser('all'),
    );
    expect(users.rightsOf({ name: 'bob', password: 'b' })).toEqual(rightsOfUser('read'));
    expect(users.rightsOf({ name: 'bob', password: 'a' })).toBeUndefined();
    expect(users.rightsOf({ name: 'none', password: '' })).toBeUndefined();
    expect(users.rightsOf({ name: 'toString', password: '' })).toBeUndefined();
  });

  it('are not started with a permission that does not exist', () => {
    const environment = {
      GIT_ANNEX_P2PHTTP_PASSWORD_bob: 'b',
      GIT_ANNEX_P2PHTTP_PERMISSIONS_bob: 'read-only',
    };
    expect(() => takeUsers(environment)).toThrow('no permission');
  });

  it('give their password in one way only', () => {
    expect(parseAuthorization(undefined)).toBeUndefined();
    for (const header of ['', 'Bearer x', 'Basic !!!', 'Basic', `Basic ${btoa('nocolon')}`])
      expect(status(() => parseAuthorization(header))).toBe(400);
  });
});

describe('ranges', () => {
  it.each([
    [undefined, undefined],
    ['bytes=2-3', { start: 2, end: 4 }],
    ['bytes=2-', { start: 2, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-30', { start: 0, end: 10 }],
    ['bytes=5-99', { start: 5, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-3', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
  ])('%s', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  it('stay within the content', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(), (junk, first, last, size) => {
        for (const header of [junk, `bytes=${first}-${last}`, `bytes=-${last}`]) {
          const range = parseRange(header, size);
          if (range === undefined || range === 'unsatisfiable') continue;
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeGreaterThan(range.start);
          expect(range.end).toBeLessThanOrEqual(size);
        }
      }),
    );
  });
});

describe('the body of keeplocked', () => {
  it('is heard wherever it is cut', () => {
    const body = '{"unlock":false}\n{"other":1}{"unlock" : true}';
    for (let cut = 0; cut < body.length; cut++) {
      const reader = createUnlockReader();
      expect(reader.hear(body.slice(0, cut))).toBe(false);
      expect(reader.hear(body.slice(cut))).toBe(true);
    }
  });

  it('may be nonsense of any length', () => {
    const reader = createUnlockReader();
    for (const text of [
      '}',
      '{{{{',
      '[]',
      'x'.repeat(100_000),
      '"unlock":true}',
      '{"unlock":"true"}',
      '{"unlock":1}',
    ])
      expect(reader.hear(text)).toBe(false);
    expect(reader.hear('{"unlock":true}')).toBe(true);
  });
});

describe('locks of clients', () => {
  const lock = () => {
    const ends: string[] = [];
    const end = (how: string) => async () => void ends.push(how);
    return { ends, release: end('release'), abandon: end('abandon') };
  };

  it('are kept by one connection, and end once', async () => {
    const locks = createHeldLocks({ most: 2, lifetime: 60_000 });
    const [first, second] = [lock(), lock()];
    let gone = 0;
    const id = locks.add(first, () => gone++) ?? '';
    expect(locks.add(second, () => gone++)).toBeDefined();
    expect(locks.add(lock(), () => gone++)).toBeUndefined();
    const kept = locks.keep(id);
    expect(locks.keep(id)).toBeUndefined();
    expect(locks.keep('foo')).toBeUndefined();
    await kept?.release();
    await kept?.abandon();
    expect(first.ends).toEqual(['release']);
    await locks.close();
    expect(second.ends).toEqual(['abandon']);
    expect(gone).toBe(2);
  });

  it('run out when no connection keeps them', async () => {
    vi.useFakeTimers();
    try {
      const locks = createHeldLocks({ most: 9, lifetime: 1000 });
      const [left, held] = [lock(), lock()];
      locks.add(left, () => undefined);
      locks.keep(locks.add(held, () => undefined) ?? '');
      await vi.advanceTimersByTimeAsync(1001);
      expect(left.ends).toEqual(['abandon']);
      expect(held.ends).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('places for transfers', () => {
  const holder = (moved = 0) => {
    const gone = new AbortController();
    const state = { moved, evicted: false, gone };
    const evict = () => {
      state.evicted = true;
    };
    return { state, gone: gone.signal, moved: () => state.moved, evict };
  };

  it('are given in order, and not to those who have gone', async () => {
    const slots = createSlots({ count: 1 });
    const order: string[] = [];
    const first = await slots.take(holder());
    const leaver = holder();
    const leaving = slots.take(leaver).then((place) => order.push(`gone ${place === undefined}`));
    const waiting = slots.take(holder()).then((place) => {
      order.push('waited');
      place?.();
      place?.();
    });
    leaver.state.gone.abort();
    await leaving;
    first?.();
    await waiting;
    expect(order).toEqual(['gone true', 'waited']);
    expect(await slots.take(leaver)).toBeUndefined();
    expect(await slots.take(holder())).toBeDefined();
    let second = false;
    void slots.take(holder()).then(() => (second = true));
    await new Promise(setImmediate);
    expect(second).toBe(false);
  });

  it('are lost by who moves nothing while others wait', async () => {
    vi.useFakeTimers();
    try {
      const slots = createSlots({ count: 2, interval: 1000, least: 10 });
      const [slow, quick, late] = [holder(5), holder(5), holder()];
      const place = await slots.take(slow);
      await slots.take(quick);
      await vi.advanceTimersByTimeAsync(5000);
      expect(slow.state.evicted).toBe(false);
      let entered = false;
      const entering = slots.take(late).then(() => (entered = true));
      slow.state.moved += 9;
      quick.state.moved += 10;
      await vi.advanceTimersByTimeAsync(1001);
      expect([slow.state.evicted, quick.state.evicted, entered]).toEqual([true, false, false]);
      place?.();
      await entering;
      await vi.advanceTimersByTimeAsync(5000);
      expect([quick.state.evicted, late.state.evicted]).toEqual([false, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the access log', () => {
  it('has one harmless line for each request', () => {
    const line = formatLogLine({
      address: '127.0.0.1',
      user: 'a b"',
      time: Date.UTC(2026, 10, 22, 4, 19, 49),
      method: 'GET',
      target: '/x"\n\x1b[31m\xff\\',
      httpVersion: '1.1',
      status: undefined,
      bytes: 7,
      referrer: undefined,
      userAgent: `git-annex/${'1'.repeat(9000)}`,
      duration: 1234,
    });
    expect(line.slice(0, 120)).toBe(
      '127.0.0.1 - a\\x20b\\x22 [22/Nov/2026:04:19:49 +0000] "GET /x\\x22\\x0a\\x1b[31m\\xff\\x5c HTTP/1.1" - 7 "-" "git-annex/1111111',
    );
    expect(line).toMatch(/^[ -~]*$/);
    expect(line.length).toBeLessThan(5000);
    expect(line.endsWith('" 1.234')).toBe(true);
  });
});
