// What is measured: Wireglass, the minimal loop, and the peers. Each subject's run(input, context) returns what
// measure() says and `totals`, what the tool said about the input (null: nothing that can be checked).
import { argus } from './argus.mjs';
import { minimalLoop, walkOnly } from './minimal-loop.mjs';
import { nfpcapd } from './nfpcapd.mjs';
import { pmacctd } from './pmacctd.mjs';
import { softflowd } from './softflowd.mjs';
import { tcpdump } from './tcpdump.mjs';
import { variants, wireglass } from './wireglass.mjs';

export const ours = [wireglass, ...variants];
export const limits = [minimalLoop, walkOnly];
export const peers = [softflowd, nfpcapd, pmacctd, argus];
export const floors = [tcpdump];
