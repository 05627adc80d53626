import { keysOf, ownKeys, withKeys, withType } from './keys';
import { queryTypes, type WireglassQuery } from './types';

const timeseries: WireglassQuery = {
  refId: 'A',
  queryType: 'timeseries',
  datasource: { uid: 'x', type: 'wireglass-traffic-datasource' },
  editor: { mode: 'code' },
  measure: 'flows',
  group_by: ['src_addr'],
  filter: 'tcp',
  top: 5,
};

describe('keys of queries', () => {
  it('keeps what both types have', () => {
    expect(withType(timeseries, 'flows')).toEqual({
      refId: 'A',
      queryType: 'flows',
      datasource: timeseries.datasource,
      editor: { mode: 'code' },
      filter: 'tcp',
    });
    expect(withType(timeseries, 'captures')).not.toHaveProperty('filter');
  });

  it('leaves out what says nothing', () => {
    expect(ownKeys({ ...timeseries, filter: '', group_by: [], other: false, exact: undefined })).toEqual({
      measure: 'flows',
      top: 5,
      other: false,
    });
  });

  it('replaces all keys of its own', () => {
    expect(withKeys(timeseries, { queryType: 'top', measures: ['records'] })).toEqual({
      refId: 'A',
      queryType: 'top',
      datasource: timeseries.datasource,
      editor: { mode: 'code' },
      measures: ['records'],
    });
  });

  it('knows the keys of every type', () => {
    expect(Object.keys(keysOf)).toEqual([...queryTypes]);
  });
});
