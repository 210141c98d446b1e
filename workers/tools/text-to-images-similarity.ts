import { z } from 'zod';
import { imagesArgument, textArgument } from './arguments.ts';
import { clipEngine, compared, directionsOfImages, directionsOfTexts, likeness } from './similarities.ts';
import type { Tool } from './tool.ts';

const textArguments = z.object({
  text: textArgument('what to look for'),
  images: imagesArgument('names of the images to choose from'),
});

/** Which of several images a text describes best. TACO has this tool too, but each call of it ends in an error. */
export const getTextToImagesSimilarity: Tool<z.infer<typeof textArguments>> = {
  ...likeness,
  name: 'GetTextToImagesSimilarity',
  get engine() {
    return clipEngine();
  },
  description: 'Says how well a text describes each of several images.',
  arguments: textArguments,
  returns:
    'similarity: [one number for each of images; only their order counts, 0.3 is a good match]; ' +
    'best_image_index: place of the best one in images, from 0; best_image: its name',
  example: { text: 'a black cat', images: ['image-0', 'image-1'] },
  async run({ text, images }, context) {
    const [[one], others] = await Promise.all([
      directionsOfTexts([text], context),
      directionsOfImages(images, context),
    ]);
    return compared(one!, others, images, 'image');
  },
};
