import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** An absolute path in the package. */
export const inPackage = (...parts) => join(root, ...parts);
