import type { ActionSpec, CommandSpec } from '../spec.ts';
import { ACTION, tell, YES } from './actions.ts';

const KEY_ACTIONS = [
  { name: 'list', summary: 'List every key that any version of the policy has had', options: [] },
  {
    name: 'add',
    takes: 'FILE',
    summary: 'Give a person one more key, from the file of its public part; somebody new is added, without any role',
    options: ['person', 'name', 'yes'],
  },
  {
    name: 'rotate',
    summary: 'Put a new key in the place of your own, and retire that',
    options: ['key', 'no-passphrase', 'yes'],
  },
  {
    name: 'retire',
    takes: 'KEY',
    summary: 'Take a key out of the policy; what it signed before stays good',
    options: ['yes'],
  },
  {
    name: 'revoke',
    takes: 'KEY',
    summary: 'Stop believing a key, from an event of the log on; what it signed before that stays good',
    options: ['reason', 'since', 'yes'],
  },
  {
    name: 'export',
    takes: '[KEY]',
    summary: 'Print public keys of the policy in force, for gpg, ssh or git',
    options: ['allowed-signers'],
  },
] as const satisfies readonly ActionSpec[];

export const KEY = {
  name: 'key',
  group: 'Govern',
  summary: 'Show, add, replace and revoke keys of the policy',
  description: [
    'Each change is a new version of the policy: it comes into force where you alone may change it, and is proposed to the others else. A key is named by its fingerprint or the last 8 digits of that, or by a person who has no other. Without an action: list.',
    ...tell(KEY_ACTIONS),
  ],
  actions: KEY_ACTIONS,
  positionals: [ACTION, { name: 'argument', completes: 'file', summary: 'A key, or the file of one' }],
  options: [
    { name: 'person', type: 'text', value: 'NAME', summary: 'Of add: whose key it is, as the policy calls them' },
    { name: 'name', type: 'text', value: 'TEXT', summary: 'Of add: the name in full, of somebody new' },
    {
      name: 'key',
      type: 'text',
      value: 'KEY',
      summary: "Of rotate: the new key: a fingerprint, 'gpg' or 'ssh', the path of a .pub file, or 'new' (the default)",
    },
    { name: 'no-passphrase', type: 'flag', summary: 'Of rotate: leave a new key without a passphrase' },
    {
      name: 'reason',
      type: 'choice',
      value: 'REASON',
      choices: ['compromised', 'lost'],
      summary: 'Of revoke: compromised or lost (required)',
    },
    {
      name: 'since',
      type: 'integer',
      value: 'EVENT',
      summary: 'Of revoke: the first event that is not believed (default: the next one)',
    },
    {
      name: 'allowed-signers',
      type: 'flag',
      summary: "Of export: SSH keys as lines for git's gpg.ssh.allowedSignersFile",
    },
    { ...YES, summary: 'Of add, rotate, retire and revoke: do not ask' },
  ],
  conflicts: [['allowed-signers', 'json']],
  examples: [
    { command: 'git snapshot key add ben.asc --person ben --name "Ben Example"', summary: 'Let somebody in' },
    { command: 'git snapshot key rotate', summary: 'A new key for yourself' },
    { command: 'git snapshot key revoke 89ABCDEF --reason compromised --since 40', summary: 'A key was stolen' },
    { command: 'git snapshot key export | gpg --import', summary: 'Check tags with plain git' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
} as const satisfies CommandSpec;
