/**
 * Sanctum and Overwatch must say the same of the same snapshot: every figure, every word, every severity. Both are really
 * drawn: the terminal's frame, and the page's HTML.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SanctumSnapshot } from '../../src/contract/index.ts';
