/** How sharp is set up, in each process that uses it: import this for its effect. */
import sharp from 'sharp';

// One thread per picture: workers stand side by side and each works on several pictures, so threads within one picture
// only get in each other's way. No cache of operations: it pays when the same file is opened again, and here it would
// hold the last users' pictures.
sharp.concurrency(1);
sharp.cache(false);
