/** Okabe and Ito's colours, which people with any kind of colour blindness tell apart; they hold on light and on dark. */
export const COLOURS = ['#0072b2', '#56b4e9', '#d55e00', '#e69f00', '#009e73', '#cc79a7', '#8a8a8a'] as const;

export const OUTCOME_COLOURS: Readonly<Record<string, string>> = {
  'CoTA-pos': '#0072b2',
  'CoT-pos': '#56b4e9',
  Direct: '#8a8a8a',
  'CoTA-neg': '#d55e00',
  'CoT-neg': '#e69f00',
};

/** Black or white, whichever is read more easily on the colour. */
export function inkOn(colour: string): string {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return luminance > 0.18 ? '#000' : '#fff';
}
