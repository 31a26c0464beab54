import { createRequire } from 'node:module';

interface LockOptions {
  readonly shared?: boolean;
}

/** The part of `fs-native-extensions` used here: open file description locks over a whole file. */
interface NativeLocks {
  /** False when another holder is in the way. Throws for anything else. */
  tryLock(descriptor: number, offset: number, length: number, options: LockOptions): boolean;
  unlock(descriptor: number, offset: number, length: number): void;
}

let loaded: NativeLocks | undefined;

/** Loaded when first needed: the native part costs some milliseconds. */
export function nativeLocks(): NativeLocks {
  loaded ??= createRequire(import.meta.url)('fs-native-extensions') as NativeLocks;
  return loaded;
}
