import { SshVerifier as PortableVerifier } from '../../core/ssh/verify-ssh.ts';
import { nodeArithmetic } from '../openpgp/node-arithmetic.ts';

/** Checks SSH signatures with the arithmetic of node:crypto. */
export class SshVerifier extends PortableVerifier {
  constructor() {
    super(nodeArithmetic);
  }
}
