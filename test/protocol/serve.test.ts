import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnnexError } from '../../src/domain/errors.js';
import type { ByteString } from '../../src/lib/bytes.js';
import type { ServedContent } from '../../src/protocol/served-content.js';
import type { ServedServices, ServiceProcess } from '../../src/protocol/served-services.js';
import { anyKey, bytesWithout } from '../domain/arbitraries.js';
import { serveMemory } from '../support/served-memory.js';
import { talk } from '../support/talk.js';

const HERE = 'SHA256E-s13--here';
const NEW = 'SHA256E-s6--new';
const memory = () => serveMemory({ [HERE]: 'content here\n' }, { [NEW]: 'hello\n' });
const HELLO = 'AUTH-SUCCESS server\n';

/** Everything a client can say, in one session. */
const SESSION = [
  'VERSION 4\nBYPASS a b\n',
  `CHECKPRESENT ${HERE}\nGETTIMESTAMP\n`,
  `LOCKCONTENT ${HERE}\nUNLOCKCONTENT\n`,
  `GET 3 a%b ${HERE}\nSUCCESS\n`,
  `PUT f ${NEW}\nDATA 6\nhello\nVALID\n`,
  `PUT f ${HERE}\n`,
  `GET 0  ${NEW}\nFAILURE\n`,
  `REMOVE-BEFORE 1001 ${NEW}\nREMOVE ${NEW}\n`,
  `PUT f ${NEW}\nDATA-PRESENT\n`,
  `REMOVE ${HERE}\nCHECKPRESENT ${HERE}\nGET 0 f ${HERE}\nFAILURE\nFOO\nERROR bye\n`,
].join('');
const ANSWERS = [
  'VERSION 4\nSUCCESS\nTIMESTAMP 1000\nSUCCESS\nDATA 10\ntent here\nVALID\n',
  'PUT-FROM 0\nSUCCESS\nALREADY-HAVE\nDATA 6\nhello\nVALID\nSUCCESS\nSUCCESS\nPUT-FROM 0\nFAILURE\n',
  'SUCCESS\nFAILURE\nDATA 0\nINVALID\nERROR unknown command\n',
].join('');

