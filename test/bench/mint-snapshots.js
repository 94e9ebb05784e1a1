// Takes many snapshots of a project with the library. Arguments: the project, and how many it shall have more.
import { openSnapshots } from '../../dist/lib/index.js';

const [directory, count] = process.argv.slice(2);
const snapshots = await openSnapshots({ directory });
try {
  for (let index = 0; index < Number(count); index++) {
    await snapshots.create({ message: `number ${index}`, labels: [], force: true, dryRun: false, set: undefined });
  }
} finally {
  await snapshots.close();
}
