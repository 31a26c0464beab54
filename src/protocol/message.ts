import { type Key, parseKey } from '../domain/key.js';
import type { ByteString } from '../lib/bytes.js';
import { escapeFile, unescapeFile } from './associated-file.js';

/** The newest version of the protocol that is spoken here. */
export const newestVersion = 4;

/** A service of git that a connection can be turned over to. */
export type Service = 'git-upload-pack' | 'git-receive-pack';

/**
 * One message of the P2P protocol, versions 0 to 4 (design/p2p_protocol). Offsets and lengths are bytes; times are seconds of
 * the server's monotonic clock; `file` is a name for information only, empty when there is none.
 */
export type Message =
  | { readonly name: 'AUTH'; readonly uuid: ByteString; readonly token: ByteString }
  | { readonly name: 'AUTH-SUCCESS'; readonly uuid: ByteString }
  | { readonly name: 'VERSION'; readonly version: number }
  | { readonly name: 'BYPASS'; readonly uuids: readonly ByteString[] }
  | Leading
  | { readonly name: 'CHECKPRESENT' | 'LOCKCONTENT' | 'REMOVE'; readonly key: Key }
  | { readonly name: 'REMOVE-BEFORE'; readonly time: number; readonly key: Key }
  | { readonly name: 'TIMESTAMP'; readonly time: number }
  | { readonly name: 'GET'; readonly offset: number; readonly file: ByteString; readonly key: Key }
  | { readonly name: 'PUT'; readonly file: ByteString; readonly key: Key }
  | { readonly name: 'PUT-FROM'; readonly offset: number }
  | { readonly name: 'DATA'; readonly length: number }
  | { readonly name: 'CONNECT'; readonly service: Service }
  | { readonly name: 'CONNECTDONE'; readonly exitCode: number }
  | { readonly name: 'CHANGED'; readonly refs: readonly ByteString[] }
  | {
      readonly name: 'SUCCESS-PLUS' | 'FAILURE-PLUS' | 'ALREADY-HAVE-PLUS';
      readonly uuids: readonly ByteString[];
    }
  | { readonly name: 'ERROR'; readonly text: ByteString }
  | { readonly name: Bare };

/**
 * No message of git-annex, whose clients name a repository behind a gateway in the command or the url that they connect with;
 * it answers that it does not know the command. After VERSION and before all else a client asks to be led to a repository
 * behind the one that it talks to. Answer: AUTH-SUCCESS with its uuid, or an ERROR.
 */
export interface Leading {
  readonly name: 'X-PROXY';
  readonly uuid: ByteString;
}

/** Messages that are a word and nothing else. */
export type Bare =
  | 'AUTH-FAILURE'
  | 'SUCCESS'
  | 'FAILURE'
  | 'ALREADY-HAVE'
  | 'UNLOCKCONTENT'
  | 'GETTIMESTAMP'
  | 'DATA-PRESENT'
  | 'VALID'
  | 'INVALID'
  | 'NOTIFYCHANGE';

type Parser = (rest: ByteString) => Message | undefined;

