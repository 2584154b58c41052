/** Errors of tensors: their shapes, types, places and values. Only an error’s own text counts. */
import { worded } from './known-error.ts';

const PRINT_SHAPES =
  'Print the shapes right before that line, and follow the one that is not as it was meant back to where it was made.';

const shapes = worded(
  {
    says: 'Not about memory: the shapes or sizes of tensors, arrays or data do not fit each other.',
    next: [PRINT_SHAPES],
  },
  'shapes cannot be multiplied',
  'must match the size of tensor',
  'must match the existing size',
  'stack expects each tensor to be equal size',
  'sizes of tensors must match',
  'is invalid for input of size',
  ['should contain', 'elements not'],
  ['expected', 'to have', 'channels'],
  'be broadcast',
  'inhomogeneous shape',
  'size mismatch',
  'shape mismatch',
  'mismatched shape',
  'expected input batch_size',
  'expected target size',
  'using a target size',
  'incompatible shapes',
  'is not compatible with the shape',
  "doesn't match the broadcast shape",
  'dimension out of range',
  'dimension specified as',
  'all input arrays must have the same shape',
  'all the input array dimensions',
  'number of dimensions',
  'excessive nesting',
  'observation shape',
  'setting an array element with a sequence',
  'trying to resize storage that is not resizable',
  "kernel size can't be greater",
  ['calculated output size', 'too small'],
  'inconsistent numbers of samples',
  'the following shape',
  'multi-target not supported',
  ['input to conv', 'but got input of size'],
  ['shapes (', 'are incompatible'],
  'is incompatible with the layer',
);

const single = [
  ...worded(
    {
      says: 'Not about memory: batch normalisation in training needs more than one value of each channel, and got one: mostly a last batch of a single example.',
      next: ['DataLoader(…, drop_last=True), a larger batch, or model.eval() where it does not train.'],
    },
    'expected more than 1 value per channel',
  ),
  ...worded(
    {
      says: 'Not about memory: a tensor of one number was used as a list of them, or one of many numbers as a single one.',
      next: [
        'Print its shape right before that line. For a condition take .any(), .all() or .item(); for a loop over one number .unsqueeze(0) or .reshape(1).',
      ],
    },
    'iteration over a 0-d tensor',
    'len() of a 0-d tensor',
    'boolean value of tensor with more than one value',
    'truth value of an array with more than one element',
    ['only one element tensors can be converted'],
    ['a tensor with', 'elements cannot be converted to scalar'],
  ),
  ...worded(
    {
      says: 'Not about memory: a tensor’s numbers do not lie behind each other, as .view() needs them: it was transposed or cut before.',
      next: ['Take .reshape(), or .contiguous() before .view().'],
    },
    'view size is not compatible with input tensor',
  ),
  ...worded(
    {
      says: 'Not about memory: a tensor is to become a numpy array that still lies on the GPU, or that gradients flow through.',
      next: ['Take tensor.detach().cpu().numpy(); of a single number .item().'],
    },
    ["can't convert cuda", 'to numpy'],
    ['device type tensor to numpy'],
    "can't call numpy() on tensor that requires grad",
  ),
];

/** Types of PyTorch before 2 name the device: `torch.cuda.FloatTensor`, `torch.FloatTensor`. */
const mixed = worded(
  {
    says: 'Not about memory: tensors on different devices meet in one operation: torch.cuda.… is the GPU’s, the other one the host’s.',
    next: ['Move both to one device before that line: x.to(model.device), model.to(device).'],
  },
  ...['float', 'half', 'bfloat16', 'double'].flatMap(type => [
    [`(torch.cuda.${type}tensor)`, `(torch.${type}tensor) should be the same`],
    [`(torch.${type}tensor)`, `(torch.cuda.${type}tensor) should be the same`],
  ]),
);

const types = worded(
  {
    says: 'Not about memory: tensors of different or unsupported types (dtypes) meet in one operation.',
    next: [
      'Cast one of them (x.to(y.dtype)), or run the part under autocast; where the type has no kernel on the device, take another (float32, or float16 for bfloat16).',
    ],
  },
  'expected scalar type',
  'have the same dtype',
  ['expected', 'dtype', 'but'],
  'found dtype',
  "not implemented for '",
  'not implemented for "',
  ['input type', 'should be the same'],
  'unsupported scalartype',
  ["can't convert", 'typed tensor'],
  "can't be cast to the desired",
  'unsupported dtype',
  'uniform dtype',
  'integer dtype tensors',
);

const places = worded(
  {
    says: 'Not about memory: tensors on different devices meet in one operation.',
    next: ['Move the inputs to the device of the weights (x.to(model.device)) before that line.'],
  },
  'expected all tensors to be on the same device',
  ['tensor', 'to be on', 'device'],
  'indices should be either on cpu',
);

const values = [
  ...worded(
    {
      says: 'Not about memory: values are no numbers any more (NaN or infinite): the training diverged, or its input has such values.',
      next: [
        'Look at the batch before it and at the loss; lower the learning rate, clip gradients, use bfloat16 instead of float16.',
      ],
    },
    'either `inf`, `nan`',
    'either inf, nan',
    'contains nan',
    'containing nan',
    'input contains infinity',
    'loss scale already at minimum',
    'minimum loss scale reached',
    'loss is probably exploding',
    ['to satisfy the constraint', 'nan'],
    ['returned', 'nan'],
    'loss is inf',
    'loss is nan, stopping',
    'loss became infinite or nan',
    'expects all elements of std >= 0',
  ),
  ...worded(
    {
      says: 'Not about memory: a matrix is not one that this factorisation takes: not positive-definite, or singular; often since its values are NaN, or nearly dependent on each other.',
      next: ['Look for NaN in it; add a small number to its diagonal, or take float64.'],
    },
    'not positive-definite',
    'is singular',
    'did not converge because the input matrix',
  ),
  ...worded(
    {
      says: 'Not about memory: an index points beyond an embedding: a token beyond the vocabulary, or a position beyond the longest length.',
      next: [
        'Compare the largest index of the batch with the embedding’s size (resize_token_embeddings after tokens were added); cut texts to the model’s length.',
      ],
    },
    'index out of range in self',
  ),
  ...worded(
    {
      says: 'Not about memory: a label or index is out of range.',
      next: [
        'Look at the smallest and the largest one: they run from 0 to the number of classes, or rows, less one.',
      ],
    },
    'is out of bounds',
    'list index out of range',
  ),
];

export const tensors = [...single, ...shapes, ...mixed, ...types, ...places, ...values];
