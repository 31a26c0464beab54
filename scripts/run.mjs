import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { inPackage, root } from './paths.mjs';

/** Runs a program in the package's folder with its output shown; whether it succeeded. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) console.error(`${program}: ${result.error.message}`);
  return result.status === 0;
}

/** Runs a program of an installed package, `biome` say. */
export function runBin(name, args, options) {
  return run(inPackage('node_modules/.bin', name), args, options);
}

/** Installs the dependencies when they are missing or older than the lock file; whether they are there. */
export function ensureDependencies() {
  const stamp = inPackage('node_modules/.installed');
  const lock = inPackage('package-lock.json');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return true;
  if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])) return false;
  mkdirSync(inPackage('node_modules'), { recursive: true });
  writeFileSync(stamp, '');
  return true;
}
