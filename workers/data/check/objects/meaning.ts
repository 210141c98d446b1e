/** What a question about objects asks, once it is understood. */

export type Side = 'left' | 'right' | 'above' | 'below' | 'inside';

/** A kind of thing as the question names it; a colour or the like may stand before the noun, or come apart from it. */
export interface Thing {
  readonly name: string;
  readonly quality?: string;
}

/** Candidates that the question lists; absent where they are the options. */
type Candidates = { readonly among?: readonly string[] };

/** Input images by number. */
type InImages = { readonly images: readonly number[] };

export type Meaning =
  /** Summed over the images. */
  | ({ readonly asks: 'count'; readonly thing: Thing } & InImages)
  | ({ readonly asks: 'exists'; readonly thing: Thing } & InImages)
  | ({ readonly asks: 'which-is-there' } & Candidates)
  | ({ readonly asks: 'frequency'; readonly most: boolean } & Candidates)
  | ({ readonly asks: 'furthest'; readonly to: 'left' | 'right' | 'top' | 'bottom' } & Candidates)
  | ({ readonly asks: 'depth'; readonly near: boolean } & Candidates)
  | ({ readonly asks: 'depth-to-anchor'; readonly near: boolean; readonly anchor: string } & Candidates)
  | ({ readonly asks: 'quality'; readonly thing: string; readonly among?: readonly string[] } & InImages)
  | { readonly asks: 'relation'; readonly thing: string; readonly anchor: string }
  /** Yes or no. */
  | { readonly asks: 'holds'; readonly thing: string; readonly side: Side; readonly anchor: string }
  /** By likeness to the options. */
  | { readonly asks: 'predicate'; readonly thing: string; readonly anchor: string }
  | ({ readonly asks: 'head'; readonly side: Side; readonly anchor: string } & Candidates)
  | ({ readonly asks: 'select'; readonly thing: Thing } & InImages)
  | ({
      readonly asks: 'select-relation';
      readonly thing: string;
      readonly side: Side;
      readonly anchor: string;
    } & InImages)
  | ({ readonly asks: 'select-number'; readonly most: boolean; readonly thing: Thing } & InImages)
  | { readonly asks: 'same-quality'; readonly thing: string; readonly first: number; readonly second: number }
  | { readonly asks: 'two-qualities'; readonly thing: string; readonly first: number; readonly second: number }
  | {
      readonly asks: 'compare-relation';
      readonly thing: string;
      readonly side: Side;
      readonly anchor: string;
      readonly first: number;
      readonly second: number;
    }
  | { readonly asks: 'more-where'; readonly thing: Thing; readonly first: number; readonly second: number }
  | { readonly asks: 'how-many-more'; readonly thing: Thing; readonly first: number; readonly second: number };
