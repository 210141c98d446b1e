/** Answers to questions about texts, receipts, tables and sums. */
import type { Derive } from '../contract.ts';

export const deriveText: Derive = ({ body }) => ({ unparsed: `no question about texts: ${body}` });
