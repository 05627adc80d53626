// Debian packages that the tests need: installed where we may, else named.
import { has, output, run, say } from './shell.mjs';

const packages = [
  'ninja-build',
  'cmake',
  'g++',
  'libgtest-dev',
  'libgmock-dev',
  'libbenchmark-dev',
  'libpcap-dev',
  'zlib1g-dev',
  'libndpi-dev',
  'libndpi-bin',
  'libzstd-dev',
  'liblz4-dev',
  'liblzma-dev',
  'libbz2-dev',
  'zstd',
  'lz4',
  'xz-utils',
  'bzip2',
  'clang-19',
  'clang-format-19',
  'clang-tidy-19',
  'libclang-rt-19-dev',
  'tshark',
  'tcpdump',
  'tcpreplay',
  'iproute2',
  'ccache',
  'chromium',
  'influxdb',
  'prometheus',
];

/** Installs what is missing; returns false (having said what to do) when it may not. */
export function installTestPackages() {
  const status =
    output('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages]) ??
    installedOneByOne();
  const installed = new Set(
    status
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length === 0) return true;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid() !== 0 || !has('apt-get')) {
    say(`tests need packages that are missing. As root: ${command}`);
    return false;
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

function installedOneByOne() {
  return packages
    .map((name) => output('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', name]) ?? '')
    .join('');
}
