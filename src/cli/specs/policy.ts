import type { ActionSpec, CommandSpec } from '../spec.ts';
import { ACTION, tell, YES } from './actions.ts';

const POLICY_ACTIONS = [
  {
    name: 'show',
    takes: '[VERSION]',
    summary: 'Print the policy in force, or that version of it; with --yaml as a file to change and apply',
    options: ['yaml'],
  },
  {
    name: 'check',
    takes: '[FILE]',
    summary: 'Say whether the file can be the next version, with everything that is wrong in it',
    options: [],
  },
  {
    name: 'diff',
    takes: '[FILE]',
    summary: 'Print what the file would change, field by field',
    options: ['exit-code'],
  },
  {
    name: 'apply',
    takes: '[FILE]',
    summary: 'Sign the file as the next version; it comes into force, or is proposed where more people have to sign',
    options: ['yes'],
  },
  {
    name: 'sign',
    takes: '[PROPOSAL]',
    summary:
      'Sign a proposed version, named by its number or as "proposals" lists it; with the last signature it comes into force',
    options: ['yes'],
  },
  { name: 'history', summary: 'List all versions, and who signed them', options: [] },
  { name: 'proposals', summary: 'List the versions that lack signatures', options: [] },
  { name: 'schema', summary: 'Print the JSON Schema of the file, for editors', options: [] },
] as const satisfies readonly ActionSpec[];

export const POLICY = {
  name: 'policy',
  group: 'Govern',
  summary: 'Show and change who may do what',
  description: [
    'The policy says which directories are governed, who signs with which keys, and who has which role. It is changed in a file, .snapshots/policy.yaml unless another is named, with public keys in a directory keys/ beside it; see docs/policy.md. Without an action: show.',
    ...tell(POLICY_ACTIONS),
  ],
  actions: POLICY_ACTIONS,
  positionals: [ACTION, { name: 'argument', completes: 'file', summary: 'A file, a version or a proposal' }],
  options: [
    { name: 'yaml', type: 'flag', summary: 'Of show: as YAML, as the version to follow' },
    { name: 'exit-code', type: 'flag', summary: 'Of diff: exit with 1 where anything differs' },
    { ...YES, summary: 'Of apply and sign: do not ask' },
  ],
  conflicts: [['yaml', 'json']],
  examples: [
    { command: 'git snapshot policy show --yaml', summary: 'Print the file to change: .snapshots/policy.yaml' },
    { command: 'git snapshot policy check', summary: 'Look for mistakes in it' },
    { command: 'git snapshot policy apply', summary: 'Sign it' },
    { command: 'git snapshot policy sign 4', summary: 'Sign what somebody else proposed as version 4' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;

const TRUST_ACTIONS = [
  { name: 'show', summary: 'Print what you trust, and what is here', options: [] },
  {
    name: 'pin',
    takes: 'DIGEST',
    summary:
      'Trust the policy whose first version has this digest, which you have from its owner and not from the repository',
    options: [],
  },
  {
    name: 'accept',
    summary: 'Take policy and log as they are now, although they went back; the pin stays',
    options: ['yes'],
  },
] as const satisfies readonly ActionSpec[];

export const TRUST = {
  name: 'trust',
  group: 'Govern',
  summary: 'Show and choose what you trust of this repository',
  description: [
    'Trust begins outside the repository: with the digest of the first version of its policy, pinned in your own configuration. Each version after that is believed because people of the one before it signed it. Without an action: show.',
    ...tell(TRUST_ACTIONS),
  ],
  actions: TRUST_ACTIONS,
  positionals: [ACTION, { name: 'argument', summary: "A digest: 'sha256:' and 64 digits" }],
  options: [{ ...YES, summary: 'Of accept: do not ask' }],
  conflicts: [],
  examples: [
    { command: 'git snapshot trust show', summary: 'What is trusted, and what to tell others' },
    { command: 'git snapshot trust pin sha256:…', summary: 'In a fresh clone' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 6],
} as const satisfies CommandSpec;
