// Tests lie beside what they test.
export default {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/src'],
  testMatch: ['**/*.test.{ts,tsx}'],
  setupFilesAfterEnv: ['<rootDir>/src/test/setup.ts'],
  transform: {
    // Some dependencies come as .mjs.
    '^.+\\.m?[jt]sx?$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
      },
    ],
  },
  moduleNameMapper: {
    '\\.(css|scss|sass)$': '<rootDir>/src/test/style.ts',
    'react-inlinesvg': '<rootDir>/src/test/svg.tsx',
  },
  transformIgnorePatterns: [
    `node_modules/(?!.*(${[
      '.pnpm',
      '@grafana/schema',
      '@wojtekmaj/.*',
      'd3',
      'd3-.*',
      'delaunator',
      'get-user-locale',
      'internmap',
      'marked',
      'memoize',
      'mimic-function',
      'ol',
      'react-calendar',
      'react-colorful',
      'react-data-grid',
      'robust-predicates',
      'rxjs',
      'uuid',
    ].join('|')})/)`,
  ],
  maxWorkers: 2,
  testTimeout: 30_000,
};
