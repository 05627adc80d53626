import { AppError, errorCode, errorMessage, errorTable } from './errors.js';

describe('AppError', () => {
  it('fills the template with its details and carries status and title of the table', () => {
    const error = new AppError('bad_filter', { column: 7, reason: 'expected a port', expected: ['number'] });
    expect(error).toMatchObject({
      code: 'bad_filter',
      status: 400,
      message: 'column 7: expected a port',
      details: { column: 7, expected: ['number'] },
    });
  });

  it.each(Object.entries(errorTable))('%s has an error status, a title and a template', (code, row) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(row.title).not.toBe('');
    expect(row.template).not.toBe('');
  });
});

describe('errorCode and errorMessage', () => {
  it.each([
    [Object.assign(new Error('gone'), { code: 'packet_evicted' }), 'packet_evicted', 'gone'],
    [Object.assign(new Error('no file'), { code: 'ENOENT' }), 'internal_error', 'no file'],
    [{ code: 'capture_running', message: 'busy' }, 'capture_running', 'busy'],
    [{ code: 'toString' }, 'internal_error', '[object Object]'],
    [null, 'internal_error', 'null'],
    ['text', 'internal_error', 'text'],
  ])('reads %p', (thrown, code, message) => {
    expect(errorCode(thrown)).toBe(code);
    expect(errorMessage(thrown)).toBe(message);
  });
});
