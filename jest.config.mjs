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
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/native/build/'],
  testTimeout: 60_000,
  maxWorkers: 2,
};