describe('a server', () => {
  it('answers all that a client writes ahead, in order', async () => {
    const content = memory();
    const { output, error } = await talk(SESSION, content);
    expect(error).toBeUndefined();
    expect(output).toBe(HELLO + ANSWERS);
    expect(content.unfinished()).toBe(0);
  });

  it('answers the same however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (sizes) => {
        async function* pieces() {
          const bytes = Buffer.from(SESSION);
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes[i % sizes.length] as number;
            yield bytes.subarray(at, at + size);
            at += size;
          }
        }
        expect((await talk(pieces(), memory())).output).toBe(HELLO + ANSWERS);
      }),
      { numRuns: 30 },
    );
  });

  it('cut off at any byte has answered what was whole, and leaves nothing open and nothing half stored', async () => {
    for (let end = 0; end < SESSION.length; end++) {
      const content = memory();
      const { output, error } = await talk(SESSION.slice(0, end), content);
      expect(`${HELLO}${ANSWERS}`.startsWith(output), SESSION.slice(0, end)).toBe(true);
      expect(error === undefined || error instanceof AnnexError, String(error)).toBe(true);
      expect(content.unfinished(), SESSION.slice(0, end)).toBe(0);
      expect(content.contents.get(NEW)?.toString() ?? 'hello\n').toBe('hello\n');
    }
  });

  it('keeps what came of a content that was cut off, and goes on from there', async () => {
    const content = memory();
    const cut = await talk(`VERSION 1\nPUT f ${NEW}\nDATA 6\nhel`, content);
    expect(cut.error).toMatchObject({ code: 'connection-lost' });
    const { output } = await talk(`VERSION 1\nPUT f ${NEW}\nDATA 3\nlo\nVALID\n`, content);
    expect(output).toBe(`${HELLO}VERSION 1\nPUT-FROM 3\nSUCCESS\n`);
  });

  it("keeps content of which the client is not sure only when it can be seen to be the key's", async () => {
    const content = memory();
    const put = (key: string, text: string) => `PUT f ${key}\nDATA 6\n${text}`;
    const unknown = 'WORM-s6-m1--w';
    const { output } = await talk(
      `VERSION 1\n${put(unknown, 'hello\n')}INVALID\n${put(NEW, 'hullo\n')}VALID\n${put(NEW, 'hello\n')}INVALID\n${put(unknown, 'hello\n')}`,
      content,
    );
    expect(output).toBe(
      `${HELLO}VERSION 1\nPUT-FROM 0\nFAILURE\nPUT-FROM 0\nFAILURE\nPUT-FROM 0\nSUCCESS\nPUT-FROM 0\nFAILURE\n`,
    );
    expect([...content.contents.keys()]).toEqual([HERE, NEW]);
  });

  it.each([
    ['less', 'DATA 20\ncontent here\n', 'content-modified'],
    ['more', 'DATA 5\nconteINVALID\nSUCCESS\n', undefined],
  ])('sends no more than it promised, and closes the connection when it has %s', async (_, said, code) => {
    const content = memory();
    const served = {
      ...content,
      async open(...args: Parameters<typeof content.open>) {
        const whole = await content.open(...args);
        return (
          whole && { ...whole, length: said.startsWith('DATA 5') ? 5 : 20, unchanged: async () => false }
        );
      },
    };
    const { output, error } = await talk(
      `VERSION 1\nGET 0 f ${HERE}\nFAILURE\nCHECKPRESENT ${HERE}\n`,
      served,
    );
    expect(output).toBe(`${HELLO}VERSION 1\n${said}`);
    expect((error as AnnexError | undefined)?.code).toBe(code);
    expect(content.unfinished()).toBe(0);
  });

  it('names the other repositories of which the same holds, where the client knows of such', async () => {
    const also = ['n1', 'n2'] as ByteString[];
    const cluster = (success: boolean): ServedContent => ({
      ...memory(),
      remove: async () => ({ success, also }),
      async receive(key, file) {
        if (key === HERE) return { kind: 'there', also };
        const answer = await memory().receive(key, file);
        if (answer.kind !== 'wanted') return answer;
        const finish = async () => ({ success, also });
        return { kind: 'wanted', reception: { ...answer.reception, finish } };
      },
    });
    const said = `REMOVE ${HERE}\nPUT f ${HERE}\nPUT f ${NEW}\nDATA 6\nhello\nVALID\n`;
    const answers = async (version: number, success: boolean) =>
      (await talk(`VERSION ${version}\n${said}`, cluster(success))).output;
    expect(await answers(2, true)).toBe(
      `${HELLO}VERSION 2\nSUCCESS-PLUS n1 n2\nALREADY-HAVE-PLUS n1 n2\nPUT-FROM 0\nSUCCESS-PLUS n1 n2\n`,
    );
    expect(await answers(2, false)).toContain(`FAILURE-PLUS n1 n2\n`);
    expect(await answers(1, true)).toBe(`${HELLO}VERSION 1\nSUCCESS\nALREADY-HAVE\nPUT-FROM 0\nSUCCESS\n`);
    expect(await answers(1, false)).toContain('FAILURE\n');
  });

  it('tells that a lock was left by the client', async () => {
    const content = memory();
    await talk(`LOCKCONTENT ${HERE}\n`, content);
    expect(content.abandoned).toEqual([HERE]);
    await talk(`LOCKCONTENT ${HERE}\nUNLOCKCONTENT\nLOCKCONTENT ${HERE}\nSUCCESS\n`, content);
    expect(content.abandoned).toEqual([HERE]);
  });

  it.each(['read', 'append'] as const)('lets nobody remove content where access is %s', async (access) => {
    const content = memory();
    const { output } = await talk(
      `VERSION 4\nREMOVE ${HERE}\nREMOVE-BEFORE 2000 ${HERE}\nPUT f ${NEW}\nDATA-PRESENT\n` +
        `CONNECT git-receive-pack\nCHECKPRESENT ${HERE}\n`,
      content,
      access,
    );
    expect(output.match(/ERROR this repository is (read|append)-only/g)).toHaveLength(
      access === 'read' ? 4 : 3,
    );
    expect(output).toMatch(/SUCCESS\n$/);
    expect(content.contents.has(HERE)).toBe(true);
  });
});

describe('a repository behind the one that a client talks to', () => {
  const near = () => serveMemory({ [NEW]: 'hello\n' });
  const services = {
    connect: async () => undefined,
    watchRefs: () => undefined,
    behind: async (uuid: ByteString) => (uuid === 'b' ? { ...near(), uuid } : undefined),
  };

  it('is talked to from then on, or is said not to be there', async () => {
    const said = `VERSION 4\nX-PROXY stranger\nCHECKPRESENT ${NEW}\nX-PROXY b\nBYPASS a\nCHECKPRESENT ${NEW}\n`;
    const { output } = await talk(said, memory(), 'read', services);
    expect(output).toBe(
      `${HELLO}VERSION 4\nERROR this repository does not lead there\nFAILURE\nAUTH-SUCCESS b\nSUCCESS\n`,
    );
  });

  it('is not asked for where clients name it otherwise', async () => {
    const { output } = await talk('VERSION 4\nX-PROXY b\nX-PROXY\n', memory());
    expect(output).toBe(`${HELLO}VERSION 4\nERROR unknown command\nERROR unknown command\n`);
  });
});

