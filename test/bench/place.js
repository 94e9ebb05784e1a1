// A workload on disk, with a repository of ours and of every other tool around it.
import { gitSnapshots } from './git.js';
import { otherTools } from './others.js';
import { createArgv, openProject } from './ours.js';
import { WORKLOADS, writeWorkload } from './workloads.js';

/** Gives a function that makes each place once: all cases on one workload share it, in the order that they come in. */
export function placeMaker({ lab, scale, say }) {
  const places = new Map();
  return async (name) => {
    if (!places.has(name)) places.set(name, await openPlace({ lab, scale, say, name }));
    return places.get(name);
  };
}

async function openPlace({ lab, scale, say, name }) {
  say(`making ${name}`);
  const workload = WORKLOADS[scale][name];
  const project = await openProject(lab, name);
  await writeWorkload(project.artifacts, workload);
  const git = gitSnapshots(lab, { name, directory: project.artifacts });
  const others = otherTools(lab, { name, directory: project.artifacts });
  let oursHasIt = false;
  let gitHasIt = false;
  return {
    name,
    workload,
    project,
    git,
    others,
    async forgetOurs() {
      project.forget();
      // Whoever forgets takes the next snapshot as what is measured.
      oursHasIt = true;
    },
    async forgetGit() {
      await git.forget();
      gitHasIt = true;
    },
    /** Makes sure that ours, git and every other tool have a snapshot. */
    async ensureAll() {
      await this.ensureOurs();
      if (!gitHasIt) {
        await this.forgetGit();
        await lab.run(git.command);
      }
      for (const tool of Object.values(others)) await tool.ensure();
    },
    async ensureOurs() {
      if (oursHasIt) return;
      await this.forgetOurs();
      await lab.run(project.command(createArgv));
    },
  };
}
