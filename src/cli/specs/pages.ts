/** Options of commands that show changes as a page. */
export const PAGE_OPTIONS = [
  { name: 'markdown', type: 'flag', summary: 'Print Markdown, to be posted on a pull request' },
  {
    name: 'max-bytes',
    type: 'integer',
    value: 'N',
    summary: 'Print at most N bytes of Markdown (default: 60000)',
  },
  {
    name: 'html',
    type: 'text',
    value: 'FILE',
    completes: 'file',
    summary: "Write one page with side-by-side diffs and images, for a browser; '-' is standard output",
  },
  {
    name: 'private',
    type: 'flag',
    summary: 'Show what is in files that only their owner may read (mode 600), too',
  },
] as const;
