/** What a plan has to find out, in terms of images and words alone: it never sees the scene. */
import type { Side } from '../words/single.ts';

interface Of<Kind extends string> {
  readonly kind: Kind;
}
interface InImage {
  readonly image: string;
}
interface InImages {
  readonly images: readonly string[];
}

export type Plan =
  | (Of<'count'> & InImage & { readonly label: string; readonly beside: readonly string[] })
  | (Of<'exists'> & InImage & { readonly label: string; readonly beside: readonly string[] })
  | (Of<'present'> & InImage & { readonly labels: readonly string[] })
  | (Of<'frequent'> & InImage & { readonly labels: readonly string[]; readonly most: boolean })
  | (Of<'extreme'> & InImage & { readonly labels: readonly string[]; readonly side: Side })
  | (Of<'depth'> & InImage & { readonly labels: readonly string[]; readonly near: boolean; readonly anchor?: string })
  | (Of<'colour'> & InImage & { readonly label: string; readonly colours: readonly string[] })
  | (Of<'colour-count'> &
      InImages & { readonly label: string; readonly colour: string; readonly colours: readonly string[] })
  | (Of<'relation'> & InImage & { readonly label: string; readonly anchor: string })
  | (Of<'predicate'> &
      InImage & { readonly label: string; readonly anchor: string; readonly predicates: readonly string[] })
  | (Of<'head'> & InImage & { readonly labels: readonly string[]; readonly anchor: string; readonly side: Side })
  | (Of<'which-has'> & InImages & { readonly label: string })
  | (Of<'which-has-colour'> & InImages & { readonly label: string; readonly colour: string })
  | (Of<'which-side'> & InImages & { readonly label: string; readonly anchor: string; readonly side: Side })
  | (Of<'which-many'> & InImages & { readonly label: string; readonly most: boolean })
  | (Of<'total'> & InImages & { readonly label: string })
  | (Of<'same-colour'> &
      InImages & { readonly label: string; readonly colours: readonly string[]; readonly named: boolean })
  | (Of<'both-sides'> & InImages & { readonly label: string; readonly anchor: string; readonly side: Side })
  | (Of<'more-in'> & InImages & { readonly label: string; readonly by: boolean });

export type PlanOf<Kind extends Plan['kind']> = Extract<Plan, { kind: Kind }>;

export interface Found {
  /** As a short answer says it, or UNKNOWN. */
  readonly answer: string;
  /** What was seen that says so, in whole sentences. */
  readonly seen: string;
}
