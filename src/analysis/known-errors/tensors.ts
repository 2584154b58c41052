/** Errors of tensors: their shapes, types, places, gradients and values. Only an error’s own text counts. */
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
  'expected more than 1 value per channel',
  'inconsistent numbers of samples',
  'the following shape',
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
  'tensors must be cuda and dense',
  'no backend type associated with device type cpu',
);

const gradients = [
  ...worded(
    {
      says: 'Not about memory: the loss depends on no parameter that is trained.',
      next: [
        'Look whether parameters are frozen, whether the loss was detached or made under no_grad; with gradient checkpointing call model.enable_input_require_grads(), or use use_reentrant=False.',
      ],
    },
    'does not require grad',
  ),
  ...worded(
    {
      says: 'Not about memory: the graph of a backward pass was used twice.',
      next: [
        'Detach what is kept from step to step (hidden states, losses), or pass retain_graph=True where two losses share it.',
      ],
    },
    'backward through the graph a second time',
  ),
  ...worded(
    {
      says: 'Not about memory: a tensor that the backward pass needs was changed in place.',
      next: [
        'torch.autograd.set_detect_anomaly(True) names the operation; replace x += y by x = x + y there.',
      ],
    },
    'modified by an inplace operation',
    'a leaf variable that requires grad',
  ),
  ...worded(
    {
      says: 'Not about memory: a parameter took part twice in a backward pass, which DistributedDataParallel or ZeRO counts once.',
      next: [
        'Use gradient checkpointing with use_reentrant=False, or find the parameters that forward passes share.',
      ],
    },
    'mark a variable ready only once',
    'has already been reduced',
  ),
  ...worded(
    {
      says: 'Not about memory: some parameters took no part in the loss, which DistributedDataParallel waits for.',
      next: ['Pass find_unused_parameters=True, or freeze them.'],
    },
    'expected to have finished reduction',
  ),
  ...worded(
    {
      says: 'Not about memory: the gradient scaler met gradients of float16, or none, or was used twice in one step.',
      next: [
        'Keep the trained parameters in float32 and use autocast; call unscale_ and step once for each update.',
      ],
    },
    'attempting to unscale fp16',
    'unscale_() has already been called',
    'no inf checks were recorded',
  ),
];

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
    ['to satisfy the constraint', 'nan'],
    ['returned', 'nan'],
    'loss is nan',
    'loss is inf',
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

export const tensors = [...shapes, ...types, ...places, ...gradients, ...values];
