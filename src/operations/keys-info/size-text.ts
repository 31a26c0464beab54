import { formatSizeShort } from '../../domain/data-units.js';

/** Bytes as git-annex's messages give them: `1.05 MB`. */
export const shortSize: (bytes: number) => string = formatSizeShort;
