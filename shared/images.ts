/** Images that users send: checked before a run is spent on them, prepared for models. The door to `images/`. */
export { parseDataUrl } from './images/data-url.ts';
export { glanceAtImage, type ImageLimits, inspectImage } from './images/inspect.ts';
export { modelPart } from './images/model-part.ts';
