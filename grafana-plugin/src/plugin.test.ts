import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import app from './plugin.json';
import datasource from './datasource/plugin.json';

describe('what Grafana reads of the plugins', () => {
  it('has ids that the backend has, too', () => {
    expect(app.id).toBe('wireglass-traffic-app');
    const go = readFileSync(join(__dirname, '../pkg/plugin/datasource.go'), 'utf8');
    expect(go).toContain(`const ID = "${datasource.id}"`);
  });

  it('includes what lies in folders of their own', () => {
    expect(app.includes).toEqual([
      { type: datasource.type, name: datasource.name, path: 'datasource/plugin.json' },
    ]);
    for (const { path } of app.includes) expect(existsSync(join(__dirname, path))).toBe(true);
  });

  it('has its logos', () => {
    for (const [folder, { info }] of [['.', app] as const, ['datasource', datasource] as const]) {
      for (const logo of Object.values(info.logos))
        expect(existsSync(join(__dirname, folder, logo))).toBe(true);
    }
  });

  it('keeps secrets in the backend: no routes of the data source proxy', () => {
    expect(datasource).not.toHaveProperty('routes');
    expect(datasource).toMatchObject({ backend: true, alerting: true, annotations: true, streaming: true });
  });
});
