import type { PeerResult } from './results.js';
export function measurePeers(_rounds: number, _seconds: number, _rows: readonly string[]): Promise<PeerResult[]> {
  throw new Error('soon');
}
