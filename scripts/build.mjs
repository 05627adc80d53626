// `npm run build`: installs and builds what is missing, runs nothing.
import { buildAll } from './lib/build.mjs';

buildAll();
