// Takes many snapshots of a project with the library, each of other content: equal ones would have to wait for the next
// second. Arguments: the project, and from which number to which.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSnapshots } from '../../dist/lib/index.js';

const [directory, from, to] = process.argv.slice(2);
const snapshots = await openSnapshots({ directory });
try {
  for (let number = Number(from); number < Number(to); number++) {
    writeFileSync(join(directory, 'artifacts', 'model.txt'), `weights ${number}\n`);
    await snapshots.create({ message: `number ${number}`, labels: [], force: false, dryRun: false, set: undefined });
  }
} finally {
  await snapshots.close();
}
