import { hostname } from 'node:os';
import { isContext } from '../core/snapshot/snapshot-tag.ts';

type Env = Readonly<Record<string, string | undefined>>;

interface ContextItem {
  readonly name: string;
  readonly value: string;
}

/** What the variables of known CI systems say: which one, which run, who began it. Never a secret. */
function ciContext(env: Env): [name: string, value: string | undefined][] {
  if (env['GITHUB_ACTIONS'] === 'true') {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
    return [
      ['CI', 'github-actions'],
      ['Run', server && repository && run ? `${server}/${repository}/actions/runs/${run}` : run],
      ['Workflow', env['GITHUB_WORKFLOW']],
      ['Ref', env['GITHUB_REF']],
      ['Actor', env['GITHUB_ACTOR']],
    ];
  }
  if (env['GITLAB_CI'] === 'true') {
    return [
      ['CI', 'gitlab-ci'],
      ['Run', env['CI_JOB_URL']],
      ['Ref', env['CI_COMMIT_REF_NAME']],
      ['Actor', env['GITLAB_USER_LOGIN']],
    ];
  }
  if (env['JENKINS_URL'] !== undefined) {
    return [
      ['CI', 'jenkins'],
      ['Run', env['BUILD_URL']],
      ['Ref', env['BRANCH_NAME'] ?? env['GIT_BRANCH']],
    ];
  }
  if (env['BUILDKITE'] === 'true') {
    return [
      ['CI', 'buildkite'],
      ['Run', env['BUILDKITE_BUILD_URL']],
      ['Ref', env['BUILDKITE_BRANCH']],
      ['Actor', env['BUILDKITE_BUILD_CREATOR']],
    ];
  }
  return env['CI'] === undefined || env['CI'] === 'false' ? [] : [['CI', 'true']];
}

/** Where the program runs, for a snapshot's `Context-` trailers: the host, and the CI run if it is one. */
export function detectContext(env: Env): ContextItem[] {
  return [['Host', hostname()] as const, ...ciContext(env)]
    .map(([name, value]) => ({ name, value: value?.trim() ?? '' }))
    .filter(isContext);
}
