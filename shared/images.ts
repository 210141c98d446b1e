/** Images that users send: checked before a run is spent on them, prepared for models. The door to `images/`. */
export { type DataUrlImage, parseDataUrl } from './images/data-url.ts';
export type { ImageFacts } from './images/header.ts';
export { glanceAtImage, type ImageLimits, inspectImage } from './images/inspect.ts';
export { type ImagePart, modelPart, type PartLimits } from './images/model-part.ts';
export { type ImageRefusalCode, ImageRefused } from './images/refused.ts';
export type { ImageType } from './images/sniff.ts';
