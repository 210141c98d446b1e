import { z } from 'zod';
import { imageArgument, textsArgument } from './arguments.ts';
import { clipEngine, compared, directionsOfImages, directionsOfTexts, likeness } from './similarities.ts';
import type { Tool } from './tool.ts';

const textsArguments = z.object({
  image: imageArgument('name of the image'),
  texts: textsArgument('texts that may describe it'),
});

/** Which of several texts describes an image best. */
export const getImageToTextsSimilarity: Tool<z.infer<typeof textsArguments>> = {
  ...likeness,
  name: 'GetImageToTextsSimilarity',
  get engine() {
    return clipEngine();
  },
  description: 'Says how well each of several texts describes an image.',
  arguments: textsArguments,
  returns:
    'similarity: [one number for each of texts; only their order counts, 0.3 is a good match]; ' +
    'best_text_index: place of the best one in texts, from 0; best_text: that text',
  example: { image: 'image-0', texts: ['a cat', 'a dog'] },
  async run({ image, texts }, context) {
    const [[one], others] = await Promise.all([
      directionsOfImages([image], context),
      directionsOfTexts(texts, context),
    ]);
    return compared(one!, others, texts, 'text');
  },
};
