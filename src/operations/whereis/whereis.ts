import type { Action } from '../../domain/events.js';
import type { ByteString } from '../../lib/bytes.js';
import { type FormatPiece, fillFormat } from '../../lib/format-string.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { OperationContext, Outcome } from '../context.js';
import { keyFields } from '../keys-info/key-fields.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { actionOf, type Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { describeLocations } from './describe-locations.js';
import { type ItemLocations, locationsOf } from './locations.js';

export interface WhereisRequest {
  readonly selection: Selection;
  /** Printed instead of the usual text: once for every repository or url, when it names those. */
  readonly format: readonly FormatPiece[] | undefined;
  /** A file name as text shows it. */
  readonly quote: (name: ByteString) => ByteString;
}

/** Tells where the contents of the selected items are, by the location logs. Fails for what is nowhere. */
export async function whereis(
  branch: AnnexBranch,
  known: KnownRepositories,
  { selection, format, quote }: WhereisRequest,
  { emit, signal }: OperationContext,
): Promise<Outcome> {
  let failed = 0;
  for await (const locations of locationsOf(branch, known, selection)) {
    signal.throwIfAborted();
    const report = describeLocations(locations, known);
    if (!report.found) failed++;
    if (format !== undefined) {
      emit({ type: 'output', bytes: filled(format, locations, known) });
      continue;
    }
    const action = actionFor(locations.item, quote);
    emit({ type: 'start', action });
    emit({ type: 'note', action, text: report.heading });
    for (const text of report.lists) emit({ type: 'long-note', action, text });
    emit({ type: 'end', action, success: report.found, fields: report.fields });
  }
  return { failed: failed + (selection.unknown > 0 ? 1 : 0), stoppedByLimit: false };
}

/** A branch's file is shown in text only. */
function actionFor(item: Item, quote: WhereisRequest['quote']): Action {
  const { key, branchPath, shown } = item;
  if (branchPath === undefined || shown === undefined) return actionOf('whereis', item);
  const subject = `${shown.slice(0, -branchPath.length)}${quote(branchPath)}` as ByteString;
  return { command: 'whereis', key, subject, input: [] };
}

/** The format filled once, or once for every repository (clusters too), every url, or every pair of them. */
function filled(
  format: readonly FormatPiece[],
  { item, uuids, urls }: ItemLocations,
  known: KnownRepositories,
): ByteString {
  const names = new Set(format.map((piece) => ('variable' in piece ? piece.variable : '')));
  const overUuids = names.has('uuid') ? [...known.clustersOf(uuids), ...uuids] : [undefined];
  const overUrls = names.has('url') ? [...urls.values()].flat() : [undefined];
  const fields = keyFields(item.key);
  let text = '';
  for (const uuid of overUuids) {
    for (const url of overUrls) {
      text += fillFormat(format, (name) => {
        if (name === 'uuid') return uuid;
        if (name === 'url') return url;
        return name === 'file' ? item.shown : fields[name];
      });
    }
  }
  return text as ByteString;
}
