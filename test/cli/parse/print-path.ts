import { exactArguments, pathBytes } from '../../../src/cli/parse/exact-arguments.ts';
import { rawArguments } from '../../../src/cli/raw-arguments.ts';

// Run as a program, by the test of arguments that are not UTF-8.
const [, path = ''] = exactArguments(process.argv.slice(2), rawArguments);
process.stdout.write(Buffer.from(pathBytes(path), 'latin1').toString('hex'));
