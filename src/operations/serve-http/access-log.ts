/** What the log tells about one request. */
export interface LogEntry {
  readonly address: string | undefined;
  readonly user: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** Undefined: the connection was lost before an answer. */
  readonly status: number | undefined;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  readonly referrer: string | undefined;
  readonly userAgent: string | undefined;
  /** Milliseconds from the request to the end of the answer. */
  readonly duration: number;
}

const LONGEST = 2048;

/**
 * A line of Apache's "combined" format, without its newline; the seconds the request took are added at the end. Whatever a
 * client chose is escaped, so that it can neither end the line nor reach a terminal. Passwords are in none of the fields.
 */
export function formatLogLine(entry: LogEntry): string {
  const { address, user, time, status, bytes, duration } = entry;
  const request = `${entry.method} ${entry.target} HTTP/${entry.httpVersion}`;
  const words = [
    address ?? '-',
    '-',
    user === undefined ? '-' : escaped(user).replaceAll(' ', '\\x20'),
    `[${dateOf(time)}]`,
    `"${escaped(request)}"`,
    status ?? '-',
    bytes,
    `"${escaped(entry.referrer ?? '-')}"`,
    `"${escaped(entry.userAgent ?? '-')}"`,
    (duration / 1000).toFixed(3),
  ];
  return words.join(' ');
}

/** `22/Nov/2026:04:19:49 +0000` */
function dateOf(time: number): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}

function escaped(text: string): string {
  return text
    .slice(0, LONGEST)
    .replace(/[^ -~]|["\\]/g, (char) => `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`);
}
