import { z } from 'zod';
import { imageArgument, imagesArgument } from './arguments.ts';
import { clipEngine, compared, directionsOfImages, likeness } from './similarities.ts';
import type { Tool } from './tool.ts';

const imagesArguments = z.object({
  image: imageArgument('name of the image to compare'),
  other_images: imagesArgument('names of the images to compare it with'),
});

/** Which of several images is most like one. */
export const getImageToImagesSimilarity: Tool<z.infer<typeof imagesArguments>> = {
  ...likeness,
  name: 'GetImageToImagesSimilarity',
  get engine() {
    return clipEngine();
  },
  description: 'Says how alike one image is to each of several other images.',
  arguments: imagesArguments,
  returns:
    'similarity: [one number for each of other_images, at most 1 = the same]; ' +
    'best_image_index: place of the most similar one in other_images, from 0; best_image: its name',
  example: { image: 'image-0', other_images: ['image-1', 'image-2'] },
  async run({ image, other_images }, context) {
    const [one, ...others] = await directionsOfImages([image, ...other_images], context);
    return compared(one!, others, other_images, 'image');
  },
};
