// Where figures come from: the machine, its kernel, the tools' versions.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { output } from '../shell.mjs';

function distribution() {
  try {
    return readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="(.*)"$/m)?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function cacheSizes() {
  const result = spawnSync('lscpu', ['-C=NAME,ONE-SIZE'], { encoding: 'utf8' });
  if (result.status !== 0) return 'unknown';
  const rows = result.stdout.trim().split('\n').slice(1);
  return rows.map((row) => row.trim().split(/\s+/).join(' ')).join(', ');
}

export function describeMachine() {
  return {
    processor: cpus()[0].model,
    cores: cpus().length,
    caches: cacheSizes(),
    memoryBytes: totalmem(),
    kernel: release(),
    distribution: distribution(),
    compiler: output('c++', ['--version'])?.split('\n')[0] ?? 'unknown',
    node: process.version,
    commit: (output('git', ['describe', '--always', '--dirty']) ?? 'unknown').trim(),
  };
}

/** Versions of Debian packages, "" for one that dpkg does not know. */
export function packageVersions(packages) {
  const versions = {};
  for (const name of packages) {
    versions[name] = (output('dpkg-query', ['-W', '-f', '${Version}', name]) ?? '').trim();
  }
  return versions;
}
