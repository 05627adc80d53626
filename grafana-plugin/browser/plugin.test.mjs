// The built plugin in a browser, its backend over gRPC, a collector that has read a capture.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { join } from 'node:path';
import axe from 'axe-core';
import { noBrowser, screenshots, startBrowser, startCollector, startHost } from './harness.mjs';

describe('the plugin in a browser', { skip: noBrowser }, () => {
  let collector;
  let host;
  let browser;
  let page;
  let range;

  before(async () => {
    // One after the other: `after` must know all that runs when one of them fails.
    collector = await startCollector();
    host = await startHost();
    browser = await startBrowser();
    const { results } = await collector.ask('query', {
      from: '0',
      to: 'now',
      queries: [{ refId: 'C', queryType: 'captures' }],
    });
    assert.equal(results.C.error, undefined);
    const { flows } = await collector
      .ask('capture/flows?scope=all&limit=1000')
      .then((answer) => ({ flows: answer.flows ?? [] }));
    const times = flows.map(({ start_ns }) => Number(BigInt(start_ns) / 1_000_000n));
    range = { from: Math.min(...times) - 60_000, to: Math.max(...times) + 3_600_000 };
    page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    await page.goto(`${host.url}/?from=${range.from}&to=${range.to}`);
    await page.getByRole('heading', { name: 'Wireglass', exact: true }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await host?.end();
    await collector?.end();
  });

  const verdict = () => page.getByRole('status', { name: 'verdict' });
  const test = async () => {
    await page.getByRole('button', { name: 'Save & test' }).click();
  };
  const choose = async (label, option) => {
    await page.getByLabel(label, { exact: true }).click();
    await page.getByRole('option', { name: option }).first().click();
  };

  it('says what is wrong with settings until they are right', async () => {
    await test();
    await verdict().getByText('URL is empty').waitFor();
    await page.getByLabel('URL').fill(collector.url);
    await test();
    await verdict().getByText('no API token is set').waitFor();
    await page.getByLabel('API token').fill('wg_wrong');
    await test();
    await verdict().getByText('does not know the API token').waitFor();
    await page.getByLabel('API token').fill(collector.token('operator'));
    await test();
    await verdict().getByText('no capture is running').waitFor();
    await page.screenshot({ path: join(screenshots, 'settings.png') });
  });

  it('shows the values that the API gives', async () => {
    await page.reload();
    await choose('Query type', /^Top/);
    await page.getByRole('button', { name: 'Run query' }).click();
    const table = page.getByRole('table', { name: 'top' });
    await table.waitFor();
    const cells = await table
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    const { results } = await collector.ask('query', {
      from: String(BigInt(range.from) * 1_000_000n),
      to: String(BigInt(range.to) * 1_000_000n),
      queries: [{ refId: 'A', queryType: 'top' }],
    });
    const columns = results.A.frames[0].data.values;
    assert.ok(columns[0].length > 3);
    assert.deepEqual(
      cells,
      columns[0].map((_, row) => columns.map((column) => String(column[row]))),
    );
    await page.screenshot({ path: join(screenshots, 'query-dark.png'), fullPage: true });
  });

  it('completes filters by the keyboard and says what is wrong with them', async () => {
    const filter = page.getByLabel('Filter', { exact: true });
    await filter.pressSequentially('tcp and dst_po');
    await page.getByRole('option', { name: /^dst_port/ }).waitFor();
    await filter.press('ArrowDown');
    await filter.press('Enter');
    assert.equal(await filter.inputValue(), 'tcp and dst_port ');
    await filter.pressSequentially('= x');
    await page
      .getByRole('alert')
      .getByText(/column 20/)
      .waitFor();
    await page.screenshot({ path: join(screenshots, 'filter.png') });
    await filter.press('Backspace');
    await filter.pressSequentially('443');
    await filter.press('Enter');
    assert.match(
      await page.getByLabel('query', { exact: true }).textContent(),
      /"filter":"tcp and dst_port = 443"/,
    );
    await page.getByRole('button', { name: 'Run query' }).click();
    await page.getByRole('status', { name: 'state' }).getByText('Done').waitFor();
  });

  it('refuses a query as code with the words of the collector', async () => {
    await page.getByRole('radio', { name: 'Code' }).click();
    const code = page.getByRole('textbox', { name: 'Query' });
    await code.fill('{"queryType":"top","measures":["bites"]}');
    await code.blur();
    await page.getByRole('alert').getByText(/bites/).waitFor();
    await code.fill('{"queryType":"timeseries","measure":"flows","group_by":["protocol"]}');
    await code.blur();
    await page.getByText('"measure":"flows"').waitFor();
    await page.getByRole('button', { name: 'Run query' }).click();
    await page.getByRole('table').first().waitFor();
  });

  for (const theme of ['dark', 'light']) {
    it(`has no serious fault of accessibility (${theme})`, async () => {
      const checked = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
      await checked.goto(`${host.url}/?theme=${theme}`);
      await checked.getByLabel('Query type').waitFor();
      await checked.addScriptTag({ content: axe.source });
      const { violations } = await checked.evaluate(() => globalThis.axe.run('#root'));
      await checked.close();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(
        serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
        [],
      );
    });
  }

  it('is readable in light colours and on a narrow page', async () => {
    const narrow = await browser.newPage({ viewport: { width: 480, height: 1600 } });
    const faults = [];
    narrow.on('pageerror', (error) => faults.push(error.message));
    await narrow.goto(`${host.url}/?theme=light`);
    await narrow.getByLabel('Query type').waitFor();
    await narrow.screenshot({ path: join(screenshots, 'query-light-narrow.png'), fullPage: true });
    await narrow.close();
    assert.deepEqual(faults, []);
  });
});