describe('git and its refs', () => {
  const services = (changes: ByteString[][], git?: ServiceProcess): ServedServices => ({
    connect: async () => git,
    watchRefs: () => ({
      next: async () => changes.shift() ?? new Promise(() => {}),
      close: () => changes.push(['closed' as ByteString]),
    }),
  });

  it('are refused in a word where they are not offered, and the connection goes on', async () => {
    const { output } = await talk(`CONNECT git-upload-pack\nNOTIFYCHANGE\nCHECKPRESENT ${HERE}\n`, memory());
    expect(output).toBe(
      `${HELLO}ERROR relaying to git not supported on this connection\n` +
        'ERROR change notification not available\nSUCCESS\n',
    );
  });

  it('travel both ways until the service ends, and its exit code comes last', async () => {
    const heard: string[] = [];
    let ended = () => {};
    const whole = new Promise<void>((resolve) => (ended = resolve));
    let closes = 0;
    const git: ServiceProcess = {
      async *output() {
        yield Buffer.from('refs\n');
        await whole;
        yield Buffer.from(heard.join(''));
      },
      write: async (bytes) => void heard.push(Buffer.from(bytes).toString()),
      end: () => ended(),
      exitCode: async () => 3,
      close: () => void closes++,
    };
    const { output, error } = await talk(
      'CONNECT git-upload-pack\nDATA 4\nwantDATA 0\nDATA 5\n\nSUCC',
      memory(),
      'read',
      services([], git),
    );
    expect(error).toBeUndefined();
    expect(output).toBe(`${HELLO}DATA 5\nrefs\nDATA 9\nwant\nSUCCCONNECTDONE 3\n`);
    expect(closes).toBeGreaterThan(0);
  });

  it('are told one change at a time; the requests behind it wait', async () => {
    const changes = [['a', 'b'], ['c']] as ByteString[][];
    const { output } = await talk(
      `NOTIFYCHANGE\nCHECKPRESENT ${HERE}\nNOTIFYCHANGE\n`,
      memory(),
      'read',
      services(changes),
    );
    expect(output).toBe(`${HELLO}CHANGED a b\nSUCCESS\nCHANGED c\n`);
    expect(changes).toEqual([['closed']]);
  });

  it('are no longer watched when the client goes', async () => {
    const changes: ByteString[][] = [];
    const { output, error } = await talk('NOTIFYCHANGE\n', memory(), 'read', services(changes));
    expect({ output, error, changes }).toEqual({ output: HELLO, error: undefined, changes: [['closed']] });
  });
});

describe('whatever a client says', () => {
  const number = fc.constantFrom('0', '1', '3', '6', '13', '99', '-1', 'x', '9007199254740991', '1e3');
  const key = fc.oneof(fc.constantFrom(HERE, NEW, '../../x', 'SHA256E-s1--../../../etc/passwd', ''), anyKey);
  const noise = bytesWithout('', { maxLength: 30 });
  const piece = fc.oneof(
    { weight: 1, arbitrary: noise },
    ...['CHECKPRESENT', 'LOCKCONTENT', 'REMOVE', 'UNLOCKCONTENT', 'SUCCESS', 'VALID', 'NOTIFYCHANGE'].map(
      (name) => ({
        weight: 2,
        arbitrary: key.map((k) => `${name} ${k}\n`),
      }),
    ),
    ...['SUCCESS', 'FAILURE', 'UNLOCKCONTENT', 'VALID', 'INVALID', 'NOTIFYCHANGE', 'GETTIMESTAMP'].map(
      (name) => ({
        weight: 1,
        arbitrary: fc.constant(`${name}\n`),
      }),
    ),
    { weight: 3, arbitrary: fc.tuple(number, noise).map(([n, text]) => `DATA ${n}\n${text}`) },
    { weight: 3, arbitrary: key.map((k) => `PUT f ${k}\n`) },
    { weight: 3, arbitrary: fc.tuple(number, key).map(([n, k]) => `GET ${n} f ${k}\n`) },
    { weight: 2, arbitrary: fc.tuple(number, key).map(([n, k]) => `REMOVE-BEFORE ${n} ${k}\n`) },
    { weight: 2, arbitrary: number.map((n) => `VERSION ${n}\n`) },
  );

  it('is answered, or ends with an error of ours, and leaves nothing open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const content = memory();
        const { error } = await talk(pieces.join(''), content);
        expect(error === undefined || error instanceof AnnexError, String(error)).toBe(true);
        expect(content.unfinished()).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('may not be a line without an end: not much of it is kept', async () => {
    let sent = 0;
    async function* endless() {
      for (; sent < 1 << 20; sent += 1 << 14) yield Buffer.alloc(1 << 14, 'x');
    }
    const { error } = await talk(endless(), memory());
    expect(error).toMatchObject({ code: 'protocol' });
    expect(sent).toBeLessThan(1 << 18);
  });
});
