import { describe, test } from 'vitest';
import { expectRefusal, image, type Refusal, text, user } from '../../test/sample-request.ts';

const refusals: readonly Refusal[] = [
  ['no input', {}, 'missing_required_parameter', 'input', /Missing/],
  ['empty question', { input: ' ' }, 'missing_required_parameter', 'input', /no question/],
  ['image only', { input: [user(image('https://a.example'))] }, 'missing_required_parameter', 'input', /no question/],
  ['number as input', { input: 3 }, 'invalid_type', 'input', /a number, expected a string or an array/],
  ['string too long', { input: 'x'.repeat(100_000) }, 'string_above_max_length', 'input', /32,768.*100,000/],
  ['parts too long', { input: [user(text('x'.repeat(100_000)))] }, 'string_above_max_length', 'input', /32,768/],
  [
    'system too long',
    { input: [{ role: 'system', content: 'x'.repeat(40_000) }, user(text('Q'))] },
    'string_above_max_length',
    'input',
    /system/,
  ],
  [
    'assistant turn',
    { input: [{ role: 'assistant', content: 'A' }] },
    'invalid_value',
    'input[0].role',
    /one question/,
  ],
  ['unknown role', { input: [{ role: 'tool', content: 'A' }] }, 'invalid_value', 'input[0].role', /"user"/],
  ['no role', { input: [{ content: 'A' }] }, 'missing_required_parameter', 'input[0].role', /"user"/],
  [
    'function output',
    { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] },
    'invalid_value',
    'input[0].type',
    /function_call_output.*messages only/,
  ],
  [
    'unknown part',
    { input: [user({ type: 'input_file', file_id: 'f' })] },
    'invalid_value',
    'input[0].content[0].type',
    /input_file.*input_text/,
  ],
  [
    'part without type',
    { input: [user({ text: 'x' })] },
    'missing_required_parameter',
    'input[0].content[0].type',
    /has a type/,
  ],
  [
    'part without text',
    { input: [user({ type: 'input_text' })] },
    'missing_required_parameter',
    'input[0].content[0].text',
    /Missing/,
  ],
  [
    'unknown key in a part',
    { input: [user({ ...text('x'), alt: 'y' })] },
    'unknown_parameter',
    'input[0].content[0].alt',
    /alt/,
  ],
  [
    'chat style image',
    { input: [user({ type: 'input_image', image_url: { url: 'https://a.example' } })] },
    'invalid_type',
    'input[0].content[0].image_url',
    /not an object/,
  ],
  [
    'file id and url',
    { input: [user({ ...image('https://a.example'), file_id: 'file-1' }, text('Q'))] },
    'invalid_value',
    'input[0].content[0].file_id',
    /one of them/,
  ],
  [
    'image without url',
    { input: [user({ type: 'input_image' }, text('Q'))] },
    'missing_required_parameter',
    'input[0].content[0].image_url',
    /Missing/,
  ],
  [
    'low detail',
    { input: [user({ ...image('https://a.example'), detail: 'low' })] },
    'invalid_value',
    'input[0].content[0].detail',
    /pixel limit/,
  ],
  [
    'system image',
    { input: [{ role: 'system', content: [image('https://a.example')] }, user(text('Q'))] },
    'invalid_value',
    'input[0].content[0].image_url',
    /user messages/,
  ],
  [
    'too many images',
    { input: [user(text('Q'), ...Array.from({ length: 4 }, () => image('https://a.example')))] },
    'invalid_value',
    'input',
    /at most 3 images; there are 4/,
  ],
];

describe('what is wrong with the input is named, with where it stands', () => {
  test.each(refusals)('%s', (...refusal) => expectRefusal(refusal));
});