const parsers: { readonly [name in Message['name']]: Parser } = {
  AUTH: (rest) => {
    const [uuid, token] = words(rest, 2) ?? [];
    return uuid && token ? { name: 'AUTH', uuid, token } : undefined;
  },
  'AUTH-SUCCESS': (uuid) => (isWord(uuid) ? { name: 'AUTH-SUCCESS', uuid } : undefined),
  VERSION: (rest) => withNumber(rest, (version) => ({ name: 'VERSION', version })),
  BYPASS: (rest) => ({ name: 'BYPASS', uuids: list(rest) }),
  'X-PROXY': (uuid) => (isWord(uuid) ? { name: 'X-PROXY', uuid } : undefined),
  CHECKPRESENT: (rest) => withKey(rest, (key) => ({ name: 'CHECKPRESENT', key })),
  LOCKCONTENT: (rest) => withKey(rest, (key) => ({ name: 'LOCKCONTENT', key })),
  REMOVE: (rest) => withKey(rest, (key) => ({ name: 'REMOVE', key })),
  'REMOVE-BEFORE': (rest) => {
    const [time, last] = words(rest, 2) ?? [];
    if (time === undefined || last === undefined) return undefined;
    return withNumber(time, (seconds) =>
      withKey(last, (key) => ({ name: 'REMOVE-BEFORE', time: seconds, key })),
    );
  },
  TIMESTAMP: (rest) => withNumber(rest, (time) => ({ name: 'TIMESTAMP', time })),
  GET: (rest) => {
    const [start, file, last] = words(rest, 3) ?? [];
    if (start === undefined || file === undefined || last === undefined) return undefined;
    return withNumber(start, (offset) =>
      withKey(last, (key) => ({ name: 'GET', offset, file: unescapeFile(file), key })),
    );
  },
  PUT: (rest) => {
    const [file, last] = words(rest, 2) ?? [];
    if (file === undefined || last === undefined) return undefined;
    return withKey(last, (key) => ({ name: 'PUT', file: unescapeFile(file), key }));
  },
  'PUT-FROM': (rest) => withNumber(rest, (offset) => ({ name: 'PUT-FROM', offset })),
  DATA: (rest) => withNumber(rest, (length) => ({ name: 'DATA', length })),
  CONNECT: (rest) =>
    rest === 'git-upload-pack' || rest === 'git-receive-pack'
      ? { name: 'CONNECT', service: rest as Service }
      : undefined,
  CONNECTDONE: (rest) => withNumber(rest, (exitCode) => ({ name: 'CONNECTDONE', exitCode })),
  CHANGED: (rest) => ({ name: 'CHANGED', refs: list(rest) }),
  'SUCCESS-PLUS': (rest) => ({ name: 'SUCCESS-PLUS', uuids: list(rest) }),
  'FAILURE-PLUS': (rest) => ({ name: 'FAILURE-PLUS', uuids: list(rest) }),
  'ALREADY-HAVE-PLUS': (rest) => ({ name: 'ALREADY-HAVE-PLUS', uuids: list(rest) }),
  ERROR: (text) => ({ name: 'ERROR', text }),
  'AUTH-FAILURE': bare('AUTH-FAILURE'),
  SUCCESS: bare('SUCCESS'),
  FAILURE: bare('FAILURE'),
  'ALREADY-HAVE': bare('ALREADY-HAVE'),
  // The protocol's page shows a key here; programs send none.
  UNLOCKCONTENT: () => ({ name: 'UNLOCKCONTENT' }),
  GETTIMESTAMP: bare('GETTIMESTAMP'),
  'DATA-PRESENT': bare('DATA-PRESENT'),
  VALID: bare('VALID'),
  INVALID: bare('INVALID'),
  NOTIFYCHANGE: bare('NOTIFYCHANGE'),
};

/** The message that a line (without its newline) holds; undefined for what is none. */
export function parseMessage(line: ByteString): Message | undefined {
  const space = line.indexOf(' ');
  const name = space === -1 ? line : line.slice(0, space);
  if (!Object.hasOwn(parsers, name)) return undefined;
  const parse = parsers[name as Message['name']];
  return parse((space === -1 ? '' : line.slice(space + 1)) as ByteString);
}

/** The line of a message, without a newline. */
export function formatMessage(message: Message): ByteString {
  return [message.name, ...operands(message)].join(' ') as ByteString;
}

function operands(message: Message): readonly (string | number)[] {
  switch (message.name) {
    case 'AUTH':
      return [message.uuid, message.token];
    case 'AUTH-SUCCESS':
    case 'X-PROXY':
      return [message.uuid];
    case 'VERSION':
      return [message.version];
    case 'CHECKPRESENT':
    case 'LOCKCONTENT':
    case 'REMOVE':
      return [message.key];
    case 'REMOVE-BEFORE':
      return [message.time, message.key];
    case 'TIMESTAMP':
      return [message.time];
    case 'GET':
      return [message.offset, escapeFile(message.file), message.key];
    case 'PUT':
      return [escapeFile(message.file), message.key];
    case 'PUT-FROM':
      return [message.offset];
    case 'DATA':
      return [message.length];
    case 'CONNECT':
      return [message.service];
    case 'CONNECTDONE':
      return [message.exitCode];
    case 'CHANGED':
      return message.refs;
    case 'BYPASS':
    case 'SUCCESS-PLUS':
    case 'FAILURE-PLUS':
    case 'ALREADY-HAVE-PLUS':
      return message.uuids;
    case 'ERROR':
      return [message.text.replaceAll(/[\n\0]/g, ' ')];
    default:
      return [];
  }
}

function bare(name: Bare): Parser {
  return (rest) => (rest === '' ? { name } : undefined);
}

/** The first `count - 1` words, each followed by one space, and all the rest as the last. */
function words(text: ByteString, count: number): ByteString[] | undefined {
  const found: string[] = [];
  let start = 0;
  while (found.length < count - 1) {
    const end = text.indexOf(' ', start);
    if (end === -1) return undefined;
    found.push(text.slice(start, end));
    start = end + 1;
  }
  return [...found, text.slice(start)] as ByteString[];
}

function list(text: ByteString): ByteString[] {
  return text.split(' ').filter((word) => word !== '') as ByteString[];
}

function isWord(text: ByteString): boolean {
  return text !== '' && !text.includes(' ');
}

function withNumber(text: ByteString, make: (value: number) => Message | undefined): Message | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? make(value) : undefined;
}

function withKey(text: ByteString, make: (key: Key) => Message): Message | undefined {
  const key = parseKey(text);
  return key === undefined ? undefined : make(key);
}
