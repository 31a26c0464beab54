import type { JsonValue } from '../../domain/events.js';
import { formatSizeShort } from '../../domain/data-units.js';
import { formatDurationBriefly } from '../../domain/duration.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { PauseScope } from '../../repository/transfers/steering.js';
import type { FailedView, RunningTransfer, Snapshot } from './snapshot.js';

/** What the views need to know of repositories and names. */
export interface Names {
  /** A remote's name; undefined: it is no remote here. */
  remoteName(uuid: Uuid): ByteString | undefined;
  /** `beta [b]`; empty when nothing is known. */
  description(uuid: Uuid): ByteString;
  /** A file's name as it is shown to people. */
  quoted(name: ByteString): string;
}

/** Failures listed for people; the rest is counted. */
const LISTED = 20;

/** A snapshot for people: a line for each transfer, then what failed, is paused, waits or is left over. */
export function snapshotText(snapshot: Snapshot, names: Names): ByteString {
  const { running, failed, pauses, waiting, stale } = snapshot;
  const lines: string[] = [];
  if (running.length === 0) lines.push('no transfers in progress');
  lines.push(...table(running.map((transfer) => columns(transfer, names))));
  if (failed.length > 0)
    lines.push('', failed.length === 1 ? '1 transfer failed:' : `${failed.length} transfers failed:`);
  lines.push(...table(failed.slice(0, LISTED).map((one) => failedColumns(one, names))));
  if (failed.length > LISTED) lines.push(`  and ${failed.length - LISTED} more`);
  if (pauses.length > 0) lines.push('', 'paused:', ...pauses.map((scope) => `  ${pauseText(scope, names)}`));
  if (waiting.length > 0) lines.push('', 'waiting for locks:');
  for (const { lock, pid, command, holders } of waiting) {
    const held = holders.map((one) => processText(one.pid, one.command)).join(', ');
    lines.push(
      `  ${processText(pid, command)} for ${names.quoted(lock)}, held by ${held === '' ? 'a process unknown' : held}`,
    );
  }
  if (stale.length > 0) {
    lines.push(
      '',
      `${stale.length} left from processes that were killed; git annex-ts transfer-status --clear-stale removes ${stale.length === 1 ? 'it' : 'them'}`,
    );
  }
  return `${lines.join('\n')}\n` as ByteString;
}

function columns(transfer: RunningTransfer, names: Names): string[] {
  const { direction, key, file, uuid, bytes, total, speed, pid, command } = transfer;
  const seconds = secondsLeft(transfer);
  const done = bytes === undefined ? '?' : formatSizeShort(bytes);
  const share =
    bytes === undefined || total === undefined
      ? ''
      : ` ${Math.min(100, Math.floor((100 * bytes) / Math.max(1, total)))}%`;
  return [
    direction,
    names.quoted(file ?? key),
    `${direction === 'upload' ? 'to' : 'from'} ${repositoryText(uuid, names)}`,
    total === undefined ? done : `${done} of ${formatSizeShort(total)}${share}`,
    speed === undefined ? '' : `${formatSizeShort(Math.round(speed))}/s`,
    seconds === undefined ? '' : `${formatDurationBriefly(seconds)} left`,
    processText(pid, command) + (transfer.serving ? ', serving' : ''),
  ];
}

function failedColumns({ direction, key, file, uuid, retryIn }: FailedView, names: Names): string[] {
  const when =
    retryIn === 0
      ? 'by the next sync --retry'
      : `by sync --retry in ${formatDurationBriefly(Math.ceil(retryIn / 1000))}`;
  const other = `${direction === 'upload' ? 'to' : 'from'} ${repositoryText(uuid, names)}`;
  return [direction, names.quoted(file ?? key), other, `tried again ${when}`];
}

