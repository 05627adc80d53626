// Imports go one way (docs/ARCHITECTURE.md): `allowed` says what each folder of the collector may import; compose.ts
// and cli/ may import all.
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const allowed = {
  model: [],
  config: ['model'],
  query: ['model'],
  stores: ['model', 'config', 'query'],
  security: ['model', 'config'],
  capture: ['model', 'config', 'security'],
  metrics: ['model', 'config'],
  history: ['model', 'config', 'stores', 'capture'],
  sinks: ['model', 'config', 'stores'],
  telemetry: ['model', 'config', 'capture', 'stores', 'sinks'],
  answers: ['model', 'query', 'stores', 'capture'],
  api: ['model', 'config', 'query', 'stores', 'security', 'capture', 'telemetry', 'answers'],
};

const zones = Object.entries(allowed).map(([folder, may]) => ({
  target: `./collector/src/${folder}`,
  from: './collector/src',
  except: [folder, ...may].map((name) => `./${name}`),
  message: `collector/src/${folder} imports only ${[...may, 'the native package'].join(', ')}.`,
}));
zones.push({ target: './native', from: './collector', message: 'The core knows nothing of the collector.' });

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/build/**',
      '**/generated/**',
      '**/node_modules/**',
      'artifacts/**',
      'grafana-plugin/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        require: 'readonly',
        module: 'readonly',
        __dirname: 'readonly',
        AbortSignal: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
