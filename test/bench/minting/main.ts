// Sets a project up with many snapshots of one small file. Arguments: an existing, empty repository, and how many. What git
// is set up to sign with signs, if it is a key file of SSH; else a key that is made.
import { mintInto } from './mint-into.ts';

const [directory = '', count = ''] = process.argv.slice(2);
await mintInto({ directory, count: Number(count), env: process.env });