/** Columns of the same width, with two spaces between and before. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, at) => (widths[at] === 0 ? '' : `${cell.padEnd(widths[at] ?? 0)}  `)).join('')}`.trimEnd(),
  );
}

/** A snapshot as JSON. */
export function snapshotFields(snapshot: Snapshot, names: Names): { readonly [name: string]: JsonValue } {
  const { time, running, failed, pauses, waiting, stale } = snapshot;
  return {
    command: 'transfer-status',
    time: time / 1000,
    transfers: running.map((transfer) => ({
      ...identity(transfer, names),
      ...optional('process', transfer.pid),
      program: transfer.program,
      'process-command': printable(transfer.command),
      serving: transfer.serving,
      ...optional('start-time', transfer.started === undefined ? undefined : transfer.started / 1000),
      ...optional('byte-progress', transfer.bytes),
      ...optional('total-size', transfer.total),
      ...optional('bytes-per-second', transfer.speed === undefined ? undefined : Math.round(transfer.speed)),
      ...optional('seconds-left', secondsLeft(transfer)),
    })),
    failed: failed.map((one) => ({
      ...identity(one, names),
      'retry-in-seconds': Math.ceil(one.retryIn / 1000),
    })),
    paused: pauses.map((scope) => pauseFields(scope, names)),
    waiting: waiting.map(({ lock, pid, command, holders }) => ({
      lock,
      process: pid,
      'process-command': printable(command),
      holders: holders.map((holder) => ({
        process: holder.pid,
        'process-command': printable(holder.command),
      })),
    })),
    stale: stale.map((one) => identity({ ...one, file: one.info?.file }, names)),
  };
}

/** The fields that git-annex's `info` has, and the remote's name. */
function identity(
  one: Pick<RunningTransfer, 'direction' | 'key' | 'uuid' | 'file'>,
  names: Names,
): { readonly [name: string]: JsonValue } {
  const { direction, key, uuid, file } = one;
  return {
    ...optional('file', file),
    key,
    remote: uuid,
    ...optional('remote-name', names.remoteName(uuid)),
    description: names.description(uuid),
    transfer: direction,
  };
}

function secondsLeft({ bytes, total, speed }: RunningTransfer): number | undefined {
  if (bytes === undefined || total === undefined || speed === undefined || speed < 1) return undefined;
  return Math.ceil(Math.max(0, total - bytes) / speed);
}

function pauseFields(scope: PauseScope, names: Names): JsonValue {
  if (scope === 'all') return { scope: 'all' };
  if ('key' in scope) return { scope: 'key', key: scope.key };
  return { scope: 'remote', remote: scope.uuid, ...optional('remote-name', names.remoteName(scope.uuid)) };
}

export function pauseText(scope: PauseScope, names: Names): string {
  if (scope === 'all') return 'all transfers';
  if ('key' in scope) return `transfers of ${names.quoted(scope.key)}`;
  return `transfers with ${repositoryText(scope.uuid, names)}`;
}

export function repositoryText(uuid: Uuid, names: Names): string {
  const text = names.remoteName(uuid) ?? names.description(uuid);
  return names.quoted((text === '' ? uuid : text) as ByteString);
}

/** `process 123 (git-annex get)`: the program and what it was told to do, without its other words, which may hold secrets. */
export function processText(pid: number | undefined, command: readonly string[]): string {
  if (pid === undefined) return 'an unknown process';
  const words = printable(command);
  return words === '' ? `process ${pid}` : `process ${pid} (${words})`;
}

function printable(command: readonly string[]): ByteString {
  const words = command.map((word) => word.slice(word.lastIndexOf('/') + 1));
  if (/^node(?:js)?$/.test(words[0] ?? '')) words.shift();
  const subcommand = words.slice(1).find((word) => /^[a-z][a-z0-9-]*$/.test(word));
  return fromText([words[0] ?? '', subcommand ?? ''].join(' ').trim());
}

function optional(name: string, value: JsonValue | undefined): { readonly [name: string]: JsonValue } {
  return value === undefined ? {} : { [name]: value };
}
