import { AnnexError } from '../../domain/errors.js';
import { checkFieldName, type MetadataEdit, parseMetadataEdit, tagField } from '../../domain/metadata.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { MetadataWork } from '../../operations/metadata/metadata.js';

export interface MetadataFlags {
  readonly get?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly untag?: readonly string[] | undefined;
  readonly remove?: readonly string[] | undefined;
  readonly 'remove-all'?: boolean;
  readonly batch?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
  readonly all?: boolean;
  readonly unused?: boolean;
  readonly key?: string | undefined;
  readonly branch?: readonly string[] | undefined;
}

/** What the options ask for. Throws `usage` for combinations that make no sense. */
export function metadataWork(flags: MetadataFlags, operands: readonly ByteString[]): MetadataWork | 'batch' {
  const edits = editsOf(flags);
  const chosen = flags.all || flags.unused || flags.key !== undefined || (flags.branch?.length ?? 0) > 0;
  if (flags.get !== undefined && edits.length > 0) {
    throw new AnnexError('usage', '--get cannot be combined with options that change metadata');
  }
  if (flags.batch) {
    if (!flags.json) throw new AnnexError('usage', '--batch is currently only supported in --json mode');
    if (operands.length > 0 || chosen || edits.length > 0 || flags.get !== undefined) {
      throw new AnnexError('usage', 'Cannot combine batch option with file or key options');
    }
    return 'batch';
  }
  if (flags.get !== undefined) {
    return { type: 'get', field: checkFieldName(fromText(flags.get), 'option -g: ') };
  }
  if (edits.length === 0) return { type: 'show' };
  const recursive = flags.force === true || chosen;
  if (!recursive && operands.length === 0) {
    throw new AnnexError('usage', 'Not recursively setting metadata. Use --force to do that.');
  }
  return { type: 'edit', edits, recursive };
}

function editsOf(flags: MetadataFlags): MetadataEdit[] {
  const words = (given: readonly string[] | undefined) => (given ?? []).map(fromText);
  return [
    ...(flags['remove-all'] ? [{ type: 'clear-all' } as const] : []),
    ...words(flags.remove).map(
      (field): MetadataEdit => ({ type: 'clear', field: checkFieldName(field, 'option -r: ') }),
    ),
    ...words(flags.set).map(parseMetadataEdit),
    ...words(flags.tag).map((value): MetadataEdit => ({ type: 'add', field: tagField, value })),
    ...words(flags.untag).map((value): MetadataEdit => ({ type: 'remove', field: tagField, value })),
  ];
}
