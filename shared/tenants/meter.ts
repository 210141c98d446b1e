/** How much a tenant keeps in the store, for its quota. */
export interface StorageMeter {
  /** @throws CotaError `insufficient_quota` when `more` bytes would be above the tenant's quota */
  assertRoom(tenant: string, more: number): Promise<void>;
  /** Bytes that were kept, or with a minus sign, let go. */
  add(tenant: string, bytes: number): Promise<void>;
}
