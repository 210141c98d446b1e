/** How large drawn things are beside each other. */

export interface Shape {
  /** Width by height. */
  readonly aspect: number;
  /** Height against that of a chair, as toys have it: no thing is too small to be seen. */
  readonly size: number;
  /** May be anywhere above the ground. */
  readonly flies?: true;
}

export const SHAPES: Readonly<Record<string, Shape>> = {
  ball: { aspect: 1, size: 0.62 },
  box: { aspect: 1.15, size: 0.66 },
  cup: { aspect: 1.2, size: 0.6 },
  tree: { aspect: 0.72, size: 1.4 },
  house: { aspect: 1.05, size: 1.35 },
  car: { aspect: 2, size: 0.66 },
  fish: { aspect: 1.7, size: 0.52 },
  star: { aspect: 1.05, size: 0.66 },
  bottle: { aspect: 0.36, size: 0.95 },
  chair: { aspect: 0.62, size: 1 },
  lamp: { aspect: 0.62, size: 1.05 },
  table: { aspect: 1.5, size: 0.75 },
  book: { aspect: 0.8, size: 0.66 },
  clock: { aspect: 1, size: 0.66 },
  umbrella: { aspect: 1.15, size: 0.9 },
  kite: { aspect: 0.75, size: 0.9, flies: true },
  boat: { aspect: 1.25, size: 0.85 },
  flower: { aspect: 0.6, size: 0.85 },
  hat: { aspect: 1.6, size: 0.5 },
  balloon: { aspect: 0.6, size: 0.95, flies: true },
  apple: { aspect: 0.92, size: 0.56 },
  candle: { aspect: 0.32, size: 0.85 },
  bucket: { aspect: 0.95, size: 0.68 },
  butterfly: { aspect: 1.3, size: 0.56, flies: true },
  envelope: { aspect: 1.5, size: 0.5 },
  pencil: { aspect: 0.2, size: 0.95 },
  ladder: { aspect: 0.42, size: 1.25 },
  leaf: { aspect: 0.62, size: 0.7 },
  flag: { aspect: 0.9, size: 1.1 },
  shirt: { aspect: 1.1, size: 0.75 },
  mushroom: { aspect: 0.95, size: 0.66 },
  key: { aspect: 0.42, size: 0.8 },
  heart: { aspect: 1.08, size: 0.6 },
  teapot: { aspect: 1.4, size: 0.62 },
  rocket: { aspect: 0.5, size: 1.2 },
  bird: { aspect: 1.3, size: 0.56, flies: true },
  drum: { aspect: 1.1, size: 0.62 },
  bell: { aspect: 0.9, size: 0.66 },
};
