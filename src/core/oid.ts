declare const oidBrand: unique symbol;

/** The name of a git object: lower-case hexadecimal, 40 or 64 digits as the repository's hash has it. */
export type Oid = string & { readonly [oidBrand]: true };

/** How a repository names its objects. */
export interface ObjectFormat {
  readonly name: 'sha1' | 'sha256';
  readonly hexLength: 40 | 64;
  readonly rawLength: 20 | 32;
}

/** What most repositories have. */
export const SHA1: ObjectFormat = { name: 'sha1', hexLength: 40, rawLength: 20 };
/** What `git init --object-format=sha256` makes. */
export const SHA256: ObjectFormat = { name: 'sha256', hexLength: 64, rawLength: 32 };

// Not within the function: there it would be made anew for each of thousands of names.
const HEX = /^[0-9a-f]+$/;

/** Whether `text` can name an object of this format. */
export function isOid(text: string, format: ObjectFormat): text is Oid {
  return text.length === format.hexLength && HEX.test(text);
}

/** The object type of git. */
export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';
