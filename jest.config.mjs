// Tests lie beside what they test; test/ holds what crosses packages. They run on the built addon and dist/.
export default {
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/native/*.test.ts',
    '<rootDir>/collector/src/**/*.test.ts',
    '<rootDir>/test/**/*.test.ts',
  ],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
    // it loads node:http by import(), which jest's modules do not know without the transform
    '/@opentelemetry/otlp-exporter-base/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/native/build/'],
  testTimeout: 60_000,
  maxWorkers: 2,
};
