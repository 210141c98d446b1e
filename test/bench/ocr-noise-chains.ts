export async function madeChains(_n: number): Promise<void> {}
