/**
 * Hands the settings of `-c name=value` to the gits that this process starts, the way `git -c` does. Settings are read
 * by asking git, so they reach ours, too. A name without a value means true.
 */
export function applyConfigOverrides(
  overrides: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  let count = Number(env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  for (const override of overrides) {
    const equals = override.indexOf('=');
    env[`GIT_CONFIG_KEY_${count}`] = equals < 0 ? override : override.slice(0, equals);
    env[`GIT_CONFIG_VALUE_${count}`] = equals < 0 ? 'true' : override.slice(equals + 1);
    count++;
  }
  if (overrides.length > 0) env['GIT_CONFIG_COUNT'] = String(count);
}
